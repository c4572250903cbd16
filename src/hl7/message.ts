import { WeirError } from '../errors.ts';
import { type Decoded, decode, encodeAs } from './charset.ts';
import { standardDelimiters } from './escape.ts';
import { parsePath } from './path.ts';
import { Segment, type SegmentContext, segmentContext } from './segment.ts';
import type { Delimiters, Location, Path } from './types.ts';

export { Segment } from './segment.ts';

export interface ParseOptions {
  /** A channel's override of MSH-18: a code of table 0211 or an encoding label. */
  readonly charset?: string | null | undefined;
}

/**
 * An HL7 v2 message over its own text, which is never changed: fields are split when they are first read. Nothing a sender
 * writes behind the header makes it throw.
 */
export class Message {
  /** The whole text as decoded, with its own line ends. */
  readonly text: string;
  readonly delimiters: Delimiters;
  readonly segments: readonly Segment[];
  /** The encoding label by which the bytes were read. */
  readonly charset: string;
  /** Offset of the first byte that could not be decoded (U+FFFD in the text); null where every byte was. */
  readonly undecodable: number | null;
  #bytes: Uint8Array | null;
  #found: Segment;

  private constructor(decoded: Decoded, bytes: Uint8Array | null) {
    const { text, charset, undecodable } = decoded;
    const start = headerStart(text);
    this.text = text;
    this.charset = charset;
    this.undecodable = undecodable;
    this.delimiters = readDelimiters(text, start);
    this.segments = splitSegments(start, segmentContext(text, this.delimiters, charset));
    this.#found = this.segments[0] as Segment;
    this.#bytes = bytes;
  }

  /** Decodes by MSH-18 (or `options.charset`) and parses. Throws `hl7-not-a-message` where the bytes do not begin with MSH. */
  static parse(raw: Uint8Array, options?: ParseOptions): Message {
    return new Message(decode(raw, options?.charset), raw);
  }

  /** Parses text. Throws `hl7-not-a-message` where it does not begin with MSH. */
  static fromText(text: string): Message {
    return new Message({ text, charset: 'utf-8', undecodable: null }, null);
  }

  /** Parses bytes that were decoded already. Throws `hl7-not-a-message` as `parse` does. */
  static fromDecoded(decoded: Decoded, bytes: Uint8Array): Message {
    return new Message(decoded, bytes);
  }

  /** The bytes as received; those of a text are its UTF-8. Not a copy: they are not to be written to. */
  get bytes(): Uint8Array {
    this.#bytes ??= encodeAs(this.text, this.charset);
    return this.#bytes;
  }

  /** MSH-9.1, `ADT`. */
  get type(): string {
    return this.#header(9, 1);
  }

  /** MSH-9.2, `A01`. */
  get event(): string {
    return this.#header(9, 2);
  }

  /** MSH-9.3, `ADT_A01`; often empty. */
  get structure(): string {
    return this.#header(9, 3);
  }

  /** MSH-10. */
  get controlId(): string {
    return this.#header(10, 0);
  }

  /** MSH-11.1, `P`: table 0103. */
  get processingId(): string {
    return this.#header(11, 1);
  }

  /** MSH-12.1, `2.5.1`. */
  get version(): string {
    return this.#header(12, 1);
  }

  /** MSH-15: when an accept ACK is wanted (table 0155). Empty where the sender does not say. */
  get acceptAcknowledgment(): string {
    return this.#header(15, 0);
  }

  /** MSH-16: the same of the application ACK. */
  get applicationAcknowledgment(): string {
    return this.#header(16, 0);
  }

  /** MSH-3.1 and MSH-4.1, `EPIC^MAIN`. */
  get sender(): string {
    return `${this.#header(3, 1)}^${this.#header(4, 1)}`;
  }

  /** The first value at a path, escapes resolved; null where there is none. `""` is a value. Throws `hl7-bad-path`. */
  get(path: string | Path): string | null {
    const parsed = typeof path === 'string' ? parsePath(path) : path;
    if (parsed.occurrence === 1) {
      const segment = this.#first(parsed.code);
      return segment === null ? null : firstValue(segment, parsed) || null;
    }
    let occurrence = 0;
    for (const segment of this.segments) {
      if (segment.code !== parsed.code) continue;
      occurrence += 1;
      if (parsed.occurrence !== 0 && occurrence !== parsed.occurrence) continue;
      const value = firstValue(segment, parsed);
      if (value !== '') return value;
      if (parsed.occurrence !== 0) return null;
    }
    return null;
  }

  /** Every value at a path, in order; empty ones are left out. Throws `hl7-bad-path`. */
  getAll(path: string | Path): string[] {
    const parsed = typeof path === 'string' ? parsePath(path) : path;
    const values: string[] = [];
    let occurrence = 0;
    for (const segment of this.segments) {
      if (segment.code !== parsed.code) continue;
      occurrence += 1;
      if (parsed.occurrence !== 0 && occurrence !== parsed.occurrence) continue;
      addValues(segment, parsed, values);
    }
    return values;
  }

