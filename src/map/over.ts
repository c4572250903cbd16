/** What a compiled row runs over: the values it reads, one by one; and how the rows of a map are run. */
import { report } from './issue.ts';
import { type Frame, nothing, partsOf, type Scope } from './runtime.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';
import type { Test } from './when.ts';

/** Does what a row says for one of its values. `again`: it wrote for an earlier one already. */
export type Put = (frame: Frame, scope: Scope, again: boolean) => number;

/** A row, compiled. A few classes: who runs rows knows what is called. */
export interface Runner {
  /** Does what the row says. Gives what it wrote, as bits. */
  run(frame: Frame, scope: Scope): number;
}

/** What a row runs over: its values, under its condition. */
export interface Over {
  readonly source: Source | null;
  /** Runs for each value; `""` deletes instead. A single element takes the first value that has something for it. */
  run(target: Target, put: Put): Runner;
}

/** Values are looked for before the condition is tested: most fields of a message are empty. */
export function compileOver(source: Source | null, test: Test | null, each: boolean): Over {
  if (source === null) return { source, run: (_target, put) => new WithoutValue(test, put) };
  if (!source.many) return { source, run: (target, put) => new OverOne(source, test, target, put) };
  const [before, ofEach] = each ? [null, test] : [test, null];
  return { source, run: (target, put) => new OverRepetitions(source, { before, ofEach }, target, put) };
}

/** A row that reads no value. */
export class WithoutValue implements Runner {
  readonly #test: Test | null;
  readonly #put: Put;

  constructor(test: Test | null, put: Put) {
    this.#test = test;
    this.#put = put;
  }

  run(frame: Frame, scope: Scope): number {
    return this.#test === null || this.#test(frame) ? this.#put(frame, scope, false) : nothing;
  }
}

class OverOne implements Runner {
  readonly #source: Source;
  readonly #test: Test | null;
  readonly #target: Target;
  readonly #put: Put;

  constructor(source: Source, test: Test | null, target: Target, put: Put) {
    this.#source = source;
    this.#test = test;
    this.#target = target;
    this.#put = put;
  }

  run(frame: Frame, scope: Scope): number {
    if (this.#test !== null && (this.#source.isEmpty(frame) || !this.#test(frame))) return nothing;
    const value = this.#source.at(frame, 1);
    if (value === null) return nothing;
    return value.text === '""' ? deletion(value, scope, this.#target) : this.#put(value, scope, false);
  }
}

/** The condition of a row: tested once, or with each repetition. */
interface Tests {
  readonly before: Test | null;
  readonly ofEach: Test | null;
}

class OverRepetitions implements Runner {
  readonly #source: Source;
  readonly #before: Test | null;
  readonly #ofEach: Test | null;
  readonly #target: Target;
  readonly #put: Put;

  constructor(source: Source, { before, ofEach }: Tests, target: Target, put: Put) {
    this.#source = source;
    this.#before = before;
    this.#ofEach = ofEach;
    this.#target = target;
    this.#put = put;
  }

  run(frame: Frame, scope: Scope): number {
    const source = this.#source;
    if (source.isEmpty(frame) || (this.#before !== null && !this.#before(frame))) return nothing;
    const count = source.count(frame);
    let level = nothing;
    for (let repetition = 1; repetition <= count; repetition += 1) {
      const value = source.at(frame, repetition);
      if (value === null || (this.#ofEach !== null && !this.#ofEach(value))) continue;
      if (level !== nothing && !this.#target.repeats) extra(value, this.#target);
      else level |= value.text === '""' ? deletion(value, scope, this.#target) : this.#put(value, scope, level !== nothing);
    }
    return level;
  }
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
  readonly row: Runner;
  readonly gate: number;
}

/** Runs every row. */
export function runAll(rows: readonly Runner[], frame: Frame, scope: Scope): number {
  let level = nothing;
  for (let at = 0; at < rows.length; at += 1) level |= (rows[at] as Runner).run(frame, scope);
  return level;
}

/** Runs the rows of a segment map: those whose field is empty are not even called, as most are. */
export function runFields(rows: readonly Runner[], gates: readonly number[], frame: Frame, scope: Scope): number {
  const { segment } = frame;
  let level = nothing;
  for (let at = 0; at < rows.length; at += 1) {
    const gate = gates[at] as number;
    if (gate === 0 || segment.firstUnit(gate) !== 0) level |= (rows[at] as Runner).run(frame, scope);
  }
  return level;
}

/** The same for the rows of a datatype map, by component. */
export function runParts(rows: readonly Runner[], gates: readonly number[], frame: Frame, scope: Scope): number {
  if (frame.component !== 0) return runAll(rows, frame, scope);
  const parts = partsOf(frame);
  let level = nothing;
  for (let at = 0; at < rows.length; at += 1) {
    const gate = gates[at] as number;
    if (gate === 0 || (gate <= parts.length && parts[gate - 1] !== '')) level |= (rows[at] as Runner).run(frame, scope);
  }
  return level;
}
