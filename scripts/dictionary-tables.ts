/**
 * The HL7 tables out of the package hl7.terminology.r4 (HL7's, under CC0): names, who defines them, codes with display text, and table 0354's rows.
 * A table whose codes are those of another code system (0078, 0136) is read through its value set.
 */

import type { StructureTable } from './dictionary-structures.ts';
import { packageFiles } from './npm-package.ts';

interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly concept?: readonly Concept[];
  readonly property?: readonly { readonly code: string; readonly valueCode?: string; readonly valueString?: string }[];
}
interface CodeSystem {
  readonly url: string;
  readonly content?: string;
  readonly concept?: readonly Concept[];
}
interface ValueSet {
  readonly id: string;
  readonly compose?: {
    readonly include?: readonly {
      readonly system?: string;
      readonly concept?: readonly Concept[];
      readonly filter?: readonly unknown[];
    }[];
  };
}

/** `h`: HL7 defines the codes. `u`: the site may (user-defined). `x`: someone else does. */
export type TableKind = 'h' | 'u' | 'x';
export type Tables = Record<string, readonly [name: string, kind: TableKind, codes: Record<string, string>]>;

const kinds: Readonly<Record<string, TableKind>> = { HL7: 'h', 'HL7-EXT': 'h', Imported: 'x', 'Externally defined': 'x' };
/** Its codes are added outside the standard's releases, and the package has words in places of codes (`General code`). */
const open = new Set(['0396']);
/** Rows of table 0354 that are slips, or a second name for a structure's events. */
const slips = new Set(['ADT_A28', 'RPI_I0I', 'RQI_I0I', 'BRP_030', 'ARD_A19']);

export function readTables(packagePath: string): { tables: Tables; structures: StructureTable } {
  const systems = new Map<string, CodeSystem>();
  for (const system of packageFiles(packagePath, 'CodeSystem-v')) systems.set((system as CodeSystem).url, system as CodeSystem);
  const valueSets = new Map<string, ValueSet>();
  for (const set of packageFiles(packagePath, 'ValueSet-v2-')) valueSets.set((set as ValueSet).id.slice(3), set as ValueSet);
  const base = 'http://terminology.hl7.org/CodeSystem/';
  const tables: Tables = {};
  for (const table of flat(systems.get(`${base}v2-tables`)?.concept)) {
    const said = (code: string) => table.property?.find((property) => property.code === code)?.valueCode;
    const system = systems.get(`${base}v2-${table.code}`) ?? systems.get(said('v2cs-uri') ?? '');
    const codes = system ? codesOf(system.concept) : codesOfSet(valueSets.get(table.code), systems);
    const kind = open.has(table.code) ? 'x' : (kinds[said('v2-table-type') ?? ''] ?? 'u');
    tables[table.code] = [table.display ?? '', kind, codes];
  }
  const rows = (systems.get(`${base}v2-0354`)?.concept ?? []).filter(({ code }) => !slips.has(code));
  const structures = rows.map(({ code, display }) => [code, (display ?? '').match(/\b[A-Z][A-Z0-9]\w\b/g) ?? []] as const);
  return { tables, structures };
}

/** Concepts such as `_ObservationInterpretationChange` are headings. */
function codesOf(concepts: readonly Concept[] | undefined): Record<string, string> {
  const codes = flat(concepts).filter(({ code }) => !code.startsWith('_'));
  return Object.fromEntries(codes.map(({ code, display }) => [code, (display ?? '').replace(/\s+/g, ' ').trim()]));
}

function flat(concepts: readonly Concept[] | undefined): Concept[] {
  return (concepts ?? []).flatMap((concept) => [concept, ...flat(concept.concept)]);
}

/** The codes that a value set lists or includes whole; none where one of its parts is not in the package. */
function codesOfSet(set: ValueSet | undefined, systems: ReadonlyMap<string, CodeSystem>): Record<string, string> {
  const codes: Record<string, string> = {};
  for (const { system, concept, filter } of set?.compose?.include ?? []) {
    const all = codesOf(systems.get(system ?? '')?.concept);
    if (filter || (!concept && Object.keys(all).length === 0)) return {};
    for (const { code, display } of concept ?? Object.entries(all).map(([one, text]) => ({ code: one, display: text })))
      codes[code] = display ?? all[code] ?? '';
  }
  return codes;
}
