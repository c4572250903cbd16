/** The HL7 tables: what a code means, and who says which codes there are. */
import { codeTables } from './dictionary-load.ts';

/** `hl7`: HL7 defines the codes. `user`: the site does, HL7 suggests some. `other`: another organisation does (countries, vaccines). */
export type TableKind = 'hl7' | 'user' | 'other';

export interface Table {
  readonly id: string;
  /** `Administrative Sex`. */
  readonly name: string;
  readonly kind: TableKind;
  /** Code -> display text; empty where its codes are not published with the standard. */
  readonly codes: ReadonlyMap<string, string>;
}

const kinds = { h: 'hl7', u: 'user', x: 'other' } as const;
const made = new Map<string, Table>();

/** A table by its number, `0001`; undefined where HL7 has no such table. */
export function table(id: string): Table | undefined {
  const known = made.get(id);
  if (known) return known;
  const tables = codeTables();
  const row = Object.hasOwn(tables, id) ? tables[id] : undefined;
  if (row === undefined) return undefined;
  const [name, kind, codes] = row;
  const found: Table = { id, name, kind: kinds[kind], codes: new Map(Object.entries(codes)) };
  made.set(id, found);
  return found;
}

/** What a code of a table means, `tableText('0001', 'F')` is `Female`; undefined where the table does not have it. */
export function tableText(id: string, code: string): string | undefined {
  return table(id)?.codes.get(code);
}

/** The numbers of all tables, sorted. */
export function tableIds(): string[] {
  return Object.keys(codeTables());
}
