import { codecOf } from './codec.ts';

/**
 * HL7 table 0211 (MSH-18) to encoding labels, and decoding that never replaces in silence.
 *
 * Rules where the standard and the senders part ways (docs/hl7.md tells them to analysts):
 * - Nothing in MSH-18, or `ASCII` and bytes that are more: the bytes are read as UTF-8 when they are valid UTF-8, else as windows-1252, in
 *   which every byte means something. With a code that nobody knows the same, but marked.
 * - `8859/1` is read as windows-1252, as browsers do: it is the same but for 0x80-0x9F, where senders mean quotes and dashes.
 * - UTF-16 and UTF-32 are recognised by their bytes, as MSH-18 cannot be read before; a header of single bytes that says so is UTF-8.
 * - A Japanese code in any repetition (ISO IR14, 87, 159) makes the whole message ISO-2022-JP, which switches by escape sequences.
 */

/** How a message was decoded. */
export interface Decoded {
  readonly text: string;
  /** The encoding label that was used. */
  readonly charset: string;
  /**
   * Offset of the first byte that means nothing in that encoding (it stands as U+FFFD in the text), or of which nobody knows what it means, as
   * MSH-18 names no encoding. Null: every byte was read.
   */
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
  ['JAS2020', 'iso-2022-jp'],
  ['GB18030', 'gb18030'],
  ['GB180302000', 'gb18030'],
  ['KSX1001', 'euc-kr'],
  ['BIG5', 'big5'],
  // Nothing here knows the characters of CNS 11643: its ASCII is read, the rest is marked.
  ['CNS11643', 'cns-11643'],
  ['CNS116431992', 'cns-11643'],
  ['UNICODE', 'utf-8'],
  ['UNICODEUTF8', 'utf-8'],
  ['UTF8', 'utf-8'],
  ['UNICODEUTF16', 'utf-16le'],
  ['UNICODEUTF32', 'utf-32le'],
  ['UTF32', 'utf-32le'],
  ['UTF32LE', 'utf-32le'],
  ['UTF32BE', 'utf-32be'],
  // Code pages of Windows that TextDecoder knows by other names.
  ...['', 'CP', 'MS', 'WINDOWS'].flatMap((before): [string, string][] => [
    [`${before}932`, 'shift_jis'],
    [`${before}936`, 'gbk'],
    [`${before}949`, 'euc-kr'],
    [`${before}950`, 'big5'],
  ]),
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
  const chosen = (override && charsetLabel(override)) || wideLabel(raw);
  if (chosen) return chosen === 'us-ascii' ? guess(raw) : decodeAs(raw, chosen);
  const declared = declaredLabel(raw);
  if (declared === 'unknown') return doubtful(raw);
  return declared === null || declared === 'us-ascii' ? guess(raw, declared) : decodeAs(raw, declared);
}

/** UTF-8 where the bytes are valid UTF-8, else windows-1252. */
function guess(raw: Uint8Array, declared: string | null = null): Decoded {
  const decoded = decodeAs(raw, 'utf-8');
  if (decoded.undecodable !== null) return decodeAs(raw, 'windows-1252');
  return declared !== null && decoded.text.length === raw.length ? { ...decoded, charset: declared } : decoded;
}

/** MSH-18 names something that nobody knows: what is beyond ASCII is a guess, and marked unless it is UTF-8, which nothing is by accident. */
function doubtful(raw: Uint8Array): Decoded {
  const decoded = guess(raw);
  return decoded.charset === 'utf-8' ? decoded : { ...decoded, undecodable: raw.findIndex((byte) => byte > 127) };
}

/** Decodes in one encoding; what means nothing in it becomes U+FFFD and is reported. */
export function decodeAs(raw: Uint8Array, label: string): Decoded {
  const { text, undecodable } = codecOf(label).decode(raw);
  return { text, charset: label, undecodable };
}

/** UTF-16 and UTF-32 are known by their byte order mark, or by the zeros beside the letters of the first segment's name. */
export function wideLabel(raw: Uint8Array): string | null {
  const a = raw[0] ?? 1;
  const b = raw[1] ?? 1;
  const c = raw[2] ?? 1;
  const d = raw[3] ?? 1;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0) return (c === 0xfe && d === 0xff) || (c === 0 && isCapital(d)) ? 'utf-32be' : null;
  if (isCapital(a) && b === 0) return c === 0 && d === 0 ? 'utf-32le' : isCapital(c) && d === 0 ? 'utf-16le' : null;
  return a === 0 && isCapital(b) && c === 0 && isCapital(d) ? 'utf-16be' : null;
}

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}

/** The encoding label that MSH-18 states; null where it is empty, `unknown` where nobody knows what it says. */
function declaredLabel(raw: Uint8Array): string | null {
  const field = characterSetField(raw);
  if (field === '') return null;
  // As nearly every message has it.
  if (field === 'UNICODE UTF-8') return 'utf-8';
  const repetition = String.fromCharCode(raw[start(raw) + 5] ?? 0x7e);
  const codes = field.split(repetition).filter((code) => code.trim() !== '');
  // A header that can be read byte by byte is not UTF-16 or UTF-32, whatever it says.
  const labels = codes.map((code) => charsetLabel(code)?.replace(/^utf-(?:16|32).*/, 'utf-8') ?? 'unknown');
  if (labels.includes('iso-2022-jp')) return 'iso-2022-jp';
  // The first one is the default; where that has ASCII only, what is more than ASCII is in the next.
  const beyond = labels.find((label) => label !== 'us-ascii');
  return labels[0] === 'us-ascii' ? (beyond ?? 'us-ascii') : (labels[0] ?? null);
}

/** MSH-18 read from the bytes: all but UTF-16 write a header in ASCII. */
function characterSetField(raw: Uint8Array): string {
  let at = start(raw) + 3;
  const separator = raw[at];
  let left = 17;
  for (; at < raw.length && left > 0; at += 1) {
    const byte = raw[at];
    if (byte === separator) left -= 1;
    else if (byte === 13 || byte === 10) return '';
  }
  let text = '';
  for (; at < raw.length; at += 1) {
    const byte = raw[at] as number;
    if (byte === separator || byte === 13 || byte === 10) break;
    text += String.fromCharCode(byte);
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
