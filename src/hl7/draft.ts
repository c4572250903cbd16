import { WeirError } from '../errors.ts';
import { type Decoded, encodeAs } from './charset.ts';
import { codecOf } from './codec.ts';
import { escapedFor, type Header, headerText } from './header.ts';
import { Message, type Segment } from './message.ts';
import { type EditPath, findPlace, isHeader, type Place, parseEditPath, type Span } from './place.ts';
import { concat, type Edit, splice } from './splice.ts';
import { endsLine, fill, lineEndAt, lineEndOf, raw, type Values } from './writing.ts';

/** Where a new segment stands: behind or before a segment, `{ after: 'OBX[2]' }`. */
export type Beside = { readonly after: string } | { readonly before: string };

/**
 * A message that is being written. Every edit touches the bytes at its place and no others: what stands elsewhere stays as it was sent, byte
 * for byte, in whatever character set, also where it means nothing. Methods change the draft and return it.
 *
 * Paths are those of `Message.get` with one difference: `PID-3` is the whole field with all its repetitions, `PID-3[1]` the first of them.
 * `OBX[*]-5`, `PID-3[*].4` write to all that are there. What a path needs and the message lacks (fields, repetitions, components, a
 * segment: it comes last) is added as HL7 wants it.
 *
 * Errors: `hl7-bad-path`; `hl7-edit-place` for MSH-1, MSH-2, a segment that cannot come next, or where the message lacks the
 * delimiter; `hl7-edit-text`, `hl7-edit-escape`, `hl7-edit-broken`, `hl7-charset-lacks` as errors.ts says.
 */
export class Draft {
  #message: Message;

  private constructor(message: Message) {
    this.#message = message;
  }

  /** A draft of a message; the message itself does not change. */
  static of(message: Message): Draft {
    return new Draft(message);
  }

  /** A message of a header alone, in its version, delimiters and character set. Throws `hl7-charset-unknown`. */
  static create(header: Header): Draft {
    const { text, charset } = headerText(header);
    const bytes = codecOf(charset).encode(text);
    if (bytes === null) throw new WeirError('hl7-charset-lacks', charset);
    return new Draft(Message.fromDecoded({ text, charset, undecodable: null }, bytes));
  }

  /** The message as it stands now. */
  get message(): Message {
    return this.#message;
  }

  get text(): string {
    return this.#message.text;
  }

  /** The bytes, in the message's character set. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#message.bytes);
  }

  /** Writes a value: what means something in HL7 is escaped, so that `get` gives the value again. `''` empties the place, `""` tells the receiver to delete. */
  set(path: string, value: string): this {
    return this.#write(path, parseEditPath(path), { text: this.#escaped(value) });
  }

