/** The field ledger (promise 5): what became of every populated leaf of a message. */
import type { Bundle } from 'fhir/r4';
import { formatLocation } from '../hl7/path.ts';
import type { Location } from '../hl7/types.ts';
import type { Run } from './runtime.ts';
import { covers } from './skips.ts';
import { eachPlaced, Places, rowsOf, type TraceRecord } from './trace.ts';
import type { LedgerLine } from './types.ts';

/**
 * One line a leaf, in the order of the message. A leaf is mapped where the bundle holds it, where a row took it for an identity or a
 * text, or where it deletes; else skipped where a row says so; else dropped. `uses` are the segment maps that the message map uses.
 */
export function ledger(run: Run, bundle: Bundle, uses: ReadonlySet<string>): LedgerLine[] {
  const mapped = mappedPlaces(run, bundle);
  const occurrences = occurrenceOf(run);
  const lines: LedgerLine[] = [];
  for (const { location } of run.message.leaves()) {
    const path = formatLocation(location, occurrences(location));
    const rows = rowsAt(mapped, location);
    if (rows !== null) {
      lines.push({ from: location, path, state: 'mapped', rows, why: null });
      continue;
    }
    lines.push({ from: location, path, ...skippedBy(run, location, uses) });
  }
  return lines;
}

/** HL7 2.9, 2.5.4: MSH-1 and MSH-2 say how the message is written and hold nothing of what it says. */
function isDelimiters(location: Location): boolean {
  return location.field <= 2 && (location.segment === 'MSH' || location.segment === 'FHS' || location.segment === 'BHS');
}

function skippedBy(run: Run, location: Location, uses: ReadonlySet<string>): Pick<LedgerLine, 'state' | 'rows' | 'why'> {
  if (isDelimiters(location)) return { state: 'skipped', rows: [], why: 'the delimiters of the message, not data' };
  for (let at = 0; at < run.skipped.length; at += 2) {
    const rules = run.skipped[at] as readonly Parameters<typeof covers>[0][];
    const frame = run.skipped[at + 1] as Parameters<typeof covers>[1];
    const rule = rules.find((one) => (one.elsewhere === undefined || uses.has(one.elsewhere)) && covers(one, frame, location));
    if (rule !== undefined) return { state: 'skipped', rows: [...rowsOf(frame, rule.row)], why: rule.why };
  }
  return { state: 'dropped', rows: [], why: null };
}

function mappedPlaces(run: Run, bundle: Bundle): Map<string, Set<string>> {
  const mapped = new Map<string, Set<string>>();
  const add = (location: Omit<Location, 'segment'>, rows: readonly string[]): void => {
    const key = keyOf(location.index, location.field, location.repetition, location.component, location.subcomponent);
    const known = mapped.get(key) ?? new Set<string>();
    for (const row of rows) known.add(row);
    mapped.set(key, known);
  };
  const inBundle = new Set<TraceRecord>();
  eachPlaced(run, new Places(bundle, run), (record) => {
    inBundle.add(record);
  });
  for (const record of run.trace.records) {
    if (record.component < 0 || (record.object !== null && !inBundle.has(record))) continue;
    const { frame, component, subcomponent } = record;
    add(
      { index: frame.segment.index, field: frame.field, repetition: frame.repetition, component, subcomponent },
      rowsOf(frame, record.row),
    );
  }
  for (const { frame } of run.trace.deletions) {
    const { field, repetition, component, subcomponent } = frame;
    add({ index: frame.segment.index, field, repetition, component, subcomponent }, rowsOf(frame, ''));
  }
  return mapped;
}

/** The rows at a leaf, or at what holds it. */
function rowsAt(
  mapped: Map<string, Set<string>>,
  { index, field, repetition, component, subcomponent }: Location,
): string[] | null {
  const rows = new Set<string>();
  let found = false;
  for (const key of [
    keyOf(index, field, repetition, component, subcomponent),
    keyOf(index, field, repetition, component, 0),
    keyOf(index, field, repetition, 0, 0),
    keyOf(index, field, 0, 0, 0),
  ]) {
    const known = mapped.get(key);
    if (known === undefined) continue;
    found = true;
    for (const row of known) rows.add(row);
  }
  return found ? [...rows] : null;
}

function keyOf(index: number, field: number, repetition: number, component: number, subcomponent: number): string {
  return `${index}.${field}.${repetition}.${component}.${subcomponent}`;
}

/** Segments that stand several times are told apart in paths: `OBX[2]-5[1].1.1`. */
export function occurrenceOf(run: Run): (location: Location) => number | undefined {
  const totals = new Map<string, number>();
  const places = run.message.segments.map((segment) => {
    const place = (totals.get(segment.name) ?? 0) + 1;
    totals.set(segment.name, place);
    return place;
  });
  return ({ index, segment }) => ((totals.get(segment) ?? 0) > 1 ? places[index] : undefined);
}
