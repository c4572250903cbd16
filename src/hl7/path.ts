import { WeirError } from '../errors.ts';
import { nameCode } from './segment.ts';
import type { Location, Path } from './types.ts';

/**
 * Reads a path such as `PID-3[2].4.2`, `OBX[*]-5`, `PID`. Names are three of A-Z and 0-9, a letter first; numbers count
 * from 1; `*` stands for all. Throws `hl7-bad-path`.
 *
 * Written by hand, character by character: `Message.get` runs it for every read by text.
 */
export function parsePath(text: string): Path {
  if (!isName(text)) throw bad(text);
  const reader = { text, at: 3 };
  const segment = text.slice(0, 3);
  const code = nameCode(segment);
  const occurrence = bracket(reader) ?? 1;
  if (reader.at === text.length) return { segment, code, occurrence, field: 0, repetition: 1, component: 0, subcomponent: 0 };
  if (text.charCodeAt(reader.at) !== hyphen) throw bad(text);
  const field = number(reader);
  const repetition = bracket(reader) ?? 1;
  const component = dotted(reader);
  const subcomponent = component > 0 ? dotted(reader) : 0;
  if (reader.at !== text.length) throw bad(text);
  return { segment, code, occurrence, field, repetition, component, subcomponent };
}

/** The shortest text that `parsePath` reads as this path. */
export function formatPath(path: Omit<Path, 'code'>): string {
  const segment = path.segment + ordinal(path.occurrence);
  if (path.field === 0) return segment;
  return `${segment}-${path.field}${ordinal(path.repetition)}${tail(path.component, path.subcomponent)}`;
}

/**
 * A location as a path, `PID-3[1].4.1`. A location knows its segment's index but not its place among the segments of its name;
 * `occurrence` (from 1) adds it: `OBX[3]-5[1]`.
 */
export function formatLocation(location: Location, occurrence?: number): string {
  const segment = occurrence === undefined ? location.segment : `${location.segment}[${occurrence}]`;
  if (location.field === 0) return segment;
  const repetition = location.repetition === 0 ? '' : `[${location.repetition}]`;
  return `${segment}-${location.field}${repetition}${tail(location.component, location.subcomponent)}`;
}

interface Reader {
  readonly text: string;
  at: number;
}

const hyphen = 45;
const dot = 46;
const star = 42;
const open = 91;
const close = 93;

function isName(text: string): boolean {
  return text.length >= 3 && isLetter(text.charCodeAt(0)) && isWord(text.charCodeAt(1)) && isWord(text.charCodeAt(2));
}

function isLetter(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWord(code: number): boolean {
  return isLetter(code) || isDigit(code);
}

/** `[2]`, `[*]` (0), or null where there is none. */
function bracket(reader: Reader): number | null {
  const { text } = reader;
  if (text.charCodeAt(reader.at) !== open) return null;
  let value = 0;
  if (text.charCodeAt(reader.at + 1) === star) reader.at += 2;
  else value = number(reader);
  if (text.charCodeAt(reader.at) !== close) throw bad(text);
  reader.at += 1;
  return value;
}

function dotted(reader: Reader): number {
  return reader.text.charCodeAt(reader.at) === dot ? number(reader) : 0;
}

/** Skips one character and reads the number behind it: 1 to 999999. */
function number(reader: Reader): number {
  const { text } = reader;
  const start = reader.at + 1;
  let at = start;
  let value = 0;
  while (at - start < 7 && isDigit(text.charCodeAt(at))) {
    value = value * 10 + text.charCodeAt(at) - 48;
    at += 1;
  }
  if (value === 0 || value > 999_999 || text.charCodeAt(start) === 48) throw bad(text);
  reader.at = at;
  return value;
}

function ordinal(value: number): string {
  if (value === 1) return '';
  return value === 0 ? '[*]' : `[${value}]`;
}

function tail(component: number, subcomponent: number): string {
  if (component === 0) return '';
  return subcomponent === 0 ? `.${component}` : `.${component}.${subcomponent}`;
}

function bad(text: string): WeirError {
  return new WeirError('hl7-bad-path', JSON.stringify(text.slice(0, 60)));
}