  /**
   * Writes text as it is: its delimiters divide, its escape sequences count. Delimiters of a level above the place, and line ends, are
   * refused: they would move what stands behind. A path without a field replaces the segment.
   */
  setRaw(path: string, text: string): this {
    const parsed = parseEditPath(path);
    if (parsed.field > 0) return this.#write(path, parsed, { text: raw(text, parsed, this.#message.delimiters) });
    this.#segmentText(text);
    const edits = this.#found(parsed).map((segment) => {
      this.#notHeader(segment, path);
      return { ...spanOf(segment), text };
    });
    return this.#apply(edits);
  }

  /** Writes what stands at a path to another, byte for byte. What is empty empties the target. */
  copy(from: string, to: string): this {
    const source = parseEditPath(from);
    const target = parseEditPath(to);
    if (source.field === 0) throw new WeirError('hl7-edit-place', from);
    const { bytes, charset, delimiters } = this.#message;
    const [segment] = this.#found(source);
    const [place] = segment === undefined ? [] : placesIn(segment, source);
    const span = segment === undefined || place === undefined ? null : findPlace(segment, place, delimiters);
    if (span === null) return this.#write(to, target, { text: '' });
    const text = raw(this.text.slice(span.start, span.end), target, delimiters);
    // A slice of ISO-2022-JP does not say by itself what it is in.
    if (charset === 'iso-2022-jp') return this.#write(to, target, { text });
    const positions = codecOf(charset).positions(bytes, this.text);
    return this.#write(to, target, { text, bytes: bytes.slice(positions.end(span.start), positions.start(span.end)) });
  }

  /**
   * Adds a segment (`NTE`, with its fields: `{ 1: '1', '3.1': 'text' }`), last or beside another one; or a repetition to a field (`PID-3`,
   * with a value or its components: `{ 1: '22', '4.1': 'B' }`). Values are escaped as in `set`.
   */
  add(path: string, values: string | Values = {}, beside?: Beside): this {
    const parsed = parseEditPath(path);
    const { delimiters, segments } = this.#message;
    if (parsed.field === 0) {
      if (typeof values === 'string' || parsed.occurrence !== 1 || isHeader(parsed.segment))
        throw new WeirError('hl7-edit-place', path);
      return this.#insert(
        fill(parsed.segment, values, (value) => this.#escaped(value), delimiters),
        beside,
      );
    }
    if (!parsed.isField || beside !== undefined) throw new WeirError('hl7-edit-place', path);
    const segment = this.#found(parsed)[0];
    const count = segment === undefined ? 0 : segment.count(parsed.field);
    const occurrence = segment === undefined ? 1 : segments.filter((one) => one.name === segment.name).indexOf(segment) + 1;
    const place = `${parsed.segment}[${occurrence}]-${parsed.field}[${count + 1}]`;
    if (typeof values === 'string') return this.set(place, values);
    const filled = fill('ZZZ', { 1: values }, (value) => this.#escaped(value), delimiters);
    return this.setRaw(place, filled.slice(filled.indexOf(delimiters.field) + delimiters.field.length));
  }

  /** Adds a segment that is written already, `NTE|1||text`, last or beside another one. */
  addRaw(text: string, beside?: Beside): this {
    this.#segmentText(text);
    return this.#insert(text, beside);
  }

  /**
   * Removes a segment, or a repetition (`PID-3[2]`; those behind it move up). A field, a component or a subcomponent is emptied: its
   * place remains, as what stands behind it counts from there. What is not there needs no removing.
   */
  remove(path: string): this {
    const parsed = parseEditPath(path);
    if (parsed.field === 0) return this.#apply(this.#found(parsed).map((segment) => this.#lineOf(segment, path)));
    if (this.#found(parsed).length === 0) return this;
    if (parsed.component > 0) return this.#write(path, parsed, { text: '' });
    if (parsed.repetition === 0) return this.#write(path, { ...parsed, isField: true }, { text: '' });
    const edits = this.#found(parsed).flatMap((segment) => {
      this.#writable(segment, parsed, path);
      return removeRepetition(segment, parsed, this.#message);
    });
    return this.#within(edits);
  }

  /** Writes to every place that a path names, or to none. */
  #write(path: string, parsed: EditPath, content: Content): this {
    if (parsed.field === 0) throw new WeirError('hl7-edit-place', path);
    const before = this.#message;
    try {
      if (parsed.occurrence > 0 && this.#found(parsed).length === 0) {
        if (content.text === '') return this;
        this.#append(parsed, path);
      }
      return this.#within(this.#found(parsed).flatMap((segment) => this.#editsIn(segment, path, parsed, content)));
    } catch (error) {
      this.#message = before;
      throw error;
    }
  }

  #editsIn(segment: Segment, path: string, parsed: EditPath, content: Content): Edit[] {
    this.#writable(segment, parsed, path);
    return placesIn(segment, parsed).flatMap((place) => {
      const found = findPlace(segment, place, this.#message.delimiters);
      if (found === null) throw new WeirError('hl7-edit-place', `${path}: MSH-2 has no delimiter for it`);
      const { start, end, missing } = found;
      if (missing === '') return [{ start, end, ...content }];
      return content.text === '' ? [] : [{ start, end, ...behind(missing, content, this.#message.charset) }];
    });
  }

  /** Edits within segments: there must be the same segments as before. A line that was none, being a bare word, becomes one when a field is added. */
  #within(edits: readonly Edit[]): this {
    const before = this.#message;
    this.#apply(edits);
    const { segments } = this.#message;
    if (segments.length === before.segments.length && segments.every(({ name }, at) => name === before.segments[at]?.name))
      return this;
    this.#message = before;
    throw new WeirError('hl7-edit-broken');
  }

  #apply(edits: readonly Edit[]): this {
    if (edits.length === 0) return this;
    const { text, charset, undecodable, bytes } = this.#message;
    const decoded: Decoded = { text, charset, undecodable };
    const result = splice(bytes, decoded, edits);
    this.#message = Message.fromDecoded(result.decoded, result.bytes);
    return this;
  }

  /** The segments that a path names and the message has. */
  #found(path: EditPath): Segment[] {
    const named = this.#message.segments.filter((segment) => segment.name === path.segment);
    return path.occurrence === 0 ? named : named.slice(path.occurrence - 1, path.occurrence);
  }

  #append(parsed: EditPath, path: string): void {
    const count = this.#message.segments.filter((segment) => segment.name === parsed.segment).length;
    if (parsed.occurrence !== count + 1 || isHeader(parsed.segment))
      throw new WeirError('hl7-edit-place', `${path}: the message has ${count} of this segment`);
    const beside = count === 0 ? undefined : { after: `${parsed.segment}[${count}]` };
    this.#insert(parsed.segment + this.#message.delimiters.field, beside);
  }

  #insert(segmentText: string, beside: Beside | undefined): this {
    const lineEnd = lineEndOf(this.#message);
    const last = this.#message.segments.at(-1) as Segment;
    if (beside !== undefined && 'before' in beside) {
      const [segment] = this.#found(parseEditPath(beside.before));
      if (segment === undefined || segment.index === 0) throw new WeirError('hl7-edit-place', beside.before);
      return this.#apply([{ start: segment.start, end: segment.start, text: segmentText + lineEnd }]);
    }
    const segment = beside === undefined ? last : this.#found(parseEditPath(beside.after)).at(-1);
    if (segment === undefined) throw new WeirError('hl7-edit-place', beside?.after);
    const { end } = spanOf(segment);
    return this.#apply([{ start: end, end, text: lineEnd + segmentText }]);
  }

  /** A segment with the line end behind it. */
  #lineOf(segment: Segment, path: string): Edit {
    this.#notHeader(segment, path);
    const { start, end } = spanOf(segment);
    return { start, end: end + lineEndAt(this.text, end).length, text: '' };
  }

  #escaped(value: string): string {
    const { delimiters, undecodable } = this.#message;
    // It may come from bytes that could not be read: writing it would replace them.
    if (undecodable !== null && value.includes('\ufffd')) throw new WeirError('hl7-charset-lacks', 'U+FFFD');
    return escapedFor(value, delimiters);
  }

  #segmentText(text: string): void {
    const { field } = this.#message.delimiters;
    const name = text.slice(0, 3);
    const isSegment = /^[A-Z][A-Z0-9]{2}$/.test(name) && (text.length === 3 || text.startsWith(field, 3));
    if (!isSegment || isHeader(name) || endsLine(text)) throw new WeirError('hl7-edit-text');
  }

  #notHeader(segment: Segment, path: string): void {
    if (segment.index === 0) throw new WeirError('hl7-edit-place', `${path}: a message begins with MSH`);
  }

  #writable(segment: Segment, place: Place, path: string): void {
    if (isHeader(segment.name) && place.field < 3)
      throw new WeirError('hl7-edit-place', `${path}: it holds the delimiters of the message`);
  }
}

