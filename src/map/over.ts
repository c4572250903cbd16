/** What a compiled row runs over: the values it reads, one by one; and how the rows of a map are run. */
import { report } from './issue.ts';
import { type Frame, nothing, partsOf, type RowFn, type Scope } from './runtime.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';
import type { Test } from './when.ts';

/** Does what a row says for one of its values. `again`: it wrote for an earlier one already. */
export type Put = (frame: Frame, scope: Scope, again: boolean) => number;

/** What a row runs over: its values, under its condition. */
export interface Over {
  readonly source: Source | null;
  /** Runs for each value; `""` deletes instead. A single element takes the first value that has something for it. */
  run(target: Target, put: Put): RowFn;
}

/** Values are looked for before the condition is tested: most fields of a message are empty. */
export function compileOver(source: Source | null, test: Test | null, each: boolean): Over {
  if (source === null)
    return {
      source,
      run: (_target, put) =>
        test === null
          ? (frame, scope) => put(frame, scope, false)
          : (frame, scope) => (test(frame) ? put(frame, scope, false) : nothing),
    };
  if (!source.many)
    return {
      source,
      run: (target, put) => (frame, scope) => {
        if (test !== null && (source.isEmpty(frame) || !test(frame))) return nothing;
        const value = source.at(frame, 1);
        if (value === null) return nothing;
        return value.text === '""' ? deletion(value, scope, target) : put(value, scope, false);
      },
    };
  return { source, run: (target, put) => overRepetitions(source, test, each, target, put) };
}

function overRepetitions(source: Source, test: Test | null, each: boolean, target: Target, put: Put): RowFn {
  const { repeats } = target;
  return (frame, scope) => {
    if (source.isEmpty(frame) || (test !== null && !each && !test(frame))) return nothing;
    const count = source.count(frame);
    let level = nothing;
    for (let repetition = 1; repetition <= count; repetition += 1) {
      const value = source.at(frame, repetition);
      if (value === null || (each && test !== null && !test(value))) continue;
      if (level !== nothing && !repeats) extra(value, target);
      else level |= value.text === '""' ? deletion(value, scope, target) : put(value, scope, level !== nothing);
    }
    return level;
  };
}

function deletion(value: Frame, scope: Scope, target: Target): number {
  value.run.trace.deleted(scope.object, target.path, value);
  return nothing;
}

function extra(value: Frame, target: Target): void {
  report(
    value.run,
    value,
    'warning',
    'extra-repetition',
    `The repetition was left out (${value.row}: ${target.path} holds one value); map it to another element if it matters`,
  );
}

/** A compiled row, and the field or component without which it has nothing to read; 0 where there is none such. */
export interface Gated {
  readonly run: RowFn;
  readonly gate: number;
}

/** Runs every row. */
export function runAll(runs: readonly RowFn[], frame: Frame, scope: Scope): number {
  let level = nothing;
  for (const run of runs) level |= run(frame, scope);
  return level;
}

/** Runs the rows of a segment map: those whose field is empty are not even called, as most are. */
export function runFields(runs: readonly RowFn[], gates: readonly number[], frame: Frame, scope: Scope): number {
  const { segment } = frame;
  let level = nothing;
  for (let at = 0; at < runs.length; at += 1) {
    const gate = gates[at] as number;
    if (gate === 0 || segment.field(gate) !== '') level |= (runs[at] as RowFn)(frame, scope);
  }
  return level;
}

/** The same for the rows of a datatype map, by component. */
export function runParts(runs: readonly RowFn[], gates: readonly number[], frame: Frame, scope: Scope): number {
  if (frame.component !== 0) return runAll(runs, frame, scope);
  const parts = partsOf(frame);
  let level = nothing;
  for (let at = 0; at < runs.length; at += 1) {
    const gate = gates[at] as number;
    if (gate === 0 || (gate <= parts.length && parts[gate - 1] !== '')) level |= (runs[at] as RowFn)(frame, scope);
  }
  return level;
}
