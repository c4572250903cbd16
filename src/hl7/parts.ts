/** The bytes of a file or a frame, cut into messages and the segments of batches around them. */
import { wideLabel } from './charset.ts';
import { codecOf, type Positions } from './codec.ts';
import { MllpDecoder, type MllpEvent } from './mllp.ts';

/** What begins a line: a message, the header or trailer of a file or a batch, or something else. */
export type PartName = 'MSH' | 'FHS' | 'BHS' | 'BTS' | 'FTS' | 'junk';

export interface Part {
  readonly name: PartName;
  /** A message with the line end of its last segment; an envelope segment without its line end. */
  readonly bytes: Uint8Array;
  /** The text of an envelope segment; empty for messages, which are decoded by their own MSH-18, and for junk. */
  readonly text: string;
}

const startBlock = 0x0b;

/**
 * Cuts one message, several, a batch (FHS, BHS … BTS, FTS; HL7 2.9, 2.10.3), or MLLP frames each of which may hold any of these. A message
 * reaches from a line that begins with MSH up to the next header or trailer; blank lines at its end are left off. All other bytes are as
 * they were. `charset` is the encoding label of the envelope's text, `utf-8` unless given; UTF-16 and UTF-32 are known by their bytes.
 */
export function cutParts(bytes: Uint8Array, charset = 'utf-8'): Part[] {
  const start = bytes.findIndex((byte) => byte > 32 || byte === startBlock);
  if (bytes[start] !== startBlock) return cutText(bytes, charset);
  // In a file a missing end block loses nothing: the bytes are there.
  return framesOf(bytes).flatMap((event) =>
    event.kind === 'frame' || event.trouble !== 'junk'
      ? cutText(event.bytes, charset)
      : [{ name: 'junk' as const, bytes: event.bytes, text: '' }],
  );
}

/** A stream with much junk is given up; a file is read to its end, from start block to start block. */
function framesOf(bytes: Uint8Array): MllpEvent[] {
  const events: MllpEvent[] = [];
  let decoder = new MllpDecoder(bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(startBlock, at + 1);
    const end = next < 0 ? bytes.length : next;
    events.push(...decoder.push(bytes.subarray(at, end)));
    if (decoder.broken) decoder = new MllpDecoder(bytes.length);
    at = end;
  }
  return [...events, ...decoder.end()];
}

function cutText(bytes: Uint8Array, charset: string): Part[] {
  const wide = wideLabel(bytes);
  // A character a byte: lines are found alike in all encodings but the wide ones.
  const codec = codecOf(wide ?? 'iso-8859-1');
  const { text } = codec.decode(bytes);
  const positions = codec.positions(bytes, text);
  const parts: Part[] = [];
  let open: { name: PartName; start: number } | null = null;
  const close = (end: number): void => {
    const span = open === null ? null : trimmed(text, open.start, end);
    if (open !== null && span !== null) parts.push({ name: open.name, bytes: cut(bytes, positions, span), text: '' });
    open = null;
  };
  for (let line = 0; line < text.length; ) {
    const end = lineEnd(text, line);
    const name = partName(text, line, wide !== null);
    if (name === 'MSH') {
      close(line);
      open = { name, start: line };
    } else if (name !== 'junk') {
      close(line);
      const segment = cut(bytes, positions, [line, end]);
      const decoded = codecOf(wide ?? charset).decode(segment).text;
      parts.push({ name, bytes: segment, text: decoded.slice(beforeName(decoded, 0, wide !== null)) });
    } else if (open === null) open = { name, start: line };
    line = end + 1;
  }
  close(text.length);
  return parts;
}

function cut(bytes: Uint8Array, positions: Positions, [start, end]: readonly [number, number]): Uint8Array {
  return new Uint8Array(bytes.subarray(positions.start(start), positions.end(end)));
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\r' && text[at] !== '\n') at += 1;
  return at;
}

/** White space and a byte order mark (also one of UTF-8, where the text was read byte by byte) are passed over. */
function beforeName(text: string, line: number, isWide: boolean): number {
  let at = line;
  if (text[at] === '\ufeff') at += 1;
  else if (!isWide && text.startsWith('\u00ef\u00bb\u00bf', at)) at += 3;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at - line;
}

function partName(text: string, line: number, isWide: boolean): PartName {
  const at = line + beforeName(text, line, isWide);
  const name = text.slice(at, at + 3);
  const next = text.charCodeAt(at + 3);
  if (name === 'BTS' || name === 'FTS') return isNameCode(next) ? 'junk' : name;
  if (name !== 'MSH' && name !== 'FHS' && name !== 'BHS') return 'junk';
  return Number.isNaN(next) || next < 32 || isNameCode(next) ? 'junk' : name;
}

function isNameCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** Without blank lines at either end, but with the line end of the last segment; null where nothing is left. */
function trimmed(text: string, start: number, end: number): [number, number] | null {
  let first = start;
  while (first < end && text.charCodeAt(first) <= 32) first += 1;
  let last = end;
  while (last > first && text.charCodeAt(last - 1) <= 32) last -= 1;
  if (first === last) return null;
  // Blanks at the end of the last field are the sender's.
  while (last < end && (text[last] === ' ' || text[last] === '\t')) last += 1;
  if (last < end && text[last] === '\r') last += 1;
  if (last < end && text[last] === '\n') last += 1;
  return [first, last];
}
