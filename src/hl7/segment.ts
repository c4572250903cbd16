import { unescapeText } from './escape.ts';
import type { Delimiters, Location } from './types.ts';

/** What the segments of one message share. */
export interface SegmentContext {
  /** The message's text. */
  readonly text: string;
  readonly delimiters: Delimiters;
  /** The encoding label of the message, for `\Xdd..\`. */
  readonly charset: string;
  readonly units: Units;
}

/** The delimiters as numbers, which are compared at once; -1, which no character is, for one that the message does not have. */
interface Units {
  readonly field: number;
  readonly component: number;
  readonly repetition: number;
  readonly escape: number;
  readonly subcomponent: number;
}

/** What the segments of a message share. */
export function segmentContext(text: string, delimiters: Delimiters, charset: string): SegmentContext {
  const units = {
    field: unitOf(delimiters.field),
    component: unitOf(delimiters.component),
    repetition: unitOf(delimiters.repetition),
    escape: unitOf(delimiters.escape),
    subcomponent: unitOf(delimiters.subcomponent),
  };
  return { text, delimiters, charset, units };
}

function unitOf(delimiter: string): number {
  return delimiter === '' ? -1 : delimiter.charCodeAt(0);
}

/** A segment's name as a number, which is compared at once; -1 for one that has not three letters. */
export function nameCode(name: string): number {
  return name.length === 3 ? codeAt(name, 0) : -1;
}

function codeAt(text: string, at: number): number {
  return (text.charCodeAt(at) << 16) ^ (text.charCodeAt(at + 1) << 8) ^ text.charCodeAt(at + 2);
}

/** The segments whose first field is the separator. */
const headers = { MSH: nameCode('MSH'), BHS: nameCode('BHS'), FHS: nameCode('FHS') };

/**
 * One segment. Fields, repetitions, components and subcomponents count from 1, as HL7 does; reading what is not there gives
 * an empty value. In MSH, FHS and BHS field 1 is the field separator itself. Fields are found as far as they are asked for,
 * and values are cut from the message's text: most of a message is never looked at.
 */
export class Segment {
  /** Place in the message, from 0. */
  readonly index: number;
  /** `nameCode` of its name. */
  readonly code: number;
  /** Where it begins in the message's text. */
  readonly start: number;
  readonly #end: number;
  readonly #context: SegmentContext;
  /** 1 where the separator behind the name is a field of its own. */
  readonly #shift: number;
  /** Where the name and the fields behind it end, as far as they were looked for; null before anything was asked of it, as in most segments of a message on its way in. */
  #ends: number[] | null = null;
  /** The component that was read last, and where it begins. */
  #at = 0;
  #repetition = 0;
  #component = 0;
  #place = 0;
  #name: string | null = null;
  #text: string | null = null;
  #escaped: boolean | null = null;

  /** The part of `context.text` from `start` to `end`. */
  constructor(index: number, start: number, end: number, context: SegmentContext) {
    this.index = index;
    this.start = start;
    this.#end = end;
    this.#context = context;
    const { text, units } = context;
    const separator = units.field;
    const isThree =
      (end === start + 3 || (end > start + 3 && text.charCodeAt(start + 3) === separator)) &&
      text.charCodeAt(start) !== separator &&
      text.charCodeAt(start + 1) !== separator &&
      text.charCodeAt(start + 2) !== separator;
    this.code = isThree ? codeAt(text, start) : -1;
    this.#shift = this.code === headers.MSH || this.code === headers.BHS || this.code === headers.FHS ? 1 : 0;
  }

  get name(): string {
    this.#name ??= this.#context.text.slice(this.start, this.#lookedFor()[0]);
    return this.#name;
  }

  get text(): string {
    this.#text ??= this.#context.text.slice(this.start, this.#end);
    return this.#text;
  }

  /** Whether the escape character stands anywhere in it: in most segments it does not, and their parts are values as they were sent. */
  get isEscaped(): boolean {
    this.#escaped ??= has(this.text, this.#context.delimiters.escape);
    return this.#escaped;
  }

  /** The number of the last field in the text. */
  get fieldCount(): number {
    this.#reach(Number.POSITIVE_INFINITY);
    const count = this.#lookedFor().length - 1;
    // A bare `MSH` has no separator either.
    return count === 0 ? 0 : count + this.#shift;
  }

