import type { GroupOccurrence } from '../hl7/group.ts';
import type { Segment } from '../hl7/message.ts';
import type { StructureNode } from '../hl7/structure.ts';
import type { Made } from './made.ts';

/** What a message map says of a group: the names of the segments in it and below, and the groups directly in it. */
export interface GroupPlan {
  readonly holds: ReadonlySet<string>;
  readonly groups: readonly { readonly group: string; readonly node: StructureNode; readonly plan: GroupPlan }[];
}

/**
 * An occurrence of a group while it is mapped: the names given in it and below. A name is looked up from the innermost group outwards, and
 * at each level in its other groups too (the patient of an order stands in a group beside it), but not in other occurrences of a group that
 * the search came from: the report of one order is none of the next one's.
 */
export class GroupScope {
  readonly parent: GroupScope | null;
  readonly occurrence: GroupOccurrence;
  readonly plan: GroupPlan;
  readonly #names: number[] = [];
  readonly #made: Made[] = [];
  /** The group directly below in which it was made; empty for this one itself. */
  readonly #below: string[] = [];

  constructor(occurrence: GroupOccurrence, plan: GroupPlan, parent: GroupScope | null) {
    this.occurrence = occurrence;
    this.plan = plan;
    this.parent = parent;
  }

  /** Names a resource here and for the groups around. */
  add(name: number, made: Made): void {
    let below = '';
    for (let level: GroupScope | null = this; level !== null; level = level.parent) {
      level.#names.push(name);
      level.#made.push(made);
      level.#below.push(below);
      below = level.occurrence.name;
    }
  }

  /** The nearest resource of that name, of several the last made so far. */
  find(name: number): Made | null {
    let from = '';
    for (let level: GroupScope | null = this; level !== null; level = level.parent) {
      const names = level.#names;
      for (let at = names.length - 1; at >= 0; at -= 1)
        if (names[at] === name && (from === '' || level.#below[at] !== from)) return level.#made[at] as Made;
      from = level.occurrence.name;
    }
    return null;
  }

  /**
   * The nearest resource of that name that is accepted, of several the last made so far: also one of another occurrence of the group itself (the
   * observations of one vaccination), but none of another occurrence of a group around.
   */
  findAmong(name: number, accepts: (made: Made) => boolean): Made | null {
    let from = '';
    for (let level: GroupScope | null = this; level !== null; level = level.parent) {
      const beside = level === this.parent;
      for (let at = level.#names.length - 1; at >= 0; at -= 1) {
        if (level.#names[at] !== name || (!beside && from !== '' && level.#below[at] === from)) continue;
        const made = level.#made[at] as Made;
        if (accepts(made)) return made;
      }
      from = level.occurrence.name;
    }
    return null;
  }

  /** All of that name in the message, in the order made. */
  all(name: number): Made[] {
    let root: GroupScope = this;
    while (root.parent !== null) root = root.parent;
    const found = root;
    return found.#made.filter((_, at) => found.#names[at] === name);
  }

  /** The nearest one once the message is done, where `find` had none: of several the first made. */
  findLate(name: number): Made | null {
    let from = '';
    for (let level: GroupScope | null = this; level !== null; level = level.parent) {
      const names = level.#names;
      for (let at = 0; at < names.length; at += 1)
        if (names[at] === name && (from === '' || level.#below[at] !== from)) return level.#made[at] as Made;
      from = level.occurrence.name;
    }
    return null;
  }
}

/**
 * The segment of that name nearest to `from`: in its group and then the groups around, the last before it, else the first after. The search
 * ends at the innermost group that by the message map holds the segment, there or in a group below (the PID of a result): beyond it stand
 * only those of others, as the ORC of another order.
 */
export function nearestSegment(group: GroupScope, name: string, from: Segment): Segment | null {
  if (from.name === name) return from;
  for (let level: GroupScope | null = group; level !== null; level = level.parent) {
    const found = nearestOf(level.occurrence.all, name, from.index);
    if (found !== null) return found;
    if (level.plan.holds.has(name)) return nearestBelow(level.occurrence, level.plan, name, from.index);
  }
  return null;
}

function nearestBelow(occurrence: GroupOccurrence, plan: GroupPlan, name: string, index: number): Segment | null {
  let found: Segment | null = null;
  for (const { group, node, plan: inner } of plan.groups) {
    if (!inner.holds.has(name)) continue;
    for (const below of occurrence.groups(group, node)) {
      const other = nearestOf(below.all, name, index) ?? nearestBelow(below, inner, name, index);
      if (other !== null && (found === null || isNearer(other, found, index))) found = other;
    }
  }
  return found;
}

function isNearer(one: Segment, other: Segment, index: number): boolean {
  if (one.index > index) return other.index > index && one.index < other.index;
  return other.index > index || one.index > other.index;
}

function nearestOf(segments: readonly Segment[], name: string, index: number): Segment | null {
  let found: Segment | null = null;
  for (const segment of segments) {
    if (segment.name !== name) continue;
    if (found !== null && segment.index > index) break;
    found = segment;
  }
  return found;
}
