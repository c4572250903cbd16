import { codecOf } from './codec.ts';
import type { Delimiters } from './types.ts';

/** The delimiters that HL7 recommends, with the truncation character of 2.7 left out (2.9, 2.5.4). */
export const standardDelimiters: Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
  truncation: null,
};

/** The delimiters as MSH-2 states them. */
export function encodingCharacters(d: Delimiters): string {
  return d.component + d.repetition + d.escape + d.subcomponent + (d.truncation ?? '');
}

/**
 * Resolves escape sequences (HL7 2.9, 2.7): the delimiters (`\F\ \S\ \T\ \R\ \E\ \P\`) and bytes (`\Xdd..\`, in `charset`, an
 * encoding label). Formatting (`\.br\`, `\H\`, `\N\`), character set switches (`\C..\`, `\M..\`), local sequences (`\Z..\`) and
 * what is no sequence (a lone backslash, bytes that do not decode) stay as they are.
 */
export function unescapeText(text: string, delimiters: Delimiters, charset = 'utf-8'): string {
  const mark = delimiters.escape;
  if (mark === '') return text;
  let start = text.indexOf(mark);
  if (start < 0) return text;
  let result = '';
  let done = 0;
  while (start >= 0) {
    const end = text.indexOf(mark, start + 1);
    if (end < 0) break;
    const code = text.slice(start + 1, end);
    let next = end + 1;
    let value = delimiterOf(code, delimiters);
    if (value === null && code.charCodeAt(0) === 88) {
      const run = bytesAt(text, start, mark, charset);
      value = run?.value ?? null;
      next = run?.next ?? next;
    }
    if (value !== null) {
      result += text.slice(done, start) + value;
      done = next;
    } else if (!isKept(code)) {
      // A lone escape character: the next one may open a sequence.
      next = end;
    }
    start = text.indexOf(mark, next);
  }
  return result + text.slice(done);
}

/**
 * The text as it may stand in a field: delimiters and the escape character become sequences, and so do the characters that
 * would end a segment or an MLLP frame. Where the message has no escape character they become spaces.
 */
export function escapeText(text: string, delimiters: Delimiters): string {
  let result = '';
  let done = 0;
  for (let at = nextSpecial(text, 0, delimiters); at < text.length; at = nextSpecial(text, at + 1, delimiters)) {
    const code = sequenceOf(text[at] as string, delimiters);
    if (code === null) continue;
    result += text.slice(done, at) + (delimiters.escape === '' ? ' ' : delimiters.escape + code + delimiters.escape);
    done = at + 1;
  }
  return done === 0 ? text : result + text.slice(done);
}

function delimiterOf(code: string, delimiters: Delimiters): string | null {
  if (code.length !== 1) return null;
  switch (code) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent === '' ? null : delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case 'P':
      return delimiters.truncation;
    default:
      return null;
  }
}

/** The place of the next character that has a sequence; the length where none follows. */
function nextSpecial(text: string, from: number, d: Delimiters): number {
  // NaN, which nothing equals, where the message has no such delimiter.
  const [field, component, repetition] = [d.field.charCodeAt(0), d.component.charCodeAt(0), d.repetition.charCodeAt(0)];
  const [mark, below, cut] = [d.escape.charCodeAt(0), d.subcomponent.charCodeAt(0), (d.truncation ?? '').charCodeAt(0)];
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === field || code === component || code === repetition || code === mark || code === below || code === cut) break;
    if (code < 32 && (code === 13 || code === 10 || code === 11 || code === 28)) break;
  }
  return at;
}

function sequenceOf(character: string, delimiters: Delimiters): string | null {
  switch (character) {
    case delimiters.field:
      return 'F';
    case delimiters.component:
      return 'S';
    case delimiters.subcomponent:
      return 'T';
    case delimiters.repetition:
      return 'R';
    case delimiters.escape:
      return 'E';
    case delimiters.truncation:
      return 'P';
    case '\r':
      return 'X0D';
    case '\n':
      return 'X0A';
    case '\x0b':
      return 'X0B';
    case '\x1c':
      return 'X1C';
    default:
      return null;
  }
}

/**
 * The text of adjacent `\Xdd..\` sequences: a character of several bytes may be spread over them. Tries the longest run first.
 * Null where nothing decodes.
 */
function bytesAt(text: string, start: number, mark: string, charset: string): { value: string; next: number } | null {
  // In UTF-16 and UTF-32 the bytes of a sequence are those of UTF-8, so that X0D is a line end there too.
  const codec = codecOf(/^utf-(?:16|32)/.test(charset) ? 'utf-8' : charset);
  const ends: { bytes: number; next: number }[] = [];
  const bytes: number[] = [];
  let at = start;
  while (text[at] === mark && text[at + 1] === 'X') {
    const end = text.indexOf(mark, at + 2);
    const hex = end < 0 ? '' : text.slice(at + 2, end);
    if (hex === '' || hex.length % 2 === 1 || !/^[0-9A-Fa-f]+$/.test(hex)) break;
    for (let digit = 0; digit < hex.length; digit += 2) bytes.push(Number.parseInt(hex.slice(digit, digit + 2), 16));
    at = end + 1;
    ends.push({ bytes: bytes.length, next: at });
    // Four sequences hold the longest character there is; without a bound many bad ones would be tried again and again.
    if (ends.length === 4) break;
  }
  for (const end of ends.reverse()) {
    const { text: value, undecodable } = codec.decode(Uint8Array.from(bytes.slice(0, end.bytes)));
    if (undecodable === null) return { value, next: end.next };
  }
  return null;
}

/** A sequence that is known and left to whoever shows the text: formatting, highlighting, character sets, local ones. */
function isKept(code: string): boolean {
  return /^(?:[HN]|\.[a-z]{2}[+-]?\d*|C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{2})?|Z\w*|X(?:[0-9A-Fa-f]{2})+)$/.test(code);
}
