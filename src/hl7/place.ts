import { parsePath } from './path.ts';
import type { Segment } from './segment.ts';
import type { Delimiters, Path } from './types.ts';

/** A part of a text, from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place below a segment. `repetition` 0 is the whole field with all its repetitions, `component` 0 the whole repetition, and so on. */
export interface Place {
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
}

/** Where a value stands in the message's text, or where it would: `missing` are the delimiters that lead there. */
export interface Found extends Span {
  readonly missing: string;
}

/**
 * Finds a place in a segment; offsets are those of the message's text. Null where the message lacks the delimiter that the place
 * needs. MSH-1 and MSH-2 (and those of FHS and BHS) are not divided (HL7 2.9, 2.5.4).
 */
export function findPlace(segment: Segment, place: Place, d: Delimiters): Found | null {
  const header = isHeader(segment.name);
  let span: Span = { start: 0, end: segment.text.length };
  let missing = '';
  // The separator behind the name of a header is field 1, the encoding characters are the text behind it.
  if (header && place.field === 1) {
    if (segment.text === segment.name) return null;
    span = { start: 3, end: 3 + d.field.length };
  } else {
    for (const [delimiter, position] of steps(place, header, d)) {
      const found = part(segment.text, span, delimiter, position);
      if (found === null) return null;
      // Below a place that is missing nothing is there.
      span = missing === '' ? found.span : { start: found.span.end, end: found.span.end };
      missing += missing === '' ? found.missing : delimiter.repeat(position - 1);
    }
  }
  return { start: segment.start + span.start, end: segment.start + span.end, missing };
}

/** In these the separator behind the name is a field of its own. */
export function isHeader(name: string): boolean {
  return name === 'MSH' || name === 'FHS' || name === 'BHS';
}

/** The divisions that lead to a place: by which delimiter, and the part to take, from 1. */
function steps(place: Place, header: boolean, d: Delimiters): (readonly [delimiter: string, position: number])[] {
  const found: (readonly [string, number])[] = [[d.field, header ? place.field : place.field + 1]];
  if (header && place.field < 3) return found;
  // A delimiter that divides a level above (a header may say so) divides nothing here.
  const above = [d.field];
  const step = (delimiter: string, position: number): void => {
    if (position > 0) found.push([above.includes(delimiter) ? '' : delimiter, position]);
    above.push(delimiter);
  };
  step(d.repetition, place.repetition);
  step(d.component, place.component);
  step(d.subcomponent, place.subcomponent);
  return found;
}

/** The nth part of a span; where there are fewer, its end and the delimiters that are missing. */
function part(text: string, whole: Span, delimiter: string, position: number): { span: Span; missing: string } | null {
  if (delimiter === '') return position === 1 ? { span: whole, missing: '' } : null;
  let { start } = whole;
  for (let left = position; ; left -= 1) {
    const at = text.indexOf(delimiter, start);
    const end = at < 0 || at >= whole.end ? whole.end : at;
    if (left === 1) return { span: { start, end }, missing: '' };
    if (end === whole.end) return { span: { start: end, end }, missing: delimiter.repeat(left - 1) };
    start = end + delimiter.length;
  }
}

/** A path to write at. Written as `PID-3` it names the whole field (`isField`, `repetition` 0); a path that reads takes its first repetition. */
export interface EditPath extends Path {
  readonly isField: boolean;
}

/** Throws `hl7-bad-path`. */
export function parseEditPath(text: string): EditPath {
  const path = parsePath(text);
  const isField = path.field > 0 && path.component === 0 && !text.endsWith(']');
  return isField ? { ...path, repetition: 0, isField } : { ...path, isField };
}
