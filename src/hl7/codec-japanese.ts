import type { Codec, Positions, Reading } from './codec.ts';
import { pushCode, type Table, tableOf } from './codec-double.ts';

/** What the bytes of ISO-2022-JP mean from here on. */
type Set = 'ascii' | 'roman' | 'katakana' | 'x0208' | 'x0212';

/** Escape sequences behind ESC, and what they switch to. `(H` is an old way to write `(J`; `)I` says that bytes above 0xA0 are katakana, as they are taken anyway. */
const switches: readonly (readonly [sequence: string, to: Set | null])[] = [
  ['(B', 'ascii'],
  ['(J', 'roman'],
  ['(H', 'roman'],
  ['(I', 'katakana'],
  ['$B', 'x0208'],
  ['$@', 'x0208'],
  ['$(B', 'x0208'],
  ['$(@', 'x0208'],
  ['$(D', 'x0212'],
  [')I', null],
];

const sequences: Readonly<Record<Set, string>> = { ascii: '(B', roman: '(J', katakana: '(I', x0208: '$B', x0212: '$(D' };

/**
 * ISO-2022-JP as HL7 uses it: ISO IR6 and IR14 (JIS X 0201, its katakana in seven bits or in eight), IR87 (JIS X 0208) and IR159 (JIS X
 * 0212), switched by escape sequences. `TextDecoder` knows it without IR159, so the characters come from EUC-JP, which has all of them.
 * A line end switches back: a text that forgot to must not take the next segments along.
 */
export function japaneseCodec(): Codec {
  const table = tableOf('euc-jp');
  return {
    decode: (bytes) => walk(bytes, table, () => undefined),
    encode: (text) => encode(text, table),
    positions(bytes, text): Positions {
      const starts = new Uint32Array(text.length + 1);
      const ends = new Uint32Array(text.length + 1);
      walk(bytes, table, (offset, start, end) => {
        starts[offset] = start;
        ends[offset + 1] = end;
      });
      starts[text.length] = bytes.length;
      ends[text.length] = bytes.length;
      return { start: (offset) => starts[offset] ?? bytes.length, end: (offset) => ends[offset] ?? bytes.length };
    },
  };
}

/** The escape sequence in force at a place, ESC included: `ESC ( B` where none is, as ASCII is what a text begins with. */
export function japaneseState(bytes: Uint8Array, at: number): string {
  const nothing: Table = { characters: new Map(), codes: new Map() };
  return `\x1b${sequences[walk(bytes.subarray(0, at), nothing, () => undefined).state]}`;
}

export const japaneseAscii = `\x1b${sequences.ascii}`;

type Emit = (offset: number, start: number, end: number) => void;

function walk(bytes: Uint8Array, table: Table, emit: Emit): Reading & { state: Set } {
  const parts: string[] = [];
  let undecodable: number | null = null;
  let state: Set = 'ascii';
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    const found = byte === 0x1b ? switches.find(([sequence]) => startsWith(bytes, at + 1, sequence)) : undefined;
    if (found !== undefined) {
      state = found[1] ?? state;
      at += found[0].length + 1;
      continue;
    }
    if (byte === 13 || byte === 10) state = 'ascii';
    const size = isDouble(state) && byte > 32 && byte < 0x7f && isGraphic(bytes[at + 1]) ? 2 : 1;
    const character = read(bytes, at, state, size, table);
    if (character === undefined) undecodable ??= at;
    emit(parts.length, at, at + size);
    parts.push(character ?? '\ufffd');
    at += size;
  }
  return { text: parts.join(''), undecodable, state };
}

/** One character; all of them lie in the basic plane. */
function read(bytes: Uint8Array, at: number, state: Set, size: number, table: Table): string | undefined {
  const byte = bytes[at] as number;
  if (byte === 0x1b) return undefined;
  if (byte >= 0x80) return byte > 0xa0 && byte < 0xe0 ? String.fromCharCode(0xff61 + byte - 0xa1) : undefined;
  if (byte <= 32 || byte === 0x7f) return String.fromCharCode(byte);
  switch (state) {
    case 'ascii':
      return String.fromCharCode(byte);
    case 'roman':
      return byte === 0x5c ? '¥' : byte === 0x7e ? '‾' : String.fromCharCode(byte);
    case 'katakana':
      return byte < 0x60 ? String.fromCharCode(0xff61 + byte - 0x21) : undefined;
    case 'x0208':
    case 'x0212': {
      if (size === 1) return undefined;
      const pair = byte * 0x100 + (bytes[at + 1] as number) + 0x8080;
      return table.characters.get(state === 'x0208' ? pair : 0x8f0000 + pair);
    }
  }
}

function encode(text: string, table: Table): Uint8Array | null {
  const bytes: number[] = [];
  let state: Set = 'ascii';
  const to = (next: Set): void => {
    if (next === state) return;
    bytes.push(0x1b, ...Array.from(sequences[next], (character) => character.charCodeAt(0)));
    state = next;
  };
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    const [set, code] = place(character, point, table);
    // ESC would be read as the beginning of a switch.
    if (set === null || point === 0x1b) return null;
    to(set);
    pushCode(bytes, code);
  }
  to('ascii');
  return Uint8Array.from(bytes);
}

function place(character: string, point: number, table: Table): [Set | null, number] {
  if (point < 0x80) return ['ascii', point];
  if (character === '¥') return ['roman', 0x5c];
  if (character === '‾') return ['roman', 0x7e];
  if (point >= 0xff61 && point <= 0xff9f) return ['katakana', point - 0xff61 + 0x21];
  const code = table.codes.get(character);
  if (code === undefined || code < 0x100) return [null, 0];
  return code > 0xffff ? ['x0212', code - 0x8f8080] : ['x0208', code - 0x8080];
}

function startsWith(bytes: Uint8Array, at: number, sequence: string): boolean {
  for (let index = 0; index < sequence.length; index += 1) if (bytes[at + index] !== sequence.charCodeAt(index)) return false;
  return true;
}

function isDouble(state: Set): boolean {
  return state === 'x0208' || state === 'x0212';
}

function isGraphic(byte: number | undefined): boolean {
  return byte !== undefined && byte > 32 && byte < 0x7f;
}
