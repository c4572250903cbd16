import { codecOf } from './codec.ts';

/** Encodings whose second byte may be that of a delimiter. */
const twoBytes: ReadonlySet<string> = new Set(['gb18030', 'big5', 'euc-kr', 'shift_jis']);
const escapeByte = 0x1b;

/**
 * The fields of the first segment as bytes, exactly as they were received: index 3 is MSH-3. For an ACK that echoes what could not be decoded
 * (HL7 2.9, 2.14.8.2: MSA-2 is the control id as it was sent).
 * @param label the encoding by which the message was read
 */
export function headerFields(raw: Uint8Array, label: string): Uint8Array[] {
  const wide = label === 'utf-16le' || label === 'utf-16be';
  const width = wide ? 2 : 1;
  const low = label === 'utf-16be' ? 1 : 0;
  const unit = (at: number): number => (wide ? (raw[at + low] ?? 0) | ((raw[at + 1 - low] ?? 0) << 8) : (raw[at] as number));
  let at = 0;
  // A byte order mark and white space stand before the header.
  while (at < raw.length && unit(at) !== 0x4d) at += width;
  const separator = unit(at + 3 * width);
  // MSH-1 is the separator itself, so that what stands behind it is MSH-2.
  const fields: Uint8Array[] = [raw.subarray(at, at + 3 * width), raw.subarray(at + 3 * width, at + 4 * width)];
  at += 4 * width;
  let begin = at;
  while (at < raw.length) {
    const now = unit(at);
    if (now === 13 || now === 10) break;
    if (now === separator) {
      fields.push(framed(raw.subarray(begin, at), wide));
      begin = at + width;
    }
    at += now === separator ? width : step(raw, at, label, width);
  }
  fields.push(framed(raw.subarray(begin, at), wide));
  return fields;
}

/** How many bytes the character here has, as far as its second byte could be taken for a delimiter. */
function step(raw: Uint8Array, at: number, label: string, width: number): number {
  const byte = raw[at] as number;
  if (twoBytes.has(label)) return byte > 0x80 && codecOf(label).decode(raw.subarray(at, at + 2)).undecodable === null ? 2 : 1;
  if (label !== 'iso-2022-jp' || byte !== escapeByte || raw[at + 1] !== 0x24) return width;
  // Two bytes a character from here to the next escape.
  const end = raw.indexOf(escapeByte, at + 3);
  return (end < 0 ? raw.length : end) - at;
}

/** Up to a byte of a frame, which would end the ACK's own. */
function framed(field: Uint8Array, wide: boolean): Uint8Array {
  const end = wide ? -1 : field.findIndex((byte) => byte === 0x0b || byte === 0x1c);
  return end < 0 ? field : field.subarray(0, end);
}
