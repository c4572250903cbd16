import { unescapeText } from './escape.ts';
import type { Delimiters, Location } from './types.ts';

/** What the segments of one message share. */
export interface SegmentContext {
  readonly delimiters: Delimiters;
  /** The encoding label of the message, for `\Xdd..\`. */
  readonly charset: string;
}

/**
 * One segment. Fields, repetitions, components and subcomponents count from 1, as HL7 does; reading what is not there gives
 * an empty value. In MSH, FHS and BHS field 1 is the field separator itself.
 */
export class Segment {
  /** Place in the message, from 0. */
  readonly index: number;
  readonly name: string;
  readonly text: string;
  /** Where `text` begins in the message's text. */
  readonly start: number;
  readonly #context: SegmentContext;
  /** 1 where the separator behind the name is a field of its own. */
  readonly #shift: number;
  #fields: string[] | null = null;

  constructor(index: number, text: string, start: number, context: SegmentContext) {
    const end = text.indexOf(context.delimiters.field);
    this.index = index;
    this.name = end < 0 ? text : text.slice(0, end);
    this.text = text;
    this.start = start;
    this.#context = context;
    this.#shift = this.name === 'MSH' || this.name === 'BHS' || this.name === 'FHS' ? 1 : 0;
  }

  /** The number of the last field in the text. */
  get fieldCount(): number {
    const count = this.#split().length - 1;
    // A bare `MSH` has no separator either.
    return count === 0 ? 0 : count + this.#shift;
  }

  /** A field's text as sent, with all its delimiters and escapes. */
  field(field: number): string {
    if (field < 1) return '';
    if (this.#shift === 0) return this.#split()[field] ?? '';
    if (field > 1) return this.#split()[field - 1] ?? '';
    return this.text === this.name ? '' : this.#context.delimiters.field;
  }

  /** Repetitions in the text, empty ones included; 0 where the field is empty. */
  count(field: number): number {
    return this.#isEncoding(field) ? 1 : pieces(this.field(field), this.#context.delimiters.repetition);
  }

  /** Components of a repetition in the text; 0 where it is empty. */
  componentCount(field: number, repetition: number): number {
    return this.#isEncoding(field) ? 1 : pieces(this.#repetition(field, repetition), this.#context.delimiters.component);
  }

  /** Subcomponents of a component in the text; 0 where it is empty. */
  subcomponentCount(field: number, repetition: number, component: number): number {
    if (this.#isEncoding(field)) return 1;
    const { delimiters } = this.#context;
    return pieces(piece(this.#repetition(field, repetition), delimiters.component, component), delimiters.subcomponent);
  }

  /**
   * The value at a place, `''` where there is none. `component` 0 is the whole repetition, `subcomponent` 0 the whole component:
   * the text as sent where it is divided, else its value with escapes resolved. What is not divided is its own first part
   * (HL7 2.9, 2.6): component 1 of a field without components is the field's value, and so one level down.
   */
  value(field: number, repetition: number, component: number, subcomponent: number): string {
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

  #split(): string[] {
    this.#fields ??= this.text.split(this.#context.delimiters.field);
    return this.#fields;
  }

  /** MSH-1 and MSH-2 hold the delimiters and are not divided by them. */
  #isEncoding(field: number): boolean {
    return this.#shift === 1 && (field === 1 || field === 2);
  }

  #repetition(field: number, repetition: number): string {
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
    return has(text, this.#context.delimiters.escape)
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
