import { doubleByteCodec, isDoubleByte } from './codec-double.ts';
import { japaneseCodec } from './codec-japanese.ts';
import { utf8Codec, wideCodec } from './codec-unicode.ts';

/** What bytes say in an encoding. */
export interface Reading {
  readonly text: string;
  /** Offset of the first byte that means nothing in the encoding; it stands as U+FFFD in the text. Null: every byte was read. */
  readonly undecodable: number | null;
}

/**
 * Where the characters of a decoded text stand in its bytes. An offset counts UTF-16 units, as `text.length` does; the second half of a
 * surrogate pair counts as its first. Bytes that mean no character (the escape sequences of ISO-2022-JP) lie between an end and a start.
 */
export interface Positions {
  /** Where the character at this offset begins; at the end of the text, where the bytes end. */
  start(offset: number): number;
  /** Where the character before this offset ends; 0 at the beginning. */
  end(offset: number): number;
}

/** One encoding, both ways. */
export interface Codec {
  decode(bytes: Uint8Array): Reading;
  /** The bytes of a text; null where the encoding has no code for one of its characters. A lone surrogate is no character. */
  encode(text: string): Uint8Array | null;
  /** Of bytes and the text that `decode` gave for them. */
  positions(bytes: Uint8Array, text: string): Positions;
}

/** Encodings that `TextDecoder` does not know, or that it knows with fewer characters than HL7 has. */
const own: Readonly<Record<string, () => Codec>> = {
  'us-ascii': () => asciiCodec,
  // Nothing here knows its characters: what is ASCII is read, the rest is marked.
  'cns-11643': () => asciiCodec,
  'utf-8': () => utf8Codec,
  'utf-16le': () => wideCodec(2, false),
  'utf-16be': () => wideCodec(2, true),
  'utf-32le': () => wideCodec(4, false),
  'utf-32be': () => wideCodec(4, true),
  'iso-2022-jp': () => japaneseCodec(),
};

// The codecs are constants; those with tables are made when an encoding is first met, as a table takes some milliseconds.
const made = new Map<string, Codec>();

/** The codec of an encoding label that `charsetLabel` gave. Throws RangeError for one that nobody knows. */
export function codecOf(label: string): Codec {
  let codec = made.get(label);
  if (codec === undefined) {
    codec = own[label]?.() ?? (isDoubleByte(label) ? doubleByteCodec(label) : singleByteCodec(label));
    made.set(label, codec);
  }
  return codec;
}

/** Every byte is one character, or none. */
function singleByteCodec(label: string): Codec {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  const codes = new Map<string, number>();
  const all = decoder.decode(Uint8Array.from({ length: 128 }, (_, index) => index + 128));
  for (let index = 127; index >= 0; index -= 1) codes.set(all[index] as string, index + 128);
  codes.delete('\ufffd');
  return {
    decode(bytes) {
      const text = decoder.decode(bytes);
      const bad = text.indexOf('\ufffd');
      return { text, undecodable: bad < 0 ? null : bad };
    },
    encode(text) {
      const bytes = new Uint8Array(text.length);
      for (let at = 0; at < text.length; at += 1) {
        const unit = text.charCodeAt(at);
        const code = unit < 128 ? unit : codes.get(text[at] as string);
        if (code === undefined) return null;
        bytes[at] = code;
      }
      return bytes;
    },
    positions: () => sameOffsets,
  };
}

const latin1 = singleByteCodec('iso-8859-1');

/** Seven bits, no more. */
const asciiCodec: Codec = {
  decode(bytes) {
    const undecodable = bytes.findIndex((byte) => byte > 127);
    if (undecodable < 0) return latin1.decode(bytes);
    return { text: Array.from(bytes, (byte) => (byte > 127 ? '\ufffd' : String.fromCharCode(byte))).join(''), undecodable };
  },
  encode: (text) => (/^[\0-\x7f]*$/.test(text) ? latin1.encode(text) : null),
  positions: () => sameOffsets,
};

const sameOffsets: Positions = { start: (offset) => offset, end: (offset) => offset };
