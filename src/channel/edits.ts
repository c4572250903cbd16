/** `edit:` steps as written -> EditStep, with what is wrong in the shape of a step. */
import type { EditStep, EditTable } from '../map/edits.ts';
import { readCondition } from './conditions.ts';
import type { RawEdit } from './edit-schema.ts';
import { finding } from './findings.ts';
import type { Places } from './places.ts';
import type { Finding } from './types.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

/** The file that is being read, and where its findings go. */
export interface Reading {
  readonly yaml: YamlFile;
  readonly places: Places;
  readonly findings: Finding[];
}

const verbs = ['set', 'copy', 'translate', 'remove', 'add'] as const;
type Verb = (typeof verbs)[number];

/** The keys that go with each verb, beside `when`. */
const keysOf: Readonly<Record<Verb, readonly (keyof RawEdit)[]>> = {
  set: ['to'],
  copy: ['to'],
  translate: ['to', 'by', 'else'],
  remove: [],
  add: ['fields', 'after', 'before'],
};

/** The steps that can be read; each other one is a finding. */
export function readEdits(raw: readonly RawEdit[], reading: Reading, path: YamlPath): EditStep[] {
  return raw.flatMap((step, index) => readEdit(step, reading, [...path, index]) ?? []);
}

function readEdit(raw: RawEdit, reading: Reading, path: YamlPath): EditStep | null {
  const { yaml, places, findings } = reading;
  const fail = (what: string, next: string, key?: string): null => {
    const place = key === undefined ? yaml.place(path) : yaml.keyPlace([...path, key]);
    findings.push(finding('edit-step', place, `${what}; ${next}`));
    return null;
  };
  const written = verbs.filter((verb) => raw[verb] !== undefined);
  const [verb] = written;
  if (verb === undefined) return fail('The step does nothing (it needs one verb)', `write one of ${verbs.join(', ')}`);
  if (written.length > 1) return fail(`The step does several things (${written.join(' and ')})`, 'write a step for each');
  const stranger = (Object.keys(raw) as (keyof RawEdit)[]).find(
    (key) => raw[key] !== undefined && key !== 'when' && key !== verb && !keysOf[verb].includes(key),
  );
  if (stranger !== undefined) {
    const known = keysOf[verb].length === 0 ? 'it has no other' : `it has ${keysOf[verb].join(', ')}`;
    return fail(`"${stranger}" means nothing beside ${verb} (${known})`, 'remove it', stranger);
  }
  if ((verb === 'set' || verb === 'copy') && raw.to === undefined)
    return fail(`"to" is missing (${verb} writes there)`, 'add it');
  if (verb === 'translate' && raw.by === undefined) return fail('"by" is missing (translate needs a table)', 'add it');
  if (raw.after !== undefined && raw.before !== undefined)
    return fail('The segment stands after and before (it has one place)', 'keep one of them', 'before');
  const when = raw.when === undefined ? null : readCondition(raw.when, yaml, [...path, 'when'], findings);
  if (when === undefined) return null;
  const step: EditStep = { when, text: raw.when ?? '', source: yaml.place(path), ...what(raw, verb) };
  return places.keep(step, yaml, path);
}

type Deed<T> = T extends EditStep ? Omit<T, 'when' | 'text' | 'source'> : never;

function what(raw: RawEdit, verb: Verb): Deed<EditStep> {
  const { to = '' } = raw;
  switch (verb) {
    case 'set':
      return { kind: 'set', value: String(raw.set), to };
    case 'copy':
      return { kind: 'copy', from: raw.copy ?? '', to };
    case 'translate': {
      const from = raw.translate ?? '';
      return { kind: 'translate', from, to: raw.to ?? from, by: tableOf(raw.by), unlisted: raw.else ?? 'keep' };
    }
    case 'remove':
      return { kind: 'remove', paths: typeof raw.remove === 'string' ? [raw.remove] : (raw.remove ?? []) };
    case 'add':
      return {
        kind: 'add',
        segment: raw.add ?? '',
        fields: Object.fromEntries(Object.entries(raw.fields ?? {}).map(([field, value]) => [field, String(value)])),
        beside:
          raw.after !== undefined
            ? { at: 'after', segment: raw.after }
            : raw.before !== undefined
              ? { at: 'before', segment: raw.before }
              : null,
      };
  }
}

function tableOf(by: RawEdit['by']): EditTable {
  if (typeof by === 'string') return { kind: 'vocab', vocab: by };
  return { kind: 'table', codes: Object.fromEntries(Object.entries(by ?? {}).map(([from, to]) => [from, String(to)])) };
}
