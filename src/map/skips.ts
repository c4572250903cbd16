/** Rows that leave something out, with the reason. They do nothing when a message is mapped; the field ledger reads them. */
import type { Row } from './mapping.ts';
import { parseSource, type SourcePath } from './paths.ts';
import type { Frame } from './runtime.ts';

export interface SkipRule {
  readonly row: string;
  readonly why: string;
  /** What is left out; null for the whole segment. */
  readonly path: SourcePath | null;
  /** The segment map that has it instead, where that is the reason: it holds only in messages that use that map. */
  readonly elsewhere?: string;
}

const hasIt = /^([A-Z\d]{3}\[[^\]]+\]) has it$/;

/** The rule of a skip row; null where the guide's row names no path. */
export function skipRule(row: Row, name: string): SkipRule | null {
  if (row.skip === undefined || row.skip === true) return null;
  const why = row.why ?? '';
  const elsewhere = hasIt.exec(why)?.[1];
  return { row: name, why, path: parseSource(row.skip), ...(elsewhere === undefined ? {} : { elsewhere }) };
}

/** Whether a rule of a map that ran on `frame` covers the leaf at this place of the segment with this index and name. */
export function covers(
  rule: SkipRule,
  frame: Frame,
  leaf: {
    readonly index: number;
    readonly segment: string;
    readonly field: number;
    readonly repetition: number;
    readonly component: number;
    readonly subcomponent: number;
  },
): boolean {
  const { path } = rule;
  if (path === null || path.kind === 'value') return within(frame, leaf);
  if (path.kind === 'segment') return leaf.segment === path.segment;
  if (path.kind === 'field') {
    if (leaf.segment !== path.segment || leaf.field !== path.field) return false;
    if (frame.segment.name === path.segment && leaf.index !== frame.segment.index) return false;
    if (path.repetition !== null && path.repetition !== 0 && leaf.repetition !== path.repetition) return false;
    return matches(path.component, leaf.component) && matches(path.subcomponent, leaf.subcomponent);
  }
  if (!within(frame, leaf)) return false;
  // The components of a component are its subcomponents.
  if (frame.component === 0) return matches(path.component, leaf.component) && matches(path.subcomponent, leaf.subcomponent);
  return frame.subcomponent === 0 && matches(path.component, leaf.subcomponent) && path.subcomponent === 0;
}

function within(
  frame: Frame,
  leaf: {
    readonly index: number;
    readonly field: number;
    readonly repetition: number;
    readonly component: number;
    readonly subcomponent: number;
  },
): boolean {
  return (
    frame.segment.index === leaf.index &&
    matches(frame.field, leaf.field) &&
    matches(frame.repetition, leaf.repetition) &&
    matches(frame.component, leaf.component) &&
    matches(frame.subcomponent, leaf.subcomponent)
  );
}

/** 0 is the whole. */
function matches(wanted: number, found: number): boolean {
  return wanted === 0 || wanted === found;
}
