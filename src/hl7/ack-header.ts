/** The header of an ACK, and its bytes. */
import { isBefore } from './ack-error.ts';
import type { AnswerType } from './ack-master-file.ts';
import { encodeAs } from './charset.ts';
import { codecOf } from './codec.ts';
import { encodingCharacters, escapeText } from './escape.ts';
import type { Message } from './message.ts';
import type { Delimiters } from './types.ts';

/** What no message says: the time of the ACK, and its own control id (MSH-10, 20 characters at most). */
export interface AckStamp {
  readonly time: Date;
  readonly controlId: string;
}

/** The answered header's fields that stand in an ACK as they were sent: field of the message -> field of the ACK. */
const echoed: Readonly<Record<number, number>> = { 3: 5, 4: 6, 5: 3, 6: 4, 11: 11, 12: 12, 18: 18, 20: 20 };

const general: AnswerType = { type: 'ACK', structure: 'ACK' };

/** MSH: fresh, sender and receiver swapped, the sender's processing id, version and character set. `asks` is MSH-15 and MSH-16. */
export function ackHeader(
  message: Message,
  { time, controlId }: AckStamp,
  asks: readonly [string, string],
  answer: AnswerType = general,
): string[] {
  const { delimiters: d } = message;
  const header = message.segments[0] as Message['segments'][number];
  const raw = isClean(header.text) ? (field: number) => header.field(field) : (field: number) => rawField(message, field);
  const event = message.event === '' ? '' : escapeText(message.event, d);
  const encoding = raw(2) === '' ? encodingCharacters(d) : raw(2);
  const type = ackType(answer, event, message.version, d);
  const [processing, version] = [raw(11) || 'P', raw(12) || '2.5.1'];
  const [accept, application] = asks;
  // Same character set as the sender's, else it could not read its own control id (2.9, 2.14.9.18).
  const behind = ['', '', accept, application, '', raw(18), '', raw(20)];
  const parties = [raw(5), raw(6), raw(3), raw(4)] as const;
  const msh = ['MSH', encoding, ...parties, timestamp(time), '', type, escapeText(controlId, d), processing, version, ...behind];
  // Without empty fields at the end.
  while (msh.at(-1) === '') msh.pop();
  return msh;
}

/** Whether a text has no control character: hardly any has one. */
function isClean(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

/** A field of the answered header as it was written. */
export function rawField(message: Message, field: number): string {
  return rawValue((message.segments[0] as Message['segments'][number]).field(field));
}

/** A value that is echoed, as it was written: it may reach over a line end or hold a frame's bytes; in the ACK it must not. */
export function rawValue(text: string): string {
  if (isClean(text)) return text;
  // Of all control characters these are the only ones that matter.
  const end = [...'\r\n\v\x1c'].map((character) => text.indexOf(character)).filter((at) => at >= 0);
  return end.length === 0 ? text : text.slice(0, Math.min(...end));
}

/** An ACK's bytes. What of the header could not be decoded is echoed byte for byte, where the bytes as received are at hand. */
export function ackBytes(
  message: Message,
  segments: readonly (readonly string[])[],
  received: Uint8Array | undefined,
): Uint8Array {
  const { delimiters: d, charset } = message;
  if (received === undefined || !message.segments[0]?.text.includes('\ufffd')) return encodeAs(ackText(segments, d), charset);
  const header = headerFields(message, received);
  const encoded = segments.map((fields) => fields.map((field) => encodeAs(field, charset)));
  const [msh = [], msa = []] = encoded;
  for (const [from, to] of Object.entries(echoed)) {
    // The fields of a segment begin at index 1 but those of MSH, whose first is the separator.
    const bytes = header[Number(from)];
    if (bytes && bytes.length > 0 && msh[to - 1]) msh[to - 1] = bytes;
  }
  if (header[10]) msa[2] = header[10];
  const separator = encodeAs(d.field, charset);
  const end = encodeAs('\r', charset);
  return Buffer.concat(
    encoded.flatMap((fields) => [...fields.flatMap((field, at) => (at === 0 ? [field] : [separator, field])), end]),
  );
}

/** The fields of MSH as bytes, exactly as they were received, up to a byte of a frame, which would end the ACK's own: index 3 is MSH-3. */
function headerFields(message: Message, received: Uint8Array): Uint8Array[] {
  const { start, text } = message.segments[0] as Message['segments'][number];
  const positions = codecOf(message.charset).positions(received, message.text);
  const fields: Uint8Array[] = [];
  let at = start;
  // MSH-1 is the separator itself, so that what stands behind it is MSH-2.
  for (const field of ['', ...text.split(message.delimiters.field)]) {
    // Also the escape sequences between two characters.
    fields.push(wholeUnits(received.subarray(positions.end(at), positions.start(at + rawValue(field).length)), message.charset));
    if (fields.length > 1) at += field.length + 1;
  }
  return fields;
}

/** Segments as text. */
export function ackText(segments: readonly (readonly string[])[], d: Delimiters): string {
  let text = '';
  for (const fields of segments) text += `${fields.join(d.field)}\r`;
  return text;
}

/** MSH-9: the structure came with 2.3.1, the trigger event with 2.2. */
function ackType({ type, structure }: AnswerType, event: string, version: string, d: Delimiters): string {
  if (d.component === '' || isBefore(version, [2, 2])) return type;
  if (isBefore(version, [2, 3, 1])) return event === '' ? type : `${type}${d.component}${event}`;
  return event === '' ? type : [type, event, structure].join(d.component);
}

/** Half a unit of UTF-16 or UTF-32, where a message was cut off, would shift all that follows. */
function wholeUnits(bytes: Uint8Array, charset: string): Uint8Array {
  const width = charset.startsWith('utf-16') ? 2 : charset.startsWith('utf-32') ? 4 : 1;
  return bytes.subarray(0, bytes.length - (bytes.length % width));
}

/** DTM to the second, in UTC. */
export function timestamp(time: Date): string {
  const date = (time.getUTCFullYear() * 100 + time.getUTCMonth() + 1) * 100 + time.getUTCDate();
  const clock = (time.getUTCHours() * 100 + time.getUTCMinutes()) * 100 + time.getUTCSeconds();
  return `${date}${String(clock).padStart(6, '0')}+0000`;
}
