/** `match`, compiled: which of several resources of a name is meant, by what the paths there and here hold. */
import type { Context } from './context.ts';
import type { Made } from './made.ts';
import type { Frame } from './runtime.ts';
import { compileSource, type Source } from './source.ts';

/** A path of the other resource's place, and what it must have: the value here, or a text. */
export interface Pair {
  readonly there: Source;
  readonly here: Source | string;
}

/** Compiles the pairs of a `match`. `inner` is where the paths here are read, `row` names who matches in the trace. */
export function compilePairs(inner: Context, match: Readonly<Record<string, string>>, row: string): Pair[] {
  // There, every segment is the one nearest to where the other resource was made.
  const elsewhere: Context = { ...inner, levels: [{ segment: '', field: 0, datatype: '' }] };
  return Object.entries(match).map(([there, here]) => ({
    there: compileSource(elsewhere, there, row),
    here: literalOf(here) ?? compileSource(inner, here, row),
  }));
}

/** `"600-7"` of a match, without its quotes. */
export function literalOf(text: string): string | null {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : null;
}

/** What each pair wants at this frame; empty where the path here is. */
export function wantedAt(pairs: readonly Pair[], frame: Frame): string[] {
  return pairs.map(({ here }) => (typeof here === 'string' ? here : (here.at(frame, 1)?.text ?? '')));
}

/** Whether a resource was made where the paths have what is wanted. Paths that are empty on both sides agree. */
export function agrees(pairs: readonly Pair[], wanted: readonly string[], made: Made): boolean {
  return pairs.every(({ there }, at) => (there.at(made.frame, 1)?.text ?? '') === wanted[at]);
}

/** The values by which a resource was found are part of the result. */
export function consumeMatch(pairs: readonly Pair[], frame: Frame): void {
  for (const { here } of pairs) {
    const value = typeof here === 'string' ? null : here.at(frame, 1);
    if (value !== null) value.run.trace.consumed(value, '', value.component, value.subcomponent);
  }
}
