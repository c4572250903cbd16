/**
 * The tables of HL7 v2 by version, as `scripts/dictionary.ts` writes them: constants that come with the code, read when the first question about a
 * version is asked. A feed of one version pays for one (some 3 ms and 1 MB), and a start for none.
 */
import { readFileSync } from 'node:fs';

/** `[name, datatype, repetitions, usage, length, table]`; null where the version has no such place. */
export type Field =
  | readonly [name: string, type: string, repetitions: number, usage: string, length: number, table: number]
  | null;

export interface VersionTables {
  readonly segments: Readonly<Record<string, readonly Field[]>>;
  readonly datatypes: Readonly<Record<string, readonly Field[]>>;
  /** What each segment is called. */
  readonly names: Readonly<Record<string, string>>;
  /** Message structures: what each is for, and its content in a line (dictionary-structures.ts). */
  readonly structures: Readonly<Record<string, readonly [name: string, line: string]>>;
  /** `ADT_A04` -> `ADT_A01`: messages whose structure bears another event's name (table 0354). */
  readonly events: Readonly<Record<string, string>>;
}

/** Table number -> name, who defines its codes (`h` HL7, `u` the site, `x` others), code -> display text. */
export type CodeTables = Readonly<
  Record<string, readonly [name: string, kind: 'h' | 'u' | 'x', codes: Readonly<Record<string, string>>]>
>;

export const newestVersion = '2.9';

/** Version -> the file that holds it: what was published as corrections only has the tables of the version it corrects. */
const files: Readonly<Record<string, string>> = {
  '2.1': '2.1',
  '2.2': '2.2',
  '2.3': '2.3',
  '2.3.1': '2.3.1',
  '2.4': '2.4',
  '2.5': '2.5',
  '2.5.1': '2.5.1',
  '2.6': '2.6',
  '2.7': '2.8',
  '2.7.1': '2.8',
  '2.8': '2.8',
  '2.8.1': '2.8',
  '2.8.2': '2.8',
  '2.9': '2.9',
};

/** Every version that the dictionary has, oldest first. */
export const versions: readonly string[] = Object.keys(files);

const loaded = new Map<string, unknown>();

/** The tables of a version; one that is not known counts as the newest. */
export function versionTables(version: string): VersionTables {
  const file = Object.hasOwn(files, version) ? files[version] : newestVersion;
  return read(file as string) as VersionTables;
}

/** The HL7 tables, of all versions: codes are added, and hardly ever taken away. */
export function codeTables(): CodeTables {
  return (read('tables') as { readonly tables: CodeTables }).tables;
}

function read(name: string): unknown {
  let found = loaded.get(name);
  if (found === undefined) {
    found = JSON.parse(readFileSync(new URL(`./dictionary/${name}.json`, import.meta.url), 'utf8'));
    loaded.set(name, found);
  }
  return found;
}
