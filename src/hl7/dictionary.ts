import v21 from './dictionary/2.1.json' with { type: 'json' };
import v22 from './dictionary/2.2.json' with { type: 'json' };
import v231 from './dictionary/2.3.1.json' with { type: 'json' };
import v23 from './dictionary/2.3.json' with { type: 'json' };
import v24 from './dictionary/2.4.json' with { type: 'json' };
import v251 from './dictionary/2.5.1.json' with { type: 'json' };
import v25 from './dictionary/2.5.json' with { type: 'json' };
import v26 from './dictionary/2.6.json' with { type: 'json' };
import v28 from './dictionary/2.8.json' with { type: 'json' };
import v29 from './dictionary/2.9.json' with { type: 'json' };

/**
 * The fields of segments and the components of datatypes, by version. The tables are JSON modules: they are constants that come with the
 * code, as if written here, so the room does no I/O by having them (together 11 ms and 4 MB). `scripts/dictionary.ts` writes them.
 */
export interface FieldEntry {
  /** Its name in the standard, `Patient Identifier List`. */
  readonly name: string;
  /** `CX`; `VARIES` where another field says (OBX-5 by OBX-2). */
  readonly type: string;
  /** How often it may stand; 0 is any number. */
  readonly repetitions: number;
  /** `R`, `O`, `C`, `B` (kept for older senders), `S`. */
  readonly usage: string;
  /** Characters at most; 0 where the standard states none. */
  readonly length: number;
  /** The table of its codes, `0001`; empty where there is none. */
  readonly table: string;
}

type Field = readonly [name: string, type: string, repetitions: number, usage: string, length: number, table: number] | null;

interface Tables {
  readonly segments: Readonly<Record<string, readonly Field[]>>;
  readonly datatypes: Readonly<Record<string, readonly Field[]>>;
}

// The compiler reads a JSON module's tuples as arrays of unions; the script that writes them is what guarantees their form.
const tables: ReadonlyMap<string, Tables> = new Map(
  Object.entries({
    '2.1': v21,
    '2.2': v22,
    '2.3': v23,
    '2.3.1': v231,
    '2.4': v24,
    '2.5': v25,
    '2.5.1': v251,
    '2.6': v26,
    '2.7': v28,
    '2.7.1': v28,
    '2.8': v28,
    '2.8.1': v28,
    '2.8.2': v28,
    '2.9': v29,
  }) as unknown as [string, Tables][],
);

export const newestVersion = '2.9';

/** A field's entry, `field('PID', 3)`; undefined where the version has no such field. A version that is not known counts as the newest. */
export function field(segment: string, position: number, version: string = newestVersion): FieldEntry | undefined {
  return entry(tablesOf(version).segments, segment, position);
}

/** A component's entry, `component('CX', 4)`; undefined where the version has no such component. */
export function component(datatype: string, position: number, version: string = newestVersion): FieldEntry | undefined {
  return entry(tablesOf(version).datatypes, datatype, position);
}

/** The datatype of a field: `fieldType('PID', 3)` is `CX`. */
export function fieldType(segment: string, position: number, version?: string): string | undefined {
  return field(segment, position, version)?.type;
}

/** The datatype of a component: `componentType('CX', 4)` is `HD`. */
export function componentType(datatype: string, position: number, version?: string): string | undefined {
  return component(datatype, position, version)?.type;
}

/** Whether a field may stand more than once. */
export function fieldRepeats(segment: string, position: number, version?: string): boolean {
  const found = field(segment, position, version);
  return found !== undefined && found.repetitions !== 1;
}

/** The number of fields that the version defines for a segment; 0 where it does not know it. */
export function fieldCount(segment: string, version: string = newestVersion): number {
  return own(tablesOf(version).segments, segment)?.length ?? 0;
}

/** The number of components of a datatype; 0 for a simple one. */
export function componentCount(datatype: string, version: string = newestVersion): number {
  return own(tablesOf(version).datatypes, datatype)?.length ?? 0;
}

/** The segments of a version, sorted. */
export function segmentNames(version: string = newestVersion): string[] {
  return Object.keys(tablesOf(version).segments);
}

/** The datatypes of a version, sorted; simple ones too. */
export function datatypeNames(version: string = newestVersion): string[] {
  return Object.keys(tablesOf(version).datatypes);
}

function tablesOf(version: string): Tables {
  return tables.get(version) ?? (tables.get(newestVersion) as Tables);
}

function entry(owners: Readonly<Record<string, readonly Field[]>>, owner: string, position: number): FieldEntry | undefined {
  const found = own(owners, owner)?.[position - 1];
  if (!found) return undefined;
  const [name, type, repetitions, usage, length, table] = found;
  return { name, type, repetitions, usage, length, table: table === 0 ? '' : String(table).padStart(4, '0') };
}

/** A segment may be named `__proto__` by whoever sends it. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
