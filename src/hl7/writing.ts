/** Texts that are put into messages: segments with their values, text that is taken as it is, line ends. */
import { WeirError } from '../errors.ts';
import type { Message } from './message.ts';
import { parsePath } from './path.ts';
import { type EditPath, findPlace } from './place.ts';
import { Segment, segmentContext } from './segment.ts';
import type { Delimiters } from './types.ts';

/** Position -> value: `{ 1: '1', '3.1': 'text', '3[2].1': 'more' }`; below a field its components: `{ 5: { 1: 'DOE', 2: 'JO' } }`. */
export interface Values {
  readonly [position: string]: string | Values;
}

/** A segment of this name with these values. Throws `hl7-bad-path` and `hl7-edit-place`. */
export function fill(name: string, values: Values, escaped: (value: string) => string, d: Delimiters): string {
  let text = name + d.field;
  for (const [position, value] of flat(values, '')) {
    const path = `${name}-${position}`;
    const segment = new Segment(0, 0, text.length, segmentContext(text, d, 'utf-8'));
    const found = findPlace(segment, parsePath(path), d);
    if (found === null) throw new WeirError('hl7-edit-place', `${path}: MSH-2 has no delimiter for it`);
    if (value !== '') text = text.slice(0, found.start) + found.missing + escaped(value) + text.slice(found.end);
  }
  return text;
}

function* flat(values: Values, before: string): Iterable<readonly [position: string, value: string]> {
  for (const [position, value] of Object.entries(values)) {
    if (typeof value === 'string') yield [before + position, value];
    else yield* flat(value, `${before}${position}.`);
  }
}

/** Text that is to stand at a place as it is. Throws `hl7-edit-text` where it would reach beyond the place. */
export function raw(text: string, path: EditPath, d: Delimiters): string {
  const above = [d.field];
  if (!path.isField) above.push(d.repetition);
  if (path.component > 0) above.push(d.component);
  if (path.subcomponent > 0) above.push(d.subcomponent);
  if (endsLine(text) || above.some((delimiter) => delimiter !== '' && text.includes(delimiter)))
    throw new WeirError('hl7-edit-text');
  return text;
}

/** Whether a text would end a segment or an MLLP frame. */
export function endsLine(text: string): boolean {
  return ['\r', '\n', '\v', '\x1c'].some((character) => text.includes(character));
}

/** The line end that a message uses; CR where it has none yet. */
export function lineEndOf({ text, segments }: Message): string {
  const [first] = segments;
  return (first && lineEndAt(text, first.start + first.text.length)) || '\r';
}

/** The line end at a place, or nothing. */
export function lineEndAt(text: string, at: number): string {
  if (text[at] === '\r') return text[at + 1] === '\n' ? '\r\n' : '\r';
  return text[at] === '\n' ? '\n' : '';
}
