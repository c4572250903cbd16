/** `set`: constants, and texts with values of the message in them. */

import { plainText } from './compile-value.ts';
import type { Context } from './context.ts';
import type { Frame, Primitive, ValueFn } from './runtime.ts';
import { compileSource, type Source } from './source.ts';

export type SetValue =
  | { readonly kind: 'constant'; readonly value: Primitive }
  /** Reads the text; undefined where one of its paths is empty. */
  | { readonly kind: 'template'; readonly read: (frame: Frame) => string | undefined };

/** Compiles what `set` says. `{PATH}` stands for a value, `{{` for a brace. */
export function compileSet(context: Context, set: string | number | boolean, row: string): SetValue {
  if (typeof set !== 'string' || !set.includes('{')) return { kind: 'constant', value: set };
  const pieces: (string | Source)[] = [];
  let text = '';
  for (let at = 0; at < set.length; at += 1) {
    if (set.startsWith('{{', at)) {
      text += '{';
      at += 1;
    } else if (set[at] === '{') {
      const end = set.indexOf('}', at);
      pieces.push(text, compileSource(context, set.slice(at + 1, end < 0 ? set.length : end), row));
      text = '';
      at = end < 0 ? set.length : end;
    } else text += set[at];
  }
  pieces.push(text);
  if (pieces.length === 1) return { kind: 'constant', value: pieces[0] as string };
  return { kind: 'template', read: (frame) => fill(pieces, frame) };
}

function fill(pieces: readonly (string | Source)[], frame: Frame): string | undefined {
  const { run } = frame;
  let text = '';
  const read: [Frame, number, number][] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const value = piece.at(frame, 1);
    const found = value === null ? '' : plainText(value);
    if (value === null || found === '') return undefined;
    read.push([value, run.fromComponent, run.fromSubcomponent]);
    text += found;
  }
  // The first value is the source that the trace shows; the others are accounted for.
  for (const [value, component, subcomponent] of read.slice(1)) run.trace.consumed(value, '', component, subcomponent);
  const [first] = read;
  if (first !== undefined) run.mark(...first);
  return text;
}

/** The text converted to the type of the element. */
export function converted(
  read: (frame: Frame) => string | undefined,
  convert: ((text: string, frame: Frame) => Primitive | undefined) | null,
): ValueFn {
  return (frame) => {
    const text = read(frame);
    return text === undefined || convert === null ? text : convert(text, frame.run.from ?? frame);
  };
}
