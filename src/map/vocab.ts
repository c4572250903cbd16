/** Vocabulary maps, compiled: a v2 code to a FHIR code, and what becomes of one that has no row. */
import { WeirError } from '../errors.ts';
import { tableSystem } from './code-systems.ts';
import { equal } from './complete.ts';
import { pathOf, report } from './issue.ts';
import type { VocabMap, VocabTarget } from './mapping.ts';
import { data, type ElementFn, type FhirObject, type Frame, leaf, type Primitive, part, type ValueFn } from './runtime.ts';

/** What a vocabulary says of a code: its target, `null` where a row leaves it out on purpose, undefined where it has no row. */
export class Vocabulary {
  readonly name: string;
  /** The code system of the codes as sent, where the map names the v2 table. */
  readonly table: string | null;
  readonly #targets = new Map<string, VocabTarget | null>();
  readonly #otherwise: VocabTarget | undefined;

  constructor(map: VocabMap) {
    this.name = map.vocab;
    this.table = map.table === undefined ? null : tableSystem(map.table);
    for (const row of map.rows) {
      if (this.#targets.has(row.from)) continue;
      this.#targets.set(row.from, row.to === undefined ? null : complete(row.to, map.system));
    }
    this.#otherwise = map.otherwise === undefined ? undefined : complete(map.otherwise, map.system);
  }

  /** Whether a row says what the code means. */
  has(code: string): boolean {
    return this.#targets.has(code);
  }

  target(code: string): VocabTarget | null | undefined {
    const known = this.#targets.get(code);
    return known === undefined ? this.#otherwise : known;
  }
}

function complete(target: VocabTarget, system: string | undefined): VocabTarget {
  return target.system === undefined && system !== undefined ? { ...target, system } : target;
}

/** Into a primitive goes the target's code. A `boolean` is what it says. */
export function vocabValue(vocabulary: Vocabulary, type: string, read: ValueFn | null): ValueFn {
  return (frame) => {
    const code = read === null ? leaf(frame).trim() : read(frame);
    if (code === undefined || code === '' || code === '""') return undefined;
    const target = lookUp(vocabulary, String(code), frame);
    if (target === null || target === undefined) return undefined;
    return type === 'boolean' ? target.code === 'true' : (target.code as Primitive);
  };
}

/**
 * Into a Coding or CodeableConcept go code, system and display. In a CodeableConcept the mapped coding comes first and the coding as sent
 * follows, where it is another one.
 * @param sent the conversion of the value as sent; null where there is no datatype map
 */
export function vocabElement(vocabulary: Vocabulary, type: string, sent: ElementFn | null): ElementFn {
  if (type === 'Coding') return (frame, object) => intoCoding(vocabulary, frame, object, sent);
  if (type === 'CodeableConcept') return (frame, object) => intoConcept(vocabulary, frame, object, sent);
  throw new WeirError('map-failed', `the vocabulary ${vocabulary.name} cannot go into a ${type}`);
}

/** The code's target; what is not mapped is reported. */
function lookUp(vocabulary: Vocabulary, code: string, frame: Frame): VocabTarget | null | undefined {
  const target = vocabulary.target(code);
  if (target !== undefined) return target;
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
  return undefined;
}

function intoCoding(vocabulary: Vocabulary, frame: Frame, object: FhirObject, sent: ElementFn | null): number {
  const code = leaf(frame).trim();
  const target = code === '' || code === '""' ? undefined : lookUp(vocabulary, code, frame);
  if (target) {
    writeCoding(object, target, frame);
    return data;
  }
  return writeSent(vocabulary, code, frame, object, sent, false);
}

function intoConcept(vocabulary: Vocabulary, frame: Frame, object: FhirObject, sent: ElementFn | null): number {
  const code = leaf(frame).trim();
  const target = code === '' || code === '""' ? undefined : lookUp(vocabulary, code, frame);
  const level = writeSent(vocabulary, code, frame, object, sent, true);
  const codings = Array.isArray(object.coding) ? (object.coding as FhirObject[]) : [];
  if (target) {
    const same = codings.findIndex(
      (one) => one.code === target.code && (one.system === target.system || one.system === undefined),
    );
    const coding = same >= 0 ? (codings.splice(same, 1)[0] as FhirObject) : {};
    writeCoding(coding, target, frame);
    codings.unshift(coding);
    object.coding = codings;
  }
  return target ? data : level;
}

/** The value as sent. Its code is of the vocabulary's own table where a row knows it and the sender names no other system. */
function writeSent(
  vocabulary: Vocabulary,
  code: string,
  frame: Frame,
  object: FhirObject,
  sent: ElementFn | null,
  concept: boolean,
): number {
  const level = sent === null ? writeBare(code, frame, object, concept) : sent(frame, object);
  if (vocabulary.table === null || !vocabulary.has(code)) return level;
  const codings = concept ? (Array.isArray(object.coding) ? (object.coding as FhirObject[]) : []) : [object];
  const coding = codings.find((one) => one.code === code && one.system === undefined);
  if (coding !== undefined) {
    coding.system = vocabulary.table;
    frame.run.trace.constant(coding, 'system', frame, '');
  }
  return level;
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
