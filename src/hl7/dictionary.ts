/** The fields of segments and the components of datatypes, by version. */
import { type Field, newestVersion, versionTables as tablesOf } from './dictionary-load.ts';

export { newestVersion, versions } from './dictionary-load.ts';

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

/** What a segment is called, `Patient Identification`; empty where the version does not know it. */
export function segmentTitle(segment: string, version: string = newestVersion): string {
  return own(tablesOf(version).names, segment) ?? '';
}

/** The datatypes of a version, sorted; simple ones too. */
export function datatypeNames(version: string = newestVersion): string[] {
  return Object.keys(tablesOf(version).datatypes);
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
