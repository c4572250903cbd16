/** What became of each field of a message, and what it became: the ledger and the trace, read together. */
import type { Bundle } from 'fhir/r4';
import type { Message } from '../hl7/message.ts';
import type { Location } from '../hl7/types.ts';
import type { LedgerLine, MapResult } from './types.ts';

/** An element that was written of a leaf. */
export interface Written {
  /** `Patient.name[0].family`; of several resources of a type `Observation[2].status`, counted from 1. */
  readonly element: string;
  /** The rows that wrote it, outermost first. */
  readonly rows: readonly string[];
}

export interface ExplainedLeaf extends LedgerLine {
  /** The value as sent, escapes resolved. */
  readonly value: string;
  readonly wrote: readonly Written[];
  /** The elements that a `""` deletes. */
  readonly deletes: readonly string[];
}

/** One line for each populated leaf, in the order of the message. A leaf that is mapped and wrote nothing went into an identity or a text. */
export function explain(message: Message, result: MapResult): ExplainedLeaf[] {
  const name = namer(result.bundle);
  const wrote = new Map<string, Written[]>();
  const references = new Map<string, Written[]>();
  for (const { entry, path, rows, from } of result.trace) {
    if (from === null) continue;
    // A reference comes of a value as a whole, which does not say that each part of it was read.
    const isReference = path === 'reference' || path.endsWith('.reference');
    add(isReference ? references : wrote, keyOf(from), { element: name(entry, path), rows });
  }
  const deleted = new Map<string, string[]>();
  for (const { entry, path, from } of result.deletes) add(deleted, keyOf(from), name(entry, path));
  const values = new Map<string, string>();
  for (const { location, value } of message.leaves()) values.set(keyOf(location), value);
  return result.ledger().map((line) => {
    const own = keyOf(line.from);
    const keys = keysOf(line.from);
    const written = keys.flatMap((key) => wrote.get(key) ?? []);
    return {
      ...line,
      value: values.get(own) ?? '',
      wrote: line.state === 'mapped' ? [...written, ...(references.get(own) ?? [])] : [],
      deletes: keys.flatMap((key) => deleted.get(key) ?? []),
    };
  });
}

/** Names a place of the bundle. */
function namer(bundle: Bundle): (entry: number, path: string) => string {
  const types = (bundle.entry ?? []).map(({ resource }) => resource?.resourceType ?? 'Resource');
  const total = new Map<string, number>();
  const ordinals = types.map((type) => {
    const ordinal = (total.get(type) ?? 0) + 1;
    total.set(type, ordinal);
    return ordinal;
  });
  return (entry, path) => {
    const type = types[entry];
    if (type === undefined) return `Bundle.${path}`;
    return (total.get(type) ?? 0) > 1 ? `${type}[${ordinals[entry]}].${path}` : `${type}.${path}`;
  };
}

function add<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** A leaf's place, and those of what holds it: a value may be read as a whole. */
function keysOf(place: Location): string[] {
  const { index, field, repetition, component, subcomponent } = place;
  return [
    `${index}.${field}.${repetition}.${component}.${subcomponent}`,
    `${index}.${field}.${repetition}.${component}.0`,
    `${index}.${field}.${repetition}.0.0`,
    `${index}.${field}.0.0.0`,
  ];
}

function keyOf(place: Location): string {
  return keysOf(place)[0] as string;
}
