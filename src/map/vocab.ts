/** Vocabulary maps, compiled: a v2 code to a FHIR code, and what becomes of one that has no row. */
import { WeirError } from '../errors.ts';
import { type CodeSystems, tableSystem } from './code-systems.ts';
import { equal } from './complete.ts';
import { rowName } from './context.ts';
import { pathOf, report } from './issue.ts';
import type { VocabMap, VocabTarget } from './mapping.ts';
import { keepOwnWords, toText } from './own-words.ts';
import {
  data,
  type ElementFn,
  type FhirObject,
  type Frame,
  leaf,
  nothing,
  type Primitive,
  part,
  type ValueFn,
} from './runtime.ts';
import type { SkipRule } from './skips.ts';

/** What a vocabulary says of a code: its target, `null` where a row leaves it out on purpose, undefined where it has no row. */
export class Vocabulary {
  readonly name: string;
  /** The code system of the codes as sent, where the map names the v2 table. */
  readonly table: string | null;
  readonly #targets = new Map<string, VocabTarget | null>();
  /** The codes of the table: those that the guide has. A row of ours beside them may be for what a sender writes in their place. */
  readonly #standard = new Set<string>();
  readonly #otherwise: VocabTarget | undefined;
  readonly #skips = new Map<string, readonly SkipRule[]>();

