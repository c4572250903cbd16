/** The score against the HL7 V2-to-FHIR guide: what became of each of its rows, as the mapping files say by `id`. */
import type { BuildStep, MadeResource, Mappings, Row } from './mapping.ts';

/** The guide's four kinds of map, by its own names. */
export type GuideKind = 'messages' | 'segments' | 'datatypes' | 'tables';

export interface ScoredRow {
  /** The guide's line. */
  readonly line: number;
  readonly state: 'executed' | 'skipped';
  /** Why it is skipped. */
  readonly why?: string;
}

/** A map of the guide, its rows in the guide's order. A row that two statements execute stands once. */
export interface ScoredMap {
  readonly kind: GuideKind;
  readonly name: string;
  readonly rows: readonly ScoredRow[];
}

/** All maps with rows of the guide, by kind and name. A map of ours alone is none of them. */
export function score(mappings: Mappings): ScoredMap[] {
  const maps: ScoredMap[] = [];
  const add = (kind: GuideKind, name: string, stated: readonly ScoredRow[]): void => {
    const rows = [...new Map(stated.map((row) => [`${row.line} ${row.state}`, row])).values()];
    if (rows.length > 0) maps.push({ kind, name, rows: rows.sort((one, other) => one.line - other.line) });
  };
  for (const [name, { build }] of mappings.messages) add('messages', name, build.flatMap(ofStep));
  for (const [name, { rows }] of mappings.segments) add('segments', name, rows.flatMap(ofRow));
  for (const [name, { rows, make = [] }] of mappings.datatypes)
    add('datatypes', name, [...rows.flatMap(ofRow), ...make.flatMap(ofMade)]);
  for (const [name, { rows }] of mappings.vocabs) add('tables', name, rows.flatMap(stated));
  return maps;
}

function ofRow(row: Row): ScoredRow[] {
  return [...stated(row), ...(row.with ?? []).flatMap(ofRow)];
}

function ofMade({ ids, rows }: MadeResource): ScoredRow[] {
  return [...stated({ ids }), ...rows.flatMap(ofRow)];
}

function ofStep(step: BuildStep): ScoredRow[] {
  return [...stated(step), ...(step.rows ?? []).flatMap(ofRow), ...(step.build ?? []).flatMap(ofStep)];
}

function stated({ ids, skip, why = '' }: { ids: readonly number[]; skip?: string | true; why?: string }): ScoredRow[] {
  return ids.map((line) => (skip === undefined ? { line, state: 'executed' } : { line, state: 'skipped', why }));
}
