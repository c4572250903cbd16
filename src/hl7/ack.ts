import { type AckCode, type ErrorCode, errorEntry } from '../errors.ts';
import { verdictSegments } from './ack-error.ts';
import { type AckStamp, ackBytes, ackHeader, ackText, rawField, timestamp } from './ack-header.ts';
import { answerTypeOf, masterFileSegments } from './ack-master-file.ts';
import { encodeAs } from './charset.ts';
import { encodingCharacters, escapeText, standardDelimiters } from './escape.ts';
import type { Message } from './message.ts';
import { parsePath } from './path.ts';

export type { AckStamp } from './ack-header.ts';

/** HL7 table 0008. */
export type AcknowledgmentCode = AckCode | 'CA' | 'CE' | 'CR';

/** Why a message is not taken. */
export interface Refusal {
  readonly code: ErrorCode;
  /** The path at fault, `MSH-9`, for ERR-2. */
  readonly location?: string | undefined;
  /** What in particular, an ERR segment each; without any the code says it. */
  readonly conditions?: readonly AckCondition[] | undefined;
}

/** One fault of a message. */
export interface AckCondition {
  /** The path at fault, for ERR-2. */
  readonly location: string;
  /** HL7 table 0357, for ERR-3. */
  readonly condition: string;
  /** The sentence for a person, for ERR-8. */
  readonly text: string;
}

export interface Ack {
  readonly code: AcknowledgmentCode;
  readonly bytes: Uint8Array;
}

/** What an answer may need beside the message. */
export interface AckNotes {
  /** The message as it was received: what of its header could not be decoded is echoed byte for byte. */
  readonly received?: Uint8Array;
  /** MSA-4, the expected sequence number (HL7 2.9, 2.10.1). */
  readonly expected?: number | null;
}

/**
 * The ACK of a message that was stored (`refusal` null) or is refused, or null where none is owed (HL7 2.9, 2.9): to an ACK, to a response in
 * original mode, and where MSH-15 does not ask for one.
 *
 * Original mode, neither MSH-15 nor MSH-16 valued: AA, AE, AR. Enhanced mode: CA, CE, CR as MSH-15 asks (table 0155). Of a sender that values
 * MSH-16 alone the standard does not say whether it waits; it is answered, since one that waits in vain sends again and again.
 */
export function buildAck(message: Message, refusal: Refusal | null, stamp: AckStamp, notes: AckNotes = {}): Ack | null {
  const code = owedCode(message, codeOf(refusal));
  if (code === null) return null;
  const verdict = { code, controlId: rawField(message, 10), refusal, expected: notes.expected ?? null };
  const segments = [ackHeader(message, stamp, ['', '']), ...verdictSegments(verdict, message.version, message.delimiters)];
  return { code, bytes: ackBytes(message, segments, notes.received) };
}

/** The best AR there can be for bytes that are no message: nothing is known of who sent them. */
export function buildRefusal(refusal: Refusal, stamp: AckStamp): Ack {
  const d = standardDelimiters;
  const nobody = ['', '', '', ''];
  const msh = [
    'MSH',
    encodingCharacters(d),
    ...nobody,
    timestamp(stamp.time),
    '',
    'ACK',
    escapeText(stamp.controlId, d),
    'P',
    '2.5.1',
  ];
  const code = errorEntry(refusal.code).ack ?? 'AR';
  const verdict = { code, controlId: '', refusal, expected: null };
  return { code, bytes: encodeAs(ackText([msh, ...verdictSegments(verdict, '2.5.1', d)], d), 'utf-8') };
}

/** When a sender wants to hear what became of its message: always, in case of an error, in case of success (table 0155). */
export type ApplicationWish = 'AL' | 'ER' | 'SU';

/**
 * The application ACK that a message asks for by MSH-16 (HL7 2.9, 2.9.3.2), or null where it asks for none. Never for an ACK, nor for a
 * response, which MSA tells. A code that table 0155 does not have counts as AL: a sender that waits in vain sends again.
 */