  constructor(map: VocabMap) {
    this.name = map.vocab;
    this.table = map.table === undefined ? null : tableSystem(map.table);
    const isOurs = map.rows.every(({ ids }) => ids.length === 0);
    for (const row of map.rows) {
      if (isOurs || row.ids.length > 0) this.#standard.add(row.from);
      if (this.#targets.has(row.from)) continue;
      this.#targets.set(row.from, row.to === undefined ? null : complete(row.to, map.system));
      if (row.skip === true) this.#skips.set(row.from, [{ row: rowName(map.vocab, row), why: row.why ?? '', path: null }]);
    }
    this.#otherwise = map.otherwise === undefined ? undefined : complete(map.otherwise, map.system);
  }

  /** Whether the code is one of the v2 table. */
  has(code: string): boolean {
    return this.#standard.has(code);
  }

  target(code: string): VocabTarget | null | undefined {
    const known = this.#targets.get(code);
    return known === undefined ? this.#otherwise : known;
  }

  /** Tells the ledger why a code that a row leaves out has gone nowhere. */
  skip(code: string, frame: Frame): void {
    const rules = this.#skips.get(code);
    if (rules !== undefined) frame.run.skipped.push(rules, frame);
  }
}

function complete(target: VocabTarget, system: string | undefined): VocabTarget {
  return target.system === undefined && system !== undefined ? { ...target, system } : target;
}

/**
 * Into a primitive goes the target's code. A `boolean` is what it says.
 * @param datatype the v2 type of what is read
 */
export function vocabValue(vocabulary: Vocabulary, datatype: string, type: string, read: ValueFn | null): ValueFn {
  const isCoded = coded.has(datatype);
  return (frame) => {
    const code = read === null ? leaf(frame).trim() : read(frame);
    if (code === undefined || code === '' || code === '""') return undefined;
    const target = vocabulary.target(String(code));
    if (target === undefined) unmapped(vocabulary, String(code), frame);
    if (target === null) vocabulary.skip(String(code), frame);
    if (target === null || target === undefined) return undefined;
    if (isCoded) consume(frame);
    return type === 'boolean' ? target.code === 'true' : (target.code as Primitive);
  };
}

/**
 * Into a Coding or CodeableConcept go code, system and display. In a CodeableConcept the mapped coding comes first and the coding as sent
 * follows, where it is another one.
 * @param datatype the v2 type of what is read
 * @param sent the conversion of the value as sent; null where there is no datatype map
 */
export function vocabElement(
  vocabulary: Vocabulary,
  datatype: string,
  type: string,
  sent: ElementFn | null,
  codeSystems: CodeSystems,
): ElementFn {
  if (type !== 'Coding' && type !== 'CodeableConcept')
    throw new WeirError('map-failed', `the vocabulary ${vocabulary.name} cannot go into a ${type}`);
  const into = type === 'Coding' ? intoCoding : intoConcept;
  const isCoded = coded.has(datatype);
  return (frame, object) => {
    const code = leaf(frame).trim();
    const target = code === '' || code === '""' ? null : vocabulary.target(code);
    if (target && isCoded) consume(frame);
    // A code of another system is none that the vocabulary could know: it is taken as sent.
    if (target === undefined && (!isCoded || isOwn(vocabulary, frame, codeSystems))) unmapped(vocabulary, code, frame);
    const level = into(vocabulary, code, target ?? null, frame, object, sent);
    if (level === nothing && target === null) vocabulary.skip(code, frame);
    return level;
  };
}

/** The v2 types of a code, its text and its system. */
const coded: ReadonlySet<string> = new Set(['CE', 'CF', 'CNE', 'CWE']);

/** Whether the value names no system, or the vocabulary's own table. */
function isOwn(vocabulary: Vocabulary, frame: Frame, codeSystems: CodeSystems): boolean {
  const system = part(frame, 3, 0).trim();
  return system === '' || (vocabulary.table !== null && codeSystems.uri(system) === vocabulary.table);
}

/** Text and system of a coded value: the target stands for them. */
function consume(frame: Frame): void {
  if (frame.simple || frame.subcomponent > 0) return;
  for (const at of [2, 3]) {
    if (part(frame, at, 0) === '') continue;
    if (frame.component === 0) frame.run.trace.consumed(frame, '', at, 0);
    else frame.run.trace.consumed(frame, '', frame.component, at);
  }
}

/** Reports a code without a target. */
function unmapped(vocabulary: Vocabulary, code: string, frame: Frame): void {
  const { run } = frame;
  // A code's own system, where the value is a coded element with one.
  const system = frame.text === code ? '' : part(frame, 3, 0);
  run.unmapped.push({ path: pathOf(frame), code, system: system === '' ? null : system, vocab: vocabulary.name });
  const severity = run.settings.unmappedCode === 'park' ? 'error' : 'warning';
  report(
    run,
    frame,
    severity,
    'unmapped-code',
    `The code has no target (${frame.row}: ${vocabulary.name} has no row for it); add a row, or correct the code at the source`,
  );
}

type Into = (
  vocabulary: Vocabulary,
  code: string,
  target: VocabTarget | null,
  frame: Frame,
  object: FhirObject,
  sent: ElementFn | null,
) => number;

const intoCoding: Into = (vocabulary, code, target, frame, object, sent) => {
  if (target !== null) {
    writeCoding(object, target, frame);
    return data;
  }
  const level = sent === null ? writeBare(code, frame, object, false) : sent(frame, object);
  claim(vocabulary, code, object, frame);
  return level;
};

const intoConcept: Into = (vocabulary, code, target, frame, object, sent) => {
  const level = sent === null ? writeBare(code, frame, object, true) : sent(frame, object);
  const codings = Array.isArray(object.coding) ? (object.coding as FhirObject[]) : [];
  if (target === null) {
    const bare = codings.find((one) => one.code === code);
    if (bare !== undefined) claim(vocabulary, code, bare, frame);
    keepOwnWords(frame.run, object);
    return level;
  }
  const same = codings.findIndex((one) => one.code === target.code && (one.system === target.system || one.system === undefined));
  const coding = same >= 0 ? (codings.splice(same, 1)[0] as FhirObject) : {};
  const bare = codings.find((one) => one.code === code);
  if (bare !== undefined) claim(vocabulary, code, bare, frame);
  if (target.display !== undefined && coding.display !== undefined && coding.display !== target.display)
    toText(frame.run, object, coding);
  codings.unshift(coding);
  object.coding = codings;
  writeCoding(coding, target, frame);
  keepOwnWords(frame.run, object, target.display === undefined ? null : coding);
  return data;
};

/** A code without a system is of the vocabulary's own table where that has it. */
function claim(vocabulary: Vocabulary, code: string, coding: FhirObject, frame: Frame): void {
  if (vocabulary.table === null || coding.code !== code || coding.system !== undefined || !vocabulary.has(code)) return;
  coding.system = vocabulary.table;
  frame.run.trace.constant(coding, 'system', frame, '');
}

function writeBare(code: string, frame: Frame, object: FhirObject, concept: boolean): number {
  if (code === '' || code === '""') return 0;
  leaf(frame);
  const coding: FhirObject = { code };
  if (concept) object.coding = [coding];
  else object.code = code;
  frame.run.trace.wrote(concept ? coding : object, 'code', frame.run);
  return data;
}

function writeCoding(coding: FhirObject, target: VocabTarget, frame: Frame): void {
  const { run } = frame;
  leaf(frame);
  for (const name of ['system', 'code', 'display'] as const) {
    const value = target[name];
    if (value === undefined || equal(coding[name], value)) continue;
    coding[name] = value;
    run.trace.wrote(coding, name, run);
  }
}
