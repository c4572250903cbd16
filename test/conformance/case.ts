/**
 * A case of the conformance suite: what a sender writes, a question about it, and what the standard answers. Sections are those of HL7 2.9, chapter 2,
 * unless they say otherwise.
 */

/** What is asked. Paths are Weir's, `PID-3[2].4.2`. */
export type Question =
  /** The value at a path; null where there is none. */
  | { readonly get: string }
  /** Every value at a path. */
  | { readonly all: string }
  /** The names of the segments. */
  | { readonly segments: true }
  /** Whether writing what was read gives the same bytes. */
  | { readonly same: true }
  /** Whether it is refused, by an error that was meant. */
  | { readonly refused: true }
  /** How many messages there are. */
  | { readonly messages: true }
  /** The segments of the answer to a batch whose messages are all taken; or the codes of what is wrong with the batch itself. */
  | { readonly batch: 'answer' | 'issues' }
  /** What an ACK that takes (`null`) or refuses the message says at these paths; null where none is owed. */
  | { readonly ack: 'taken' | 'refused'; readonly read: readonly string[] }
  /** The text after writing a value. */
  | { readonly set: readonly [path: string, value: string] }
  /** The frames, and what was no frame, of bytes that come in these chunks. */
  | { readonly frames: readonly string[] }
  /** A date or time as FHIR has it; or why it cannot be. */
  | { readonly date: 'date' | 'dateTime' | 'time' }
  /** The names of the segments in each occurrence of a group. */
  | { readonly group: string }
  /** Conditions of table 0357 with their places. */
  | { readonly check: true };

export interface Case {
  readonly section: string;
  readonly name: string;
  /** Text, sent as UTF-8; or bytes. */
  readonly input: string | Uint8Array;
  readonly ask: Question;
  readonly expect: unknown;
}

/** A header, and segments behind it. */
export function message(...segments: readonly string[]): string {
  return [header(), ...segments].join('\r');
}

export interface HeaderParts {
  readonly type?: string;
  readonly id?: string;
  readonly processing?: string;
  readonly version?: string;
  /** MSH-13 and on, with its first delimiter. */
  readonly rest?: string;
}

export function header({
  type = 'ADT^A01^ADT_A01',
  id = 'C1',
  processing = 'P',
  version = '2.9',
  rest = '',
}: HeaderParts = {}): string {
  return `MSH|^~\\&|EHR|MERCY|WEIR|LAKE|20260301080000||${type}|${id}|${processing}|${version}${rest}`;
}

/** Cases of one section. `name, input, question, expected`. */
export function section(
  number: string,
  rows: readonly (readonly [name: string, input: string | Uint8Array, ask: Question, expect: unknown])[],
): Case[] {
  return rows.map(([name, input, ask, expect]) => ({ section: number, name, input, ask, expect }));
}

/** Latin-1 text as bytes. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Text with bytes in it: `bytes(message(…), [0xe4])` puts them where `{}` stands. */
export function withBytes(text: string, bytes: readonly number[]): Uint8Array {
  const [before = '', after = ''] = text.split('{}');
  return Uint8Array.from([...latin1(before), ...bytes, ...latin1(after)]);
}