  /** A field's text as sent, with all its delimiters and escapes. */
  field(field: number): string {
    if (field < 1) return '';
    if (field === 1 && this.#shift === 1) return this.#lookedFor()[0] === this.#end ? '' : this.#context.delimiters.field;
    const at = field - this.#shift;
    const ends = this.#reach(at);
    return ends === null ? '' : this.#context.text.slice((ends[at - 1] as number) + 1, ends[at]);
  }

  /** Fields in a row as sent, with the separators between them, as far as there are any. */
  fields(first: number, last: number): string {
    const [from, to] = [Math.max(first - this.#shift, 0), last - this.#shift];
    this.#reach(to);
    const ends = this.#lookedFor();
    if (from >= ends.length) return '';
    const start = from === 0 ? (ends[0] as number) : (ends[from - 1] as number) + 1;
    return this.#context.text.slice(start, ends[Math.min(to, ends.length - 1)]);
  }

  /** The code of the first character of a field as sent; 0 where it is empty. A look at it cuts nothing from the text. */
  firstUnit(field: number): number {
    const at = field - this.#shift;
    if (at < 1) return this.field(field).charCodeAt(0) || 0;
    const ends = this.#reach(at);
    if (ends === null) return 0;
    const start = (ends[at - 1] as number) + 1;
    return start < (ends[at] as number) ? this.#context.text.charCodeAt(start) : 0;
  }

  /** Repetitions in the text, empty ones included; 0 where the field is empty. */
  count(field: number): number {
    return this.#isEncoding(field) ? 1 : pieces(this.field(field), this.#context.delimiters.repetition);
  }

  /** Components of a repetition in the text; 0 where it is empty. */
  componentCount(field: number, repetition: number): number {
    return this.#isEncoding(field) ? 1 : pieces(this.#repetitionText(field, repetition), this.#context.delimiters.component);
  }

  /** Subcomponents of a component in the text; 0 where it is empty. */
  subcomponentCount(field: number, repetition: number, component: number): number {
    if (this.#isEncoding(field)) return 1;
    const { delimiters } = this.#context;
    return pieces(piece(this.#repetitionText(field, repetition), delimiters.component, component), delimiters.subcomponent);
  }

  /**
   * The value at a place, `''` where there is none. `component` 0 is the whole repetition, `subcomponent` 0 the whole component:
   * the text as sent where it is divided, else its value with escapes resolved. What is not divided is its own first part
   * (HL7 2.9, 2.6): component 1 of a field without components is the field's value, and so one level down.
   */
  value(field: number, repetition: number, component: number, subcomponent: number): string {
    if (component > 0 && repetition >= 0 && !this.#isEncoding(field)) {
      const value = this.#plain(field - this.#shift, repetition === 0 ? 1 : repetition, component, subcomponent);
      if (value !== null) return value;
    }
    const whole = this.field(field);
    if (whole === '') return '';
    if (this.#isEncoding(field)) return repetition > 1 || component > 1 || subcomponent > 1 ? '' : whole;
    const { delimiters } = this.#context;
    if (repetition === 0 && component === 0 && delimiters.repetition !== '' && whole.includes(delimiters.repetition))
      return whole;
    const text = piece(whole, delimiters.repetition, repetition === 0 ? 1 : repetition);
    if (text === '') return '';
    if (component === 0) return this.#whole(text, delimiters.component);
    const part = piece(text, delimiters.component, component);
    if (part === '') return '';
    return subcomponent === 0 ? this.#whole(part, '') : this.#leaf(piece(part, delimiters.subcomponent, subcomponent));
  }

  /** Every populated subcomponent in order, escapes resolved. */
  *leaves(): Iterable<{ location: Location; value: string }> {
    const { index, name: segment } = this;
    for (let field = 1; field <= this.fieldCount; field += 1) {
      const repetitions = this.count(field);
      for (let repetition = 1; repetition <= repetitions; repetition += 1) {
        const components = this.componentCount(field, repetition);
        for (let component = 1; component <= components; component += 1) {
          const subcomponents = this.subcomponentCount(field, repetition, component);
          for (let subcomponent = 1; subcomponent <= subcomponents; subcomponent += 1) {
            const value = this.value(field, repetition, component, subcomponent);
            if (value !== '') yield { location: { index, segment, field, repetition, component, subcomponent }, value };
          }
        }
      }
    }
  }

  /** `#ends`, at least that of the name. */
  #lookedFor(): number[] {
    if (this.#ends !== null) return this.#ends;
    const nameEnd = this.#context.text.indexOf(this.#context.delimiters.field, this.start);
    this.#ends = [nameEnd < 0 || nameEnd > this.#end ? this.#end : nameEnd];
    return this.#ends;
  }

  /** `#ends`, looked for as far as a place in them; null where there is no field at that place. */
  #reach(at: number): number[] | null {
    const ends = this.#ends ?? this.#lookedFor();
    if (at < ends.length) return ends;
    const { text, delimiters, units } = this.#context;
    const separator = units.field;
    let end = ends[ends.length - 1] as number;
    while (ends.length <= at && end < this.#end) {
      end += 1;
      // Half of the fields are empty: there a look is faster than a search.
      if (text.charCodeAt(end) !== separator) end = text.indexOf(delimiters.field, end);
      if (end < 0 || end > this.#end) end = this.#end;
      ends.push(end);
    }
    return at < ends.length ? ends : null;
  }

  /** A component in one walk over its field; null where it has subcomponents, which take more. */
  #plain(at: number, repetition: number, component: number, subcomponent: number): string | null {
    const ends = at < 1 ? null : this.#reach(at);
    if (ends === null) return '';
    const { text, units } = this.#context;
    const { repetition: between, component: inside, subcomponent: below, escape: mark } = units;
    const end = ends[at] as number;
    let place: number;
    let left = component;
    if (this.#at === at && this.#repetition === repetition && this.#component <= component) {
      // Who reads a field reads its components, in their order: on from the last one.
      place = this.#place;
      left -= this.#component - 1;
    } else {
      place = (ends[at - 1] as number) + 1;
      for (let before = repetition; before > 1; place += 1) {
        if (place >= end) return '';
        if (text.charCodeAt(place) === between) before -= 1;
      }
    }
    for (; left > 1; place += 1) {
      if (place >= end) return '';
      const code = text.charCodeAt(place);
      if (code === inside) left -= 1;
      else if (code === between) return '';
    }
    this.#at = at;
    this.#repetition = repetition;
    this.#component = component;
    this.#place = place;
    const start = place;
    let escaped = false;
    for (; place < end; place += 1) {
      const code = text.charCodeAt(place);
      if (code === inside || code === between) break;
      if (code === below) return null;
      if (code === mark) escaped = true;
    }
    if (subcomponent > 1) return '';
    const sent = text.slice(start, place);
    return escaped ? unescapeText(sent, this.#context.delimiters, this.#context.charset) : sent;
  }

  /** MSH-1 and MSH-2 hold the delimiters and are not divided by them. */
  #isEncoding(field: number): boolean {
    return this.#shift === 1 && (field === 1 || field === 2);
  }

  #repetitionText(field: number, repetition: number): string {
    return piece(this.field(field), this.#context.delimiters.repetition, repetition);
  }

  /** The text as sent where it is divided. Empty parts at the end say nothing (2.6): `F^^` is the value `F`. */
  #whole(text: string, component: string): string {
    const { subcomponent } = this.#context.delimiters;
    if (!has(text, component) && !has(text, subcomponent)) return this.#leaf(text);
    let end = text.length;
    while (end > 0 && (text[end - 1] === component || text[end - 1] === subcomponent)) end -= 1;
    const rest = text.slice(0, end);
    return has(rest, component) || has(rest, subcomponent) ? text : this.#leaf(rest);
  }

  #leaf(text: string): string {
    return this.isEscaped && has(text, this.#context.delimiters.escape)
      ? unescapeText(text, this.#context.delimiters, this.#context.charset)
      : text;
  }
}

function has(text: string, delimiter: string): boolean {
  return delimiter !== '' && text.includes(delimiter);
}

/** The nth part of a text, from 1. A delimiter that the message does not have divides nothing. */
function piece(text: string, delimiter: string, n: number): string {
  if (n < 1) return '';
  if (delimiter === '') return n === 1 ? text : '';
  let start = 0;
  for (let left = n; ; left -= 1) {
    const end = text.indexOf(delimiter, start);
    if (left === 1) return end < 0 ? text.slice(start) : text.slice(start, end);
    if (end < 0) return '';
    start = end + 1;
  }
}

function pieces(text: string, delimiter: string): number {
  if (text === '') return 0;
  if (delimiter === '') return 1;
  let count = 1;
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 1)) count += 1;
  return count;
}