export function applicationWish(message: Message): ApplicationWish | null {
  const wish = message.applicationAcknowledgment;
  if (wish === '' || wish === 'NE' || isAcknowledgment(message) || message.get(msa1) !== null) return null;
  return wish === 'ER' || wish === 'SU' ? wish : 'AL';
}

/** Whether an ACK of this code is wanted. */
export function isWished(wish: ApplicationWish, code: AckCode): boolean {
  return wish === 'AL' || (wish === 'SU') === (code === 'AA');
}

/** Original mode (HL7 2.9, 2.9.2): the message values neither MSH-15 nor MSH-16, and an answer is owed to it. */
export function isOriginalMode(message: Message): boolean {
  return message.acceptAcknowledgment === '' && message.applicationAcknowledgment === '' && owedCode(message, 'AA') !== null;
}

/**
 * The application ACK of a message: what became of it (`fault` null: AA; `code` where it is not that of the fault), and of each record of a master file. An exchange of its own, with a header and a control id of its own; in
 * enhanced mode it says by its MSH-15 whether it wants an accept ACK itself (`confirm`), and wants no application ACK.
 */
export function buildApplicationAck(
  message: Message,
  fault: Refusal | null,
  stamp: AckStamp,
  {
    received,
    confirm,
    code = codeOf(fault),
  }: { readonly received?: Uint8Array; readonly confirm: boolean; readonly code?: AckCode },
): Ack {
  const asks: [string, string] = isOriginalMode(message) ? ['', ''] : [confirm ? 'AL' : 'NE', 'NE'];
  const verdict = { code, controlId: rawField(message, 10), refusal: fault, expected: null };
  const segments = [
    ackHeader(message, stamp, asks, answerTypeOf(message)),
    ...verdictSegments(verdict, message.version, message.delimiters),
    ...masterFileSegments(message, code, stamp.time),
  ];
  return { code, bytes: ackBytes(message, segments, received) };
}

/** MSA-1 in original mode: that of the error, AE where it has none of its own. */
export function codeOf(refusal: Refusal | null): AckCode {
  return refusal === null ? 'AA' : (errorEntry(refusal.code).ack ?? 'AE');
}

/** What an ACK says, for whoever sent the message. */
export interface Answer {
  /** MSA-1 as sent, `AA`. */
  readonly code: string;
  /** Whether the message was taken: AA or CA. */
  readonly positive: boolean;
  /** MSA-2: the control id of the message that is answered. */
  readonly controlId: string;
  /** The sentence for a person: ERR-8, ERR-7, the text of ERR-3, or MSA-3. Empty where the ACK has none. */
  readonly text: string;
}

/** Reads an ACK; null where the message has no MSA. */
export function readAck(message: Message): Answer | null {
  if (!message.segments.some((segment) => segment.name === 'MSA')) return null;
  const code = message.get('MSA-1') ?? '';
  const text = ['ERR-8', 'ERR-7', 'ERR-3.2', 'MSA-3'].map((path) => message.get(path)).find((value) => value !== null) ?? '';
  return { code, positive: code === 'AA' || code === 'CA', controlId: message.get('MSA-2') ?? '', text };
}

/** An ACK, or the delayed acknowledgment of versions before 2.4. */
export function isAcknowledgment(message: Pick<Message, 'type'>): boolean {
  return message.type === 'ACK' || message.type === 'MCF';
}

const msa1 = parsePath('MSA-1');
const enhanced: Readonly<Record<AckCode, AcknowledgmentCode>> = { AA: 'CA', AE: 'CE', AR: 'CR' };

/** MSA-1 of the ACK that a message is owed, in the mode that it asks for; null where it is owed none (HL7 2.9, 2.9.2 and 2.9.3). */
export function owedCode(message: Message, code: AckCode): AcknowledgmentCode | null {
  if (isAcknowledgment(message)) return null;
  const accept = message.acceptAcknowledgment;
  if (accept === '' && message.applicationAcknowledgment === '') return message.get(msa1) === null ? code : null;
  if (accept === 'NE' || (accept === 'ER' && code === 'AA') || (accept === 'SU' && code !== 'AA')) return null;
  return enhanced[code];
}
