import type { Segment } from '../hl7/message.ts';
import type { GroupOccurrence } from '../hl7/structure.ts';
import type { Made } from './made.ts';

/**
 * An occurrence of a group while it is mapped: the names given in it and below. A name is looked up from the innermost group outwards, and
 * at each level in its other groups too (the patient of an order stands in a group beside it), but not in other occurrences of a group that
 * the search came from: the report of one order is none of the next one's.
 */
export class GroupScope {
  readonly parent: GroupScope | null;
  readonly occurrence: GroupOccurrence;
  readonly #names: number[] = [];
  readonly #made: Made[] = [];
  /** The group directly below in which it was made; empty for this one itself. */
  readonly #below: string[] = [];

  constructor(occurrence: GroupOccurrence, parent: GroupScope | null) {
    this.occurrence = occurrence;
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
 * The segment of that name nearest to `from`: in its group and then the groups around, the last before it, else the first after; then
 * the same in the whole message, where other groups hold it (the PID of a result).
 */
export function nearestSegment(group: GroupScope, name: string, from: Segment, all: readonly Segment[]): Segment | null {
  if (from.name === name) return from;
  for (let level: GroupScope | null = group; level !== null; level = level.parent) {
    const found = nearestOf(level.occurrence.all, name, from.index);
    if (found !== null) return found;
  }
  return nearestOf(all, name, from.index);
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
