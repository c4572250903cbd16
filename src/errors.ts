/**
 * Every error that Weir reports, in one table: what the sender is told, whether trying again can help, and a sentence for a
 * person. Sentences are in one form: what happened (where, why); what to do next. They never carry message content.
 */

/** HL7 table 0008 (original mode). The accept ACK of enhanced mode is derived: AA -> CA, AE -> CE, AR -> CR. */
export type AckCode = 'AA' | 'AE' | 'AR';

export interface ErrorEntry {
  /** What the sender is answered where this arises on the way in; null where no sender is waiting. */
  readonly ack: AckCode | null;
  /** HL7 table 0357, for ERR-3, where the sender is answered. */
  readonly condition?: string;
  /** Whether the same attempt, made later, may succeed. */
  readonly retried: boolean;
  readonly text: string;
}

const table = {
  // hl7: the message itself
  'hl7-not-a-message': {
    ack: 'AR',
    condition: '100',
    retried: false,
    text: 'The bytes do not begin with an MSH, FHS or BHS segment; check what the sender frames',
  },
  'hl7-bad-path': { ack: null, retried: false, text: 'This is not a path into a message; write it like PID-3[2].4.2' },
  'hl7-edit-place': {
    ack: null,
    retried: false,
    text: 'This place of a message cannot be written; name one that the message has or can be given',
  },
  'hl7-edit-text': {
    ack: null,
    retried: false,
    text: 'The text cannot stand at this place as it is (it holds a line end or a delimiter of a level above); write it as a value, which is escaped',
  },
  'hl7-edit-escape': {
    ack: null,
    retried: false,
    text: 'The value holds a delimiter and the message has no escape character (MSH-2) to write it with; give the message one',
  },
  'hl7-edit-broken': {
    ack: null,
    retried: false,
    text: 'The edit would change what stands beside it (it would complete a character that was cut in two, or make a segment of a line that is none); correct that place first',
  },
  'hl7-charset-lacks': {
    ack: null,
    retried: false,
    text: 'The character set of the message has no code for a character of the value; write the message in UNICODE UTF-8',
  },
  'hl7-charset-unknown': {
    ack: null,
    retried: false,
    text: 'The character set is none that Weir can write; choose another of HL7 table 0211',
  },
  // listen: what the channel takes
  'listen-sender': {
    ack: 'AR',
    condition: '207',
    retried: false,
    text: "The channel does not take messages of this sender (MSH-3^MSH-4); add it to the channel's listen.from if it should",
  },
  'listen-type': {
    ack: 'AR',
    condition: '200',
    retried: false,
    text: "The channel does not take this message type (MSH-9); add it to the channel's listen.types if it should",
  },
  'listen-processing': {
    ack: 'AR',
    condition: '202',
    retried: false,
    text: "The channel does not take messages of this processing id (MSH-11); add it to the channel's listen.processing if it should",
  },
  'listen-version': {
    ack: 'AR',
    condition: '203',
    retried: false,
    text: "The channel does not take messages of this version (MSH-12); add it to the channel's listen.versions if it should",
  },
  'listen-conflict': {
    ack: 'AR',
    condition: '205',
    retried: false,
    text: 'Another message has this control id (MSH-10) and other content; see that the sender gives each message an id of its own',
  },
  'listen-sequence': {
    ack: 'AE',
    condition: '207',
    retried: true,
    text: 'The sequence number (MSH-13) is not the one that is expected (MSA-4); send that message, or start the link again with 0',
  },
  'listen-sequence-number': {
    ack: 'AR',
    condition: '102',
    retried: false,
    text: 'The sequence number (MSH-13) is none: it is a whole number from -1 on; correct it at the sender',
  },
  'listen-batch': {
    ack: null,
    retried: false,
    text: 'The headers or counts of a batch are not right, and its messages were taken one by one; see whether the sender lost some on the way',
  },
  'conform-rejected': {
    ack: 'AE',
    condition: '199',
    retried: false,
    text: 'The message is not what the standard, or the profile of the channel, has; correct it at the sender and send it again',
  },
  'conform-header': {
    ack: 'AR',
    condition: '200',
    retried: false,
    text: 'The type, processing id or version of the message (MSH-9, MSH-11, MSH-12) is none of the standard; correct it at the sender and send it again',
  },
  'conform-parked': {
    ack: null,
    retried: false,
    text: 'The message is not what the standard, or the profile of the channel, has, and the channel parks such messages; correct it at the sender or the profile, then replay',
  },
  'listen-not-stored': { ack: 'AE', condition: '207', retried: true, text: 'The message could not be stored; send it again' },
  'listen-certificate': {
    ack: 'AR',
    condition: '207',
    retried: false,
    text: "The sender's certificate may not send as this sender (MSH-3^MSH-4); add it to the channel's listen.tls.senders if it should",
  },
  'listen-port-taken': { ack: null, retried: false, text: 'The port is in use; free it, or choose another' },
  // route and map
  'route-none': { ack: null, retried: false, text: 'No route of the channel matches the message; add one, or filter it by name' },
  'route-unknown-mapping': {
    ack: null,
    retried: false,
    text: 'The route names a mapping that does not exist; correct the channel file',
  },
  'map-failed': {
    ack: null,
    retried: false,
    text: 'The mapping stopped with an error that is a fault of Weir; keep the message and report it',
  },
  'map-issue': {
    ack: null,
    retried: false,
    text: 'A value of the message could not be converted and the channel parks such messages; correct it at the source or the mapping, then replay',
  },
  'edit-unlisted': {
    ack: null,
    retried: false,
    text: 'A code has no row in the table by which an edit translates it, and the edit parks such messages; add it to the table, then replay',
  },
  'fhir-invalid': {
    ack: null,
    retried: false,
    text: 'The bundle is not valid FHIR R4 and was not sent; correct the mapping or the source, then replay',
  },
  // deliver
  'deliver-unreachable': { ack: null, retried: true, text: 'The destination could not be reached' },
  'deliver-timeout': { ack: null, retried: true, text: 'The destination did not answer in time' },
  'deliver-busy': { ack: null, retried: true, text: 'The destination asked to be tried again later' },
  'deliver-conflict': { ack: null, retried: true, text: 'The destination reported a conflict with a concurrent write' },
  'deliver-refused': {
    ack: null,
    retried: false,
    text: 'The destination refused what it was sent; read its answer, correct the cause, then replay',
  },
  'deliver-error': { ack: null, retried: true, text: 'The destination answered that it could not process the message' },
  'deliver-gave-up': {
    ack: null,
    retried: false,
    text: "The destination did not take the message within the channel's retry time; see that it is up, then replay",
  },
  'deliver-bad-answer': {
    ack: null,
    retried: false,
    text: 'The destination answered something that is no answer; check what listens at the address',
  },
  'deliver-other-kind': {
    ack: null,
    retried: false,
    text: 'The destination has become one of another kind since the message was mapped; replay the message',
  },
  // api: what a request is answered
  'api-bad-request': { ack: null, retried: false, text: 'The request is not one the API takes; see /api/docs' },
  'api-not-found': { ack: null, retried: false, text: 'There is nothing at this address; see /api/docs' },
  'api-no-message': {
    ack: null,
    retried: false,
    text: 'There is no message with this id; it may have passed the retention time',
  },
  'api-no-trouble': {
    ack: null,
    retried: false,
    text: 'There is no record with this id; only the newest of each channel are kept, and the others counted',
  },
  'api-waiting': {
    ack: null,
    retried: false,
    text: 'The message still waits to be delivered and cannot be replayed; park it first, or let it go on',
  },
  'api-not-waiting': {
    ack: null,
    retried: false,
    text: 'Only a waiting message can be parked, and this one does not wait; read its state again',
  },
  'api-no-merge': {
    ack: null,
    retried: false,
    text: 'Only a message that merged patients and was delivered can be taken back, and this one is none; see its bundle',
  },
  'api-unmerged': {
    ack: null,
    retried: false,
    text: 'What the message merged was taken back already; to do so again, replay the message that did it',
  },
  'api-foreign-page': {
    ack: null,
    retried: false,
    text: 'A page of another site tried to change something here and was refused; use the page of this engine',
  },
  'api-foreign-host': {
    ack: null,
    retried: false,
    text: 'The engine does not answer to this host name; use its IP address, or add the name to its allowed hosts',
  },
  'api-failed': {
    ack: null,
    retried: false,
    text: 'The request stopped with an error that is a fault of Weir; the log has its place, report it',
  },
  // operations
  'parked-by-hand': { ack: null, retried: false, text: 'An operator parked the message; replay it when it may go on' },
  'tls-files': {
    ack: null,
    retried: false,
    text: 'The certificate, key or authorities of a tls key cannot be used; correct the files, npx weir check tells what is wrong',
  },
  'config-bad': { ack: null, retried: false, text: 'The configuration has findings; nothing was changed' },
  'store-unavailable': {
    ack: null,
    retried: true,
    text: 'PostgreSQL could not be reached; see that it is up and DATABASE_URL is right',
  },
  'store-in-use': {
    ack: null,
    retried: false,
    text: 'The data folder is in use by another Weir; stop that one, or set WEIR_DATA to another folder',
  },
  'store-start': {
    ack: null,
    retried: false,
    text: 'The embedded PostgreSQL did not start; see the reason, or set DATABASE_URL to a PostgreSQL of yours',
  },
  'settings-bad': {
    ack: null,
    retried: false,
    text: 'The settings in the environment are not right; correct them and start again',
  },
  'store-no-binary': {
    ack: null,
    retried: false,
    text: 'There is no embedded PostgreSQL for this platform; set DATABASE_URL to a PostgreSQL of yours',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof table;

/** The table's row for a code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return table[code];
}

/** All codes, for the reference page. */
export const errorCodes = Object.keys(table) as ErrorCode[];

/** An error of the table. `detail` says where and what, never message content. */
export class WeirError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? table[code].text : `${table[code].text} (${detail})`, options);
    this.name = 'WeirError';
    this.code = code;
    this.detail = detail;
  }

  get retried(): boolean {
    return table[this.code].retried;
  }
}
