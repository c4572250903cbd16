import { isAscii } from 'node:buffer';
import type { Codec, Positions } from './codec.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8. A byte order mark is a character like others. */
export const utf8Codec: Codec = {
  decode(bytes) {
    // As most messages are, and read in a fifth of the time.
    if (isAscii(bytes))
      return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'), undecodable: null };
    try {
      return { text: strict.decode(bytes), undecodable: null };
    } catch {
      return { text: lenient.decode(bytes), undecodable: firstBad(bytes) };
    }
  },
  encode: (text) => (text.isWellFormed() ? Buffer.from(text, 'utf8') : null),
  positions(bytes, text) {
    // No character has fewer bytes than units: equal lengths mean one byte each.
    if (bytes.length === text.length) return { start: (offset) => offset, end: (offset) => offset };
    const starts = new Uint32Array(text.length + 1);
    let at = 0;
    for (let offset = 0; offset < text.length; offset += 1) {
      starts[offset] = at;
      const unit = text.charCodeAt(offset);
      if (unit < 0x80) at += 1;
      else if (unit === 0xfffd) at += length(bytes, at);
      else if (unit < 0x800) at += 2;
      else if (unit < 0xd800 || unit > 0xdfff) at += 3;
      else {
        offset += 1;
        starts[offset] = at;
        at += 4;
      }
    }
    starts[text.length] = bytes.length;
    return fromStarts(starts);
  },
};

/** Positions where every byte belongs to a character. */
export function fromStarts(starts: Uint32Array): Positions {
  const start = (offset: number): number => starts[Math.min(offset, starts.length - 1)] ?? 0;
  return { start, end: start };
}

function firstBad(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const size = (bytes[at] as number) < 0x80 ? 1 : length(bytes, at);
    if (size < expected(bytes[at] as number)) return at;
    at += size;
  }
  return at;
}

/** The bytes that belong together at a place: a character, or the beginning of one that becomes a single U+FFFD (Encoding Standard, 4.1). */
function length(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const most = expected(lead);
  if (most > 4) return 1;
  // After these leads the second byte has a narrower range: no overlong forms, no surrogates, nothing above U+10FFFF.
  let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  let size = 1;
  while (size < most) {
    const next = bytes[at + size];
    if (next === undefined || next < low || next > high) break;
    low = 0x80;
    high = 0xbf;
    size += 1;
  }
  return size;
}

/** How many bytes a character has that begins with this one; more than there can be where none does. */
function expected(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return Number.POSITIVE_INFINITY;
}

/** UTF-16 (`width` 2) or UTF-32 (4). A byte order mark is a character like others. */
export function wideCodec(width: 2 | 4, bigEndian: boolean): Codec {
  return {
    decode: (bytes) => (width === 2 ? decode16(bytes, bigEndian) : decode32(bytes, bigEndian)),
    encode(text) {
      if (!text.isWellFormed()) return null;
      const points = width === 4 ? Array.from(text, (character) => character.codePointAt(0) as number) : null;
      const view = new DataView(new ArrayBuffer((points?.length ?? text.length) * width));
      if (points !== null) for (const [at, point] of points.entries()) view.setUint32(at * 4, point, !bigEndian);
      else for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), !bigEndian);
      return new Uint8Array(view.buffer);
    },
    positions(bytes, text) {
      const starts = new Uint32Array(text.length + 1);
      let at = 0;
      for (let offset = 0; offset < text.length; offset += 1) {
        starts[offset] = at;
        const unit = text.charCodeAt(offset);
        if (unit >= 0xd800 && unit < 0xdc00) {
          offset += 1;
          starts[offset] = at;
          at += 4;
        } else at += width;
      }
      starts[text.length] = bytes.length;
      return fromStarts(starts);
    },
  };
}

function decode16(bytes: Uint8Array, bigEndian: boolean): { text: string; undecodable: number | null } {
  const decoder = new TextDecoder(bigEndian ? 'utf-16be' : 'utf-16le', { ignoreBOM: true });
  const text = decoder.decode(bytes);
  let bad = text.indexOf('\ufffd');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  while (bad >= 0) {
    if (bad * 2 + 2 > bytes.length || view.getUint16(bad * 2, !bigEndian) !== 0xfffd) return { text, undecodable: bad * 2 };
    bad = text.indexOf('\ufffd', bad + 1);
  }
  return { text, undecodable: null };
}

function decode32(bytes: Uint8Array, bigEndian: boolean): { text: string; undecodable: number | null } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: string[] = [];
  let undecodable: number | null = null;
  for (let at = 0; at < bytes.length; at += 4) {
    const point = at + 4 <= bytes.length ? view.getUint32(at, !bigEndian) : 0xffff_ffff;
    const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    if (!isCharacter) undecodable ??= at;
    parts.push(isCharacter ? String.fromCodePoint(point) : '\ufffd');
  }
  return { text: parts.join(''), undecodable };
}
