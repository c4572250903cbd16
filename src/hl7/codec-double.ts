import type { Codec, Reading } from './codec.ts';
import { fromStarts } from './codec-unicode.ts';

/** Encodings whose characters have several bytes, all of them without states. */
const labels = ['gb18030', 'gbk', 'big5', 'euc-kr', 'euc-jp', 'shift_jis'];

export function isDoubleByte(label: string): boolean {
  return labels.includes(label);
}

/** The characters of an encoding beyond ASCII, both ways. A key is the bytes as one number, most significant first. */
export interface Table {
  readonly characters: ReadonlyMap<number, string>;
  readonly codes: ReadonlyMap<string, number>;
}

/**
 * A codec over a table, so that decoding, encoding and positions cannot disagree. The lower half is ASCII. Where two bytes are no
 * character they become one U+FFFD together, unless the second is ASCII, which stands for itself (Encoding Standard, 10 to 13).
 */
export function doubleByteCodec(label: string): Codec {
  const table = tableOf(label);
  const longest = label === 'gb18030' || label === 'gbk' ? 4 : label === 'euc-jp' ? 3 : 2;
  return {
    decode: (bytes) => walk(bytes, table, longest, null),
    encode(text) {
      const bytes: number[] = [];
      for (const character of text) {
        const point = character.codePointAt(0) as number;
        const code = point < 0x80 ? point : (table.codes.get(character) ?? (longest === 4 ? beyondBmp(point) : undefined));
        if (code === undefined) return null;
        pushCode(bytes, code);
      }
      return Uint8Array.from(bytes);
    },
    positions(bytes, text) {
      const starts = new Uint32Array(text.length + 1);
      walk(bytes, table, longest, starts);
      starts[text.length] = bytes.length;
      return fromStarts(starts);
    },
  };
}

/** The bytes of a key, most significant first. */
export function pushCode(bytes: number[], code: number): void {
  if (code > 0xff_ffff) bytes.push(code >>> 24);
  if (code > 0xffff) bytes.push((code >>> 16) & 0xff);
  if (code > 0xff) bytes.push((code >>> 8) & 0xff);
  bytes.push(code & 0xff);
}

function walk(bytes: Uint8Array, table: Table, longest: number, starts: Uint32Array | null): Reading {
  const parts: string[] = [];
  let undecodable: number | null = null;
  let offset = 0;
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    let character: string | undefined;
    let size = 1;
    if (byte < 0x80) character = String.fromCharCode(byte);
    else [character, size] = characterAt(bytes, at, table, longest);
    if (character === undefined) undecodable ??= at;
    const text = character ?? '\ufffd';
    if (starts !== null) starts.fill(at, offset, offset + text.length);
    parts.push(text);
    offset += text.length;
    at += size;
  }
  return { text: parts.join(''), undecodable };
}

/** The character that begins here and how many bytes it has; without one, how many bytes are none. */
function characterAt(bytes: Uint8Array, at: number, table: Table, longest: number): [string | undefined, number] {
  let code = 0;
  for (let size = 1; size <= longest && at + size <= bytes.length; size += 1) {
    code = code * 0x100 + (bytes[at + size - 1] as number);
    const character = table.characters.get(code) ?? (size === 4 ? supplementary(code) : undefined);
    if (character !== undefined) return [character, size];
  }
  const next = bytes[at + 1];
  return [undefined, next === undefined || next < 0x80 ? 1 : 2];
}

/** Found by decoding every sequence there can be, once for each encoding. */
export function tableOf(label: string): Table {
  const characters = new Map<number, string>();
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  const learn = (codes: readonly number[]): void => {
    const bytes: number[] = [];
    for (const code of codes) {
      pushCode(bytes, code);
      bytes.push(10);
    }
    const texts = decoder.decode(Uint8Array.from(bytes)).split('\n');
    // A sequence that swallowed the line end behind it would shift all others.
    if (texts.length !== codes.length + 1) throw new RangeError(`the decoder of ${label} does not keep line ends`);
    for (const [at, code] of codes.entries()) {
      const text = texts[at] as string;
      // The decoder of Big5 gives private characters of its own for bytes that mean nothing.
      if (text !== '' && !/[\ufffd\uf8f0-\uf8ff]/.test(text)) characters.set(code, text);
    }
  };
  learn(range(0x80, 0xff));
  const isFourByte = label === 'gb18030' || label === 'gbk';
  const pairs = range(0x80, 0xff).flatMap((lead) => range(0x40, 0xfe).map((trail) => lead * 0x100 + trail));
  learn(pairs.filter((code) => !characters.has(Math.floor(code / 0x100)) && code % 0x100 !== 0x7f));
  if (label === 'euc-jp') learn(range(0xa1, 0xfe).flatMap((a) => range(0xa1, 0xfe).map((b) => 0x8f0000 + a * 0x100 + b)));
  if (isFourByte) learn(fourBytes());
  const codes = new Map<string, number>();
  // Of characters with several codes the first, but in Big5 the codes of the standard itself go before Hong Kong's supplement.
  const first = label === 'big5' ? 0xa100 : 0;
  for (const [code, character] of characters) if (code >= first && !codes.has(character)) codes.set(character, code);
  for (const [code, character] of characters) if (code < first && !codes.has(character)) codes.set(character, code);
  return { characters, codes };
}

/** GB 18030 has the rest of the basic plane in four bytes. */
function fourBytes(): number[] {
  const codes: number[] = [];
  for (const a of range(0x81, 0x84))
    for (const b of range(0x30, 0x39))
      for (const c of range(0x81, 0xfe)) for (const d of range(0x30, 0x39)) codes.push(join(a, b, c, d));
  return codes;
}

/** And the planes beyond it in order, from 0x90308130. */
function supplementary(code: number): string | undefined {
  const [a, b, c, d] = [24, 16, 8, 0].map((shift) => Math.floor(code / 2 ** shift) % 0x100) as [number, number, number, number];
  if (a < 0x90 || a > 0xe3 || b < 0x30 || b > 0x39 || c < 0x81 || c > 0xfe || d < 0x30 || d > 0x39) return undefined;
  const point = 0x10000 + (((a - 0x90) * 10 + b - 0x30) * 126 + c - 0x81) * 10 + d - 0x30;
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

function beyondBmp(point: number): number | undefined {
  if (point < 0x10000) return undefined;
  const index = point - 0x10000;
  const high = Math.floor(index / 12_600);
  return join(0x90 + high, 0x30 + (Math.floor(index / 1260) % 10), 0x81 + (Math.floor(index / 10) % 126), 0x30 + (index % 10));
}

function join(a: number, b: number, c: number, d: number): number {
  return a * 0x100_0000 + b * 0x1_0000 + c * 0x100 + d;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