  /**
   * Every populated leaf in order, `""` included, escapes resolved. Locations go down to the subcomponent always: a field
   * without components is its own component 1.
   */
  *leaves(): Iterable<{ location: Location; value: string }> {
    for (const segment of this.segments) yield* segment.leaves();
  }

  /** The first segment of a name. Who reads one value of a segment reads others: the last one found is looked at first. */
  #first(code: number): Segment | null {
    if (this.#found.code === code) return this.#found;
    for (const segment of this.segments) {
      if (segment.code !== code) continue;
      this.#found = segment;
      return segment;
    }
    return null;
  }

  #header(field: number, component: number): string {
    return (this.segments[0] as Segment).value(field, 1, component, 0);
  }
}

function firstValue(segment: Segment, path: Path): string {
  if (path.field === 0) return segment.text;
  if (path.repetition !== 0) return segment.value(path.field, path.repetition, path.component, path.subcomponent);
  const count = segment.count(path.field);
  for (let repetition = 1; repetition <= count; repetition += 1) {
    const value = segment.value(path.field, repetition, path.component, path.subcomponent);
    if (value !== '') return value;
  }
  return '';
}

function addValues(segment: Segment, path: Path, values: string[]): void {
  if (path.field === 0) {
    values.push(segment.text);
    return;
  }
  const first = path.repetition === 0 ? 1 : path.repetition;
  const last = path.repetition === 0 ? segment.count(path.field) : path.repetition;
  for (let repetition = first; repetition <= last; repetition += 1) {
    const value = segment.value(path.field, repetition, path.component, path.subcomponent);
    if (value !== '') values.push(value);
  }
}

/** Skips a byte order mark and white space. */
function headerStart(text: string): number {
  let start = 0;
  while (start < text.length && (text.charCodeAt(start) <= 32 || text.charCodeAt(start) === 0xfeff)) start += 1;
  const separator = text.charCodeAt(start + 3);
  // A separator that is a letter or a line end is none: `MSHello` is no header.
  if (!text.startsWith('MSH', start) || Number.isNaN(separator) || separator < 32 || isWord(separator) || isSurrogate(separator))
    throw new WeirError('hl7-not-a-message');
  return start;
}

/**
 * MSH-1 and MSH-2 (HL7 2.9, 2.5.4). Delimiters that MSH-2 leaves out do not exist in the message; an empty MSH-2 means the
 * recommended ones.
 */
export function readDelimiters(text: string, start: number): Delimiters {
  const field = text[start + 3];
  // A bare FHS or BHS.
  if (field === undefined) return standardDelimiters;
  let end = start + 4;
  while (end < text.length && end < start + 9 && text[end] !== field && text.charCodeAt(end) >= 32) end += 1;
  if (end === start + 4) return { ...standardDelimiters, field };
  return {
    field,
    component: delimiterAt(text, start + 4, end),
    repetition: delimiterAt(text, start + 5, end),
    escape: delimiterAt(text, start + 6, end),
    subcomponent: delimiterAt(text, start + 7, end),
    truncation: delimiterAt(text, start + 8, end) || null,
  };
}

/** Half of a character divides nothing. */
function delimiterAt(text: string, at: number, end: number): string {
  return at >= end || isSurrogate(text.charCodeAt(at)) ? '' : (text[at] as string);
}

/**
 * Segments end with CR, LF or both. Blank lines are skipped; a line that cannot be a segment (a sender's raw line end within
 * a text) goes on with the field before it, so that no text is lost.
 */
function splitSegments(start: number, context: SegmentContext): Segment[] {
  const segments: Segment[] = [];
  const { text } = context;
  const { length } = text;
  const separator = context.units.field;
  let begin = start;
  let end = start;
  let line = start;
  let cr = -1;
  let lf = -1;
  while (line < length) {
    if (cr < line) cr = orEnd(text.indexOf('\r', line), length);
    if (lf < line) lf = orEnd(text.indexOf('\n', line), length);
    const stop = Math.min(cr, lf);
    if (line > start && isSegment(text, line, stop, separator)) {
      segments.push(new Segment(segments.length, begin, end, context));
      begin = line;
      end = stop;
    } else if (!isBlank(text, line, stop)) {
      end = stop;
    }
    line = stop + 1;
  }
  segments.push(new Segment(segments.length, begin, end, context));
  return segments;
}

function orEnd(at: number, end: number): number {
  return at < 0 ? end : at;
}

/** A name of letters, digits and underscores and then a field; or a bare name of three capitals or digits. */
function isSegment(text: string, line: number, stop: number, separator: number): boolean {
  let at = line;
  while (at < stop && isWord(text.charCodeAt(at))) at += 1;
  if (at === line) return false;
  if (at < stop) return text.charCodeAt(at) === separator;
  return stop - line === 3 && text.slice(line, stop) === text.slice(line, stop).toUpperCase();
}

function isBlank(text: string, line: number, stop: number): boolean {
  for (let at = line; at < stop; at += 1) if (text.charCodeAt(at) > 32) return false;
  return true;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function isWord(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95;
}
