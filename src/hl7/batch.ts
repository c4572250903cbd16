import { wideLabel } from './charset.ts';
import { MllpDecoder } from './mllp.ts';

/** What a file holds. */
export interface Split {
  /** The messages, in order. */
  readonly messages: readonly Uint8Array[];
  /** FHS, BHS, BTS and FTS segments, in order; empty where the bytes are no batch. */
  readonly envelope: readonly Uint8Array[];
  /** What stands before the first message and is neither: junk, of a file of something else. Null where there is nothing. */
  readonly junk: Uint8Array | null;
}

const startBlock = 0x0b;

/**
 * Splits the bytes of a file into its messages: one message, several one after the other, a batch (FHS, BHS … BTS, FTS; HL7 2.9, 2.10.3),
 * or MLLP frames, each of which may hold any of these. A message reaches from a line that begins with MSH up to the next one; blank
 * lines at its end are left off. All other bytes are as they were.
 */
export function splitMessages(bytes: Uint8Array): Split {
  // UTF-16 has neither frames nor lines that could be found in its bytes.
  if (wideLabel(bytes) !== null) return { messages: [bytes], envelope: [], junk: null };
  return isFramed(bytes) ? splitFrames(bytes) : splitText(bytes);
}

function isFramed(bytes: Uint8Array): boolean {
  const start = bytes.findIndex((byte) => byte > 32 || byte === startBlock);
  return bytes[start] === startBlock;
}

function splitFrames(bytes: Uint8Array): Split {
  const decoder = new MllpDecoder(bytes.length);
  const parts: Split[] = [];
  let junk: Uint8Array | null = null;
  for (const event of [...decoder.push(bytes), ...decoder.end()]) {
    // In a file a missing end block loses nothing: the bytes are there.
    if (event.kind === 'frame' || event.trouble !== 'junk') parts.push(splitText(event.bytes));
    else junk ??= event.bytes;
  }
  return {
    messages: parts.flatMap((part) => part.messages),
    envelope: parts.flatMap((part) => part.envelope),
    junk: junk ?? parts.find((part) => part.junk !== null)?.junk ?? null,
  };
}

function splitText(bytes: Uint8Array): Split {
  const messages: Uint8Array[] = [];
  const envelope: Uint8Array[] = [];
  let junk: Uint8Array | null = null;
  /** Where the message (or junk) that is open begins; -1 where none is. */
  let open = -1;
  let isMessage = false;
  const close = (end: number): void => {
    const part = open < 0 ? null : trimmed(bytes, open, end);
    if (part !== null && isMessage) messages.push(part);
    else if (part !== null) junk ??= part;
    open = -1;
  };
  for (let line = 0; line < bytes.length; ) {
    const end = lineEnd(bytes, line);
    const name = segmentName(bytes, line);
    if (name === 'MSH') {
      close(line);
      open = line;
      isMessage = true;
    } else if (name === 'FHS' || name === 'BHS' || name === 'BTS' || name === 'FTS') {
      close(line);
      envelope.push(bytes.slice(line, end));
    } else if (open < 0) {
      open = line;
      isMessage = false;
    }
    line = end + 1;
  }
  close(bytes.length);
  return { messages, envelope, junk };
}

function lineEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 13 && bytes[at] !== 10) at += 1;
  return at;
}

/** The header or trailer that a line begins with. White space and a byte order mark before it are passed over. */
function segmentName(bytes: Uint8Array, line: number): string | null {
  let at = line;
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  while (bytes[at] === 32 || bytes[at] === 9) at += 1;
  const name = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
  if (name === 'BTS' || name === 'FTS') return isNameByte(bytes[at + 3]) ? null : name;
  if (name !== 'MSH' && name !== 'FHS' && name !== 'BHS') return null;
  const separator = bytes[at + 3];
  return separator === undefined || separator < 32 || isNameByte(separator) ? null : name;
}

function isNameByte(byte: number | undefined): boolean {
  return (
    byte !== undefined && ((byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95)
  );
}

/** Without blank lines at either end, but with the line end of the last segment; null where nothing is left. */
function trimmed(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  let first = start;
  while (first < end && (bytes[first] as number) <= 32) first += 1;
  let last = end;
  while (last > first && (bytes[last - 1] as number) <= 32) last -= 1;
  if (first === last) return null;
  // Blanks at the end of the last field are the sender's.
  while (last < end && (bytes[last] === 32 || bytes[last] === 9)) last += 1;
  if (last < end && bytes[last] === 13) last += 1;
  if (last < end && bytes[last] === 10) last += 1;
  return bytes.slice(first, last);
}
