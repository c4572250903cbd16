import { codecOf } from './codec.ts';

/**
 * HL7 table 0211 (MSH-18) to the WHATWG encoding labels that `TextDecoder` takes, and decoding that never replaces in silence.
 *
 * Rules where the standard and the senders part ways:
 * - Nothing in MSH-18, `ASCII` or a code nobody knows: the bytes are read as UTF-8 when they are valid UTF-8 (plain ASCII always is),
 *   else as windows-1252, in which every byte means something.
 * - `8859/1` is read as windows-1252, as browsers do: it is the same but for 0x80-0x9F, where senders mean quotes and dashes.
 * - `UNICODE` and `UNICODE UTF-16` are read as UTF-8: a sender of UTF-16 is recognised by its bytes before MSH-18 can be read.
 * - A Japanese code in any repetition (ISO IR14, 87, 159) makes the whole message ISO-2022-JP, which switches by escape sequences.
 */

/** How a message was decoded. */
export interface Decoded {
  readonly text: string;
  /** The encoding label that was used. */
  readonly charset: string;
  /** Offset of the first byte that means nothing in that encoding; it stands as U+FFFD in the text. Null: every byte was read. */
  readonly undecodable: number | null;
}

const table0211: ReadonlyMap<string, string> = new Map([
  ['8859/1', 'windows-1252'],
  ['8859/2', 'iso-8859-2'],
  ['8859/3', 'iso-8859-3'],
  ['8859/4', 'iso-8859-4'],
  ['8859/5', 'iso-8859-5'],
  ['8859/6', 'iso-8859-6'],
  ['8859/7', 'iso-8859-7'],
  ['8859/8', 'iso-8859-8'],
  ['8859/9', 'windows-1254'],
  ['8859/10', 'iso-8859-10'],
  ['8859/11', 'windows-874'],
  ['8859/13', 'iso-8859-13'],
  ['8859/14', 'iso-8859-14'],
  ['8859/15', 'iso-8859-15'],
  ['8859/16', 'iso-8859-16'],
  ['ISOIR14', 'iso-2022-jp'],
  ['ISOIR87', 'iso-2022-jp'],
  ['ISOIR159', 'iso-2022-jp'],
  ['JISX0202', 'iso-2022-jp'],
  ['ISO2022JP', 'iso-2022-jp'],
  ['GB18030', 'gb18030'],
  ['GB180302000', 'gb18030'],
  ['KSX1001', 'euc-kr'],
  ['BIG5', 'big5'],
  ['UNICODE', 'utf-8'],
  ['UNICODEUTF8', 'utf-8'],
  ['UTF8', 'utf-8'],
  ['UNICODEUTF16', 'utf-16le'],
]);

/** Codes that say seven bits. Where a message has more than those, it says the wrong thing, and what it means is found out. */
const ascii: ReadonlySet<string> = new Set(['ASCII', 'USASCII', 'ISOIR6']);

/**
 * The encoding label of an MSH-18 code, however a sender spells it (`8859/1`, `ISO8859-1`, `UNICODE UTF-8`, `UTF8`), or of an
 * encoding label itself (`windows-1250`). Null for none, and for codes that nothing here can decode.
 */
export function charsetLabel(code: string): string | null {
  const key = code
    .trim()
    .toUpperCase()
    .replace(/[\s_-]/g, '');
  if (key === '') return null;
  if (ascii.has(key)) return 'us-ascii';
  const known = table0211.get(key) ?? table0211.get(key.replace(/^ISO8859\/?/, '8859/'));
  if (known !== undefined) return known;
  try {
    return new TextDecoder(code.trim()).encoding;
  } catch {
    return null;
  }
}

/**
 * Decodes a message by its MSH-18. `override` is a channel's setting for senders that say one thing and send another: a code
 * of table 0211 or an encoding label; one that is not known counts as none.
 */
export function decode(raw: Uint8Array, override?: string | null): Decoded {
  const label = (override && charsetLabel(override)) || wideLabel(raw) || declaredLabel(raw);
  if (label === 'us-ascii') {
    const decoded = decodeAs(raw, label);
    if (decoded.undecodable === null) return decoded;
  } else if (label !== null) return decodeAs(raw, label);
  const guess = decodeAs(raw, 'utf-8');
  return guess.undecodable === null ? guess : decodeAs(raw, 'windows-1252');
}

/** Decodes in one encoding; what means nothing in it becomes U+FFFD and is reported. */
export function decodeAs(raw: Uint8Array, label: string): Decoded {
  const { text, undecodable } = codecOf(label).decode(raw);
  return { text, charset: label, undecodable };
}

/** UTF-16 and UTF-32 are known by their byte order mark, or by the zeros beside the letters of the first segment's name. */
export function wideLabel(raw: Uint8Array): string | null {
  const [a = 1, b = 1, c = 1, d = 1] = raw;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0) return (c === 0xfe && d === 0xff) || (c === 0 && isCapital(d)) ? 'utf-32be' : null;
  if (isCapital(a) && b === 0) return c === 0 && d === 0 ? 'utf-32le' : isCapital(c) && d === 0 ? 'utf-16le' : null;
  return a === 0 && isCapital(b) && c === 0 && isCapital(d) ? 'utf-16be' : null;
}

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}

function declaredLabel(raw: Uint8Array): string | null {
  const field = characterSetField(raw);
  if (field === '') return null;
  const repetition = String.fromCharCode(raw[start(raw) + 5] ?? 0x7e);
  // A header that can be read byte by byte is not UTF-16, whatever it says.
  const labels = field.split(repetition).map((code) => charsetLabel(code)?.replace(/^utf-(?:16|32).*/, 'utf-8') ?? null);
  if (labels.includes('iso-2022-jp')) return 'iso-2022-jp';
  // The first one is the default; where that has ASCII only, what is more than ASCII is in the next.
  return (labels[0] ?? 'us-ascii') === 'us-ascii'
    ? (labels.find((label) => label !== null && label !== 'us-ascii') ?? labels[0] ?? null)
    : (labels[0] ?? null);
}

/** MSH-18 read from the bytes: all but UTF-16 write a header in ASCII. */
function characterSetField(raw: Uint8Array): string {
  let at = start(raw) + 3;
  const separator = raw[at];
  let field = 1;
  let text = '';
  for (; at < raw.length && field <= 18; at += 1) {
    const byte = raw[at] as number;
    if (byte === 13 || byte === 10) break;
    if (byte === separator) field += 1;
    else if (field === 18) text += String.fromCharCode(byte);
  }
  return text;
}

/** Where the header begins: behind a byte order mark and white space. */
function start(raw: Uint8Array): number {
  let at = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0;
  while (at < raw.length && (raw[at] as number) <= 32) at += 1;
  return at;
}

/** The bytes of a text in an encoding; null where the encoding lacks one of its characters. */
export function encode(text: string, label: string): Uint8Array | null {
  return codecOf(label).encode(text);
}

/** As `encode`; what the encoding lacks becomes `?`. For ACKs, whose own texts are ASCII: only what the sender wrote and nobody can read is lost. */
export function encodeAs(text: string, label: string): Uint8Array {
  const codec = codecOf(label);
  const whole = codec.encode(text);
  if (whole !== null) return whole;
  const held = Array.from(text, (character) => (codec.encode(character) === null ? '?' : character)).join('');
  return codec.encode(held) as Uint8Array;
}