/** What is written. The bytes are those of a text that was copied. */
type Content = Pick<Edit, 'text' | 'bytes'>;

function behind(missing: string, { text, bytes }: Content, charset: string): Content {
  if (bytes === undefined) return { text: missing + text };
  return { text: missing + text, bytes: concat([encodeAs(missing, charset), bytes]) };
}

function spanOf(segment: Segment): Span {
  return { start: segment.start, end: segment.start + segment.text.length };
}

/** The places in a segment that a path names: those of all repetitions, or one. */
function placesIn(segment: Segment, path: EditPath): Place[] {
  if (path.isField || path.repetition > 0) return [path];
  return Array.from({ length: segment.count(path.field) }, (_, index) => ({ ...path, repetition: index + 1 }));
}

/** With the delimiter behind it, or before it where it is the last. */
function removeRepetition(segment: Segment, path: EditPath, { delimiters }: Message): Edit[] {
  const found = findPlace(segment, path, delimiters);
  const field = findPlace(segment, { ...path, repetition: 0 }, delimiters);
  if (found === null || field === null || found.missing !== '') return [];
  const { start, end } = found;
  const size = delimiters.repetition.length;
  if (end < field.end) return [{ start, end: end + size, text: '' }];
  return [{ start: start > field.start ? start - size : start, end, text: '' }];
}
