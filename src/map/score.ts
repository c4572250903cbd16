/** The score against the HL7 V2-to-FHIR guide: what became of each of its rows, as the mapping files say by `id`. */
import guideTargets from './guide-targets.generated.json' with { type: 'json' };
import type { BuildStep, MadeResource, Mappings, Row } from './mapping.ts';

/** The guide's four kinds of map, by its own names. */
export type GuideKind = 'messages' | 'segments' | 'datatypes' | 'tables';

export interface ScoredRow {
  /** The guide's line. */
  readonly line: number;
  readonly state: 'executed' | 'skipped';
  /** Why it is skipped. */
  readonly why?: string;
  /** Whether what the guide's row names is there in R4 (`scripts/guide-targets.ts`): an element, a resource, a code. */
  readonly hasTarget: boolean;
}

type StatedRow = Omit<ScoredRow, 'hasTarget'>;

/** A map of the guide, its rows in the guide's order. A row that two statements execute stands once. */
export interface ScoredMap {
  readonly kind: GuideKind;
  readonly name: string;
  readonly rows: readonly ScoredRow[];
}

/** All maps with rows of the guide, by kind and name. A map of ours alone is none of them. */
export function score(mappings: Mappings): ScoredMap[] {
  const maps: ScoredMap[] = [];
  const add = (kind: GuideKind, name: string, stated: readonly StatedRow[]): void => {
    const targets = new Set((guideTargets[kind] as Readonly<Record<string, readonly number[]>>)[name]);
    const each = new Map(stated.map((row) => [`${row.line} ${row.state}`, row])).values();
    const rows = [...each].map((row) => ({ ...row, hasTarget: targets.has(row.line) }));
    if (rows.length > 0) maps.push({ kind, name, rows: rows.sort((one, other) => one.line - other.line) });
  };
  for (const [name, { build }] of mappings.messages) add('messages', name, build.flatMap(ofStep));
  for (const [name, { rows }] of mappings.segments) add('segments', name, rows.flatMap(ofRow));
  for (const [name, { rows, make = [] }] of mappings.datatypes)
    add('datatypes', name, [...rows.flatMap(ofRow), ...make.flatMap(ofMade)]);
  for (const [name, { rows }] of mappings.vocabs) add('tables', name, rows.flatMap(stated));
  return maps;
}

/** How many rows there are, how many are executed, and the same of those that have a target in R4. */
export interface Share {
  readonly rows: number;
  readonly executed: number;
  readonly targets: number;
  readonly executedTargets: number;
}

/** The sum over maps. */
export function shareOf(maps: readonly ScoredMap[]): Share {
  const rows = maps.flatMap((map) => map.rows);
  const executed = rows.filter(({ state }) => state === 'executed');
  const has = (some: readonly ScoredRow[]): number => some.filter(({ hasTarget }) => hasTarget).length;
  return { rows: rows.length, executed: executed.length, targets: has(rows), executedTargets: has(executed) };
}

function ofRow(row: Row): StatedRow[] {
  return [...stated(row), ...(row.with ?? []).flatMap(ofRow)];
}

function ofMade({ ids, rows }: MadeResource): StatedRow[] {
  return [...stated({ ids }), ...rows.flatMap(ofRow)];
}

function ofStep(step: BuildStep): StatedRow[] {
  return [...stated(step), ...(step.rows ?? []).flatMap(ofRow), ...(step.build ?? []).flatMap(ofStep)];
}

function stated({ ids, skip, why = '' }: { ids: readonly number[]; skip?: string | true; why?: string }): StatedRow[] {
  return ids.map((line) => (skip === undefined ? { line, state: 'executed' } : { line, state: 'skipped', why }));
}
