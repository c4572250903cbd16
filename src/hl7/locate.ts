import { codecOf, type Positions } from './codec.ts';
import type { Message } from './message.ts';
import { findPlace, isHeader, type Span } from './place.ts';
import type { Delimiters, Location } from './types.ts';

/** A value and where it stands. `text` counts UTF-16 units of the message's text, `bytes` the bytes as received, in whatever character set. */
export interface Located {
  readonly location: Location;
  /** Escapes resolved. */
  readonly value: string;
  readonly text: Span;
  readonly bytes: Span;
}

/**
 * Where the values of one message stand, for the trace and for whoever shows the message. A span is the value as it was sent, escapes and all,
 * without the delimiters around it. Make one for a message and ask it often.
 */
export class Locator {
  readonly #message: Message;
  #known: Positions | null = null;

  constructor(message: Message) {
    this.#message = message;
  }

  /** The span in the message's text; null where nothing of the kind was sent. `field` 0 is the whole segment. */
  text({ index, ...place }: Location): Span | null {
    const segment = this.#message.segments[index];
    if (segment === undefined) return null;
    if (place.field === 0) return { start: segment.start, end: segment.start + segment.text.length };
    const found = findPlace(segment, place, this.#message.delimiters);
    return found === null || found.missing !== '' ? null : { start: found.start, end: found.end };
  }

  /** The span in the bytes as received. */
  bytes(location: Location): Span | null {
    const span = this.text(location);
    return span && this.#bytesOf(span);
  }

  /** Every populated leaf with its place, in order. */
  *all(): Iterable<Located> {
    for (const { location, value } of this.#message.leaves()) {
      const text = this.text(location) as Span;
      yield { location, value, text, bytes: this.#bytesOf(text) };
    }
  }

  /** What stands at a byte, down to the subcomponent; a delimiter belongs to what it ends. Null outside of all segments. */
  at(byte: number): Location | null {
    const offset = this.#offsetOf(byte);
    const segment = this.#message.segments.findLast((one) => one.start <= offset);
    if (segment === undefined || offset >= segment.start + segment.text.length) return null;
    const { index, name } = segment;
    const d = this.#message.delimiters;
    const before = segment.text.slice(0, offset - segment.start);
    const field = count(before, d.field) + (isHeader(name) ? 1 : 0);
    if (before.length < name.length) return { index, segment: name, field: 0, repetition: 0, component: 0, subcomponent: 0 };
    // MSH-1 and MSH-2 are not divided.
    if (isHeader(name) && field < 3) return { index, segment: name, field, ...below('', d) };
    return { index, segment: name, field, ...below(before.slice(before.lastIndexOf(d.field) + 1), d) };
  }

  #bytesOf({ start, end }: Span): Span {
    return { start: this.#positions().end(start), end: this.#positions().start(end) };
  }

  /** The last character that begins at the byte or before it. */
  #offsetOf(byte: number): number {
    let low = 0;
    let high = this.#message.text.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#positions().start(middle) <= byte) low = middle;
      else high = middle;
    }
    return low;
  }

  #positions(): Positions {
    const { charset, bytes, text } = this.#message;
    this.#known ??= codecOf(charset).positions(bytes, text);
    return this.#known;
  }
}

/** The repetition, component and subcomponent behind so much of a field. */
function below(before: string, d: Delimiters): Pick<Location, 'repetition' | 'component' | 'subcomponent'> {
  const repetition = before.slice(behind(before, d.repetition));
  const component = repetition.slice(behind(repetition, d.component));
  return {
    repetition: count(before, d.repetition) + 1,
    component: count(repetition, d.component) + 1,
    subcomponent: count(component, d.subcomponent) + 1,
  };
}

function behind(text: string, delimiter: string): number {
  return delimiter === '' ? 0 : text.lastIndexOf(delimiter) + 1;
}

function count(text: string, delimiter: string): number {
  return delimiter === '' ? 0 : text.split(delimiter).length - 1;
}
