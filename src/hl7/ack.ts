import { type AckCode, type ErrorCode, errorEntry, WeirError } from '../errors.ts';
import { encodeAs } from './charset.ts';
import { escapeText, standardDelimiters } from './escape.ts';
import type { Message } from './message.ts';
import { parsePath } from './path.ts';
import type { Delimiters } from './types.ts';

/** HL7 table 0008. */
export type AcknowledgmentCode = AckCode | 'CA' | 'CE' | 'CR';

/** Why a message is not taken. */
export interface Refusal {
  readonly code: ErrorCode;
  /** The path at fault, `MSH-9`, for ERR-2. */
  readonly location?: string | undefined;
}

/** What no message says: the time of the ACK, and its own control id (MSH-10, 20 characters at most). */
export interface AckStamp {
  readonly time: Date;
  readonly controlId: string;
}

export interface Ack {
  readonly code: AcknowledgmentCode;
  readonly bytes: Uint8Array;
}

/**
 * The ACK of a message that was stored (`refusal` null) or is refused, or null where none is owed (HL7 2.9, 2.9): to an ACK, to a response in
 * original mode, and where MSH-15 does not ask for one.
 *
 * Original mode, neither MSH-15 nor MSH-16 valued: AA, AE, AR. Enhanced mode: CA, CE, CR as MSH-15 asks (table 0155). Of a sender that values
 * MSH-16 alone the standard does not say whether it waits; it is answered, since one that waits in vain sends again and again.
 */
export function buildAck(message: Message, refusal: Refusal | null, stamp: AckStamp): Ack | null {
  const code = owed(message, refusal === null ? 'AA' : (errorEntry(refusal.code).ack ?? 'AE'));
  if (code === null) return null;
  const { delimiters: d } = message;
  const header = message.segments[0] as Message['segments'][number];
  const raw = (field: number): string => oneLine(header.field(field));
  const event = message.event === '' ? '' : escapeText(message.event, d);
  const version = raw(12) === '' ? '2.5.1' : raw(12);
  const encoding = raw(2) === '' ? encodingCharacters(d) : raw(2);
  const msh = ['MSH', encoding, raw(5), raw(6), raw(3), raw(4), timestamp(stamp.time), '', ackType(event, message.version, d)];
  msh.push(escapeText(stamp.controlId, d), raw(11) === '' ? 'P' : raw(11), version);
  // Same character set as the sender's, else it could not read its own control id (2.9, 2.14.9.18).
  if (raw(18) !== '') msh.push('', '', '', '', '', raw(18));
  const segments = [msh, ...verdict(code, raw(10), refusal, message.version, d)];
  return { code, bytes: encodeAs(text(segments, d), message.charset) };
}

/** The best AR there can be for bytes that are no message: nothing is known of who sent them. */
export function buildRefusal(refusal: Refusal, stamp: AckStamp): Ack {
  const d = standardDelimiters;
  const msh = [
    'MSH',
    encodingCharacters(d),
    '',
    '',
    '',
    '',
    timestamp(stamp.time),
    '',
    'ACK',
    escapeText(stamp.controlId, d),
    'P',
    '2.5.1',
  ];
  const code = errorEntry(refusal.code).ack ?? 'AR';
  return { code, bytes: encodeAs(text([msh, ...verdict(code, '', refusal, '2.5.1', d)], d), 'utf-8') };
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

const enhanced: Readonly<Record<AckCode, AcknowledgmentCode>> = { AA: 'CA', AE: 'CE', AR: 'CR' };

function owed(message: Message, code: AckCode): AcknowledgmentCode | null {
  if (message.type === 'ACK' || message.type === 'MCF') return null;
  const accept = message.get('MSH-15');
  if (accept === null && message.get('MSH-16') === null) return message.get('MSA-1') === null ? code : null;
  if (accept === 'NE' || (accept === 'ER' && code === 'AA') || (accept === 'SU' && code !== 'AA')) return null;
  return enhanced[code];
}

/** MSH-9: the structure came with 2.3.1, the trigger event with 2.2. */
function ackType(event: string, version: string, d: Delimiters): string {
  if (d.component === '' || isBefore(version, [2, 2])) return 'ACK';
  if (isBefore(version, [2, 3, 1])) return event === '' ? 'ACK' : `ACK${d.component}${event}`;
  return event === '' ? 'ACK' : `ACK${d.component}${event}${d.component}ACK`;
}

/** MSA, and ERR where the message is refused. Up to 2.4 ERR has one field; up to 2.6 the sentence stands in MSA-3 too. */
function verdict(
  code: AcknowledgmentCode,
  controlId: string,
  refusal: Refusal | null,
  version: string,
  d: Delimiters,
): string[][] {
  if (refusal === null) return [['MSA', code, controlId]];
  const entry = errorEntry(refusal.code);
  const sentence = escapeText(entry.text, d);
  const condition = entry.condition ?? '207';
  const msa = isBefore(version, [2, 7]) ? ['MSA', code, controlId, sentence] : ['MSA', code, controlId];
  const place = location(refusal.location);
  if (isBefore(version, [2, 5])) {
    const reason = [condition, conditions[condition] ?? '', 'HL70357'].join(d.subcomponent === '' ? ' ' : d.subcomponent);
    return [msa, ['ERR', [place[0] ?? '', place[1] ?? '', place[2] ?? '', reason].join(d.component)]];
  }
  const reason = [condition, conditions[condition] ?? '', 'HL70357'].join(d.component === '' ? ' ' : d.component);
  return [msa, ['ERR', '', place.join(d.component), reason, 'E', '', '', refusal.code, sentence]];
}

/** Table 0357, those that errors.ts uses. */
const conditions: Readonly<Record<string, string>> = {
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
};

/** ERL: segment, its occurrence, field, repetition, component, subcomponent; as far as the path goes. */
function location(path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    const { segment, occurrence, field, repetition, component, subcomponent } = parsePath(path);
    if (field === 0) return [segment, String(occurrence)];
    const numbers =
      component === 0
        ? [field]
        : subcomponent === 0
          ? [field, repetition, component]
          : [field, repetition, component, subcomponent];
    return [segment, String(occurrence), ...numbers.map(String)];
  } catch (error) {
    if (error instanceof WeirError) return [];
    throw error;
  }
}

/** A field of a broken header may reach over a line end or hold a frame's bytes; in the ACK it must not. */
function oneLine(field: string): string {
  const end = [...'\r\n\v\x1c'].map((character) => field.indexOf(character)).filter((at) => at >= 0);
  return end.length === 0 ? field : field.slice(0, Math.min(...end));
}

function encodingCharacters(d: Delimiters): string {
  return d.component + d.repetition + d.escape + d.subcomponent + (d.truncation ?? '');
}

function text(segments: readonly (readonly string[])[], d: Delimiters): string {
  return segments.map((fields) => `${fields.join(d.field)}\r`).join('');
}

/** DTM to the second, in UTC. */
function timestamp(time: Date): string {
  return `${time.toISOString().replace(/\D/g, '').slice(0, 14)}+0000`;
}

/** Whether a version comes before another. One that is no version counts as a recent one. */
function isBefore(version: string, other: readonly number[]): boolean {
  const numbers = version.split('.').map(Number);
  if (version === '' || numbers.some(Number.isNaN)) return false;
  for (let at = 0; at < Math.max(numbers.length, other.length); at += 1) {
    const difference = (numbers[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
