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

/**
 * The encoding label of an MSH-18 code, however a sender spells it (`8859/1`, `ISO8859-1`, `UNICODE UTF-8`, `UTF8`), or of an
 * encoding label itself (`windows-1250`). Null for none, ASCII, and codes that nothing here can decode.
 */
export function charsetLabel(code: string): string | null {
  const key = code
    .trim()
    .toUpperCase()
    .replace(/[\s_-]/g, '');
  if (key === '' || key === 'ASCII' || key === 'USASCII' || key === 'ISOIR6') return null;
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
  if (label !== null) return decodeAs(raw, label);
  const text = tryDecode(raw, 'utf-8');
  return text === null ? decodeAs(raw, 'windows-1252') : { text, charset: 'utf-8', undecodable: null };
}

/** Decodes in one encoding; what means nothing in it becomes U+FFFD and is reported. */
export function decodeAs(raw: Uint8Array, label: string): Decoded {
  const text = tryDecode(raw, label);
  if (text !== null) return { text, charset: label, undecodable: null };
  return {
    text: new TextDecoder(label, { ignoreBOM: true }).decode(raw),
    charset: label,
    undecodable: firstUndecodable(raw, label),
  };
}

/** The text of these bytes, or null where some of them mean nothing in the encoding. */
export function tryDecode(raw: Uint8Array, label: string): string | null {
  try {
    return (label === 'utf-8' ? strictUtf8 : new TextDecoder(label, { fatal: true, ignoreBOM: true })).decode(raw);
  } catch {
    return null;
  }
}

// Building a decoder costs more than decoding a message. One that is never used in streaming mode holds no state.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bisects: a prefix decodes (in streaming mode, so that a cut character does not count) up to the first bad byte. */
function firstUndecodable(raw: Uint8Array, label: string): number {
  let good = 0;
  let bad = raw.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (prefixDecodes(raw.subarray(0, middle), label)) good = middle;
    else bad = middle;
  }
  return good;
}

function prefixDecodes(raw: Uint8Array, label: string): boolean {
  try {
    new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(raw, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** UTF-16 is known by its byte order mark, or by the zeros beside the letters of `MSH`. */
export function wideLabel(raw: Uint8Array): string | null {
  const [first, second] = raw;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0x4d && second === 0 && raw[2] === 0x53) return 'utf-16le';
  if (first === 0 && second === 0x4d && raw[2] === 0) return 'utf-16be';
  return null;
}

function declaredLabel(raw: Uint8Array): string | null {
  const field = characterSetField(raw);
  if (field === '') return null;
  const repetition = String.fromCharCode(raw[start(raw) + 5] ?? 0x7e);
  // A header that can be read byte by byte is not UTF-16, whatever it says.
  const labels = field.split(repetition).map((code) => charsetLabel(code)?.replace(/^utf-16.*/, 'utf-8') ?? null);
  return labels.includes('iso-2022-jp') ? 'iso-2022-jp' : (labels[0] ?? null);
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

/**
 * The bytes of a text in an encoding; what the encoding lacks becomes `?`. For the few characters of an ACK's header that are not ASCII:
 * a table of the encoding is made each time it is needed.
 */
export function encodeAs(text: string, label: string): Uint8Array {
  if (label === 'utf-16le' || label === 'utf-16be') return encodeWide(text, label === 'utf-16be');
  if (label === 'utf-8' || isAscii(text)) return new TextEncoder().encode(text);
  const table = encodingTable(label);
  const bytes: number[] = [];
  for (const character of text) {
    if (character < '\x80') bytes.push(character.charCodeAt(0));
    else bytes.push(...(table.get(character) ?? [0x3f]));
  }
  return Uint8Array.from(bytes);
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
}

function encodeWide(text: string, bigEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at += 1) bytes.setUint16(at * 2, text.charCodeAt(at), !bigEndian);
  return new Uint8Array(bytes.buffer);
}

/** Character -> bytes, found by decoding every single byte and every pair. ISO-2022-JP switches by escapes and has no such table. */
function encodingTable(label: string): ReadonlyMap<string, readonly number[]> {
  const table = new Map<string, readonly number[]>();
  if (label === 'iso-2022-jp') return table;
  const decoder = new TextDecoder(label);
  const learn = (...bytes: number[]): void => {
    const text = decoder.decode(Uint8Array.from(bytes));
    if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, bytes);
  };
  for (let byte = 0x80; byte <= 0xff; byte += 1) learn(byte);
  if (!['gb18030', 'big5', 'euc-kr'].includes(label)) return table;
  for (let lead = 0x81; lead <= 0xfe; lead += 1) for (let trail = 0x40; trail <= 0xfe; trail += 1) learn(lead, trail);
  return table;
}
