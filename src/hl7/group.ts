/** The segments of a message put into the groups of its structure (HL7 2.9, 2.5.2). */
import type { Message } from './message.ts';
import type { Segment } from './segment.ts';
import { type GroupNode, Structure, type StructureNode } from './structure.ts';

/** One occurrence of a group in a message. The root holds the whole message and is named `message`. */
export interface GroupOccurrence {
  readonly name: string;
  readonly parent: GroupOccurrence | null;
  /** The segments of this name that stand directly in the group, in the order sent; `node` narrows it to one of several places (ROL after PID, ROL after PV1). */
  segments(name: string, node?: StructureNode): readonly Segment[];
  /** The occurrences of a group directly within this one; `node` as above. */
  groups(name: string, node?: StructureNode): readonly GroupOccurrence[];
  /** The segments that stand directly in the group at this place of its structure. */
  standing(node: StructureNode): readonly Segment[];
  /** Every occurrence of a group directly within this one. */
  readonly inner: readonly GroupOccurrence[];
  /** Every segment that stands directly in the group, Z segments and unknown ones too, in the order sent. */
  readonly all: readonly Segment[];
}

/**
 * A segment that does not stand where the structure has it. `location` is its index in the message.
 *
 * `unknown`: the structure has no such segment. `late`: its place is behind it already. `unopened`: what begins its group did not come. `repeated`:
 * it begins its group again, of which there is one only.
 */
export interface Guess {
  readonly location: number;
  readonly kind: 'unknown' | 'late' | 'unopened' | 'repeated';
  readonly text: string;
}

export interface Grouped {
  readonly root: GroupOccurrence;
  readonly guesses: readonly Guess[];
}

/**
 * Puts a message's segments into the groups of its structure (HL7 2.9, 2.5.2). Every group may repeat. What is missing, additional or
 * out of order is tolerated and reported; Z segments and unknown ones belong to the group that is open. No segment is lost.
 */
export function group(message: Message, structure: Structure | readonly StructureNode[]): Grouped {
  const { root: node } = structure instanceof Structure ? structure : new Structure(structure);
  const grouping = new Grouping(node, message.segments);
  for (const segment of message.segments) grouping.place(segment);
  return { root: grouping.root, guesses: grouping.guesses };
}

class Occurrence implements GroupOccurrence {
  readonly name: string;
  readonly parent: Occurrence | null;
  readonly node: GroupNode;
  readonly all: Segment[] = [];
  /** The child reached last. */
  at = 0;
  readonly #segments: { readonly node: StructureNode | null; readonly segment: Segment }[] = [];
  readonly #groups: Occurrence[] = [];

  constructor(node: GroupNode, parent: Occurrence | null) {
    this.name = node.name;
    this.node = node;
    this.parent = parent;
    parent?.addGroup(this);
  }

  segments(name: string, node?: StructureNode): readonly Segment[] {
    const found: Segment[] = [];
    for (const one of this.#segments)
      if (one.segment.name === name && (node === undefined || one.node === node)) found.push(one.segment);
    return found;
  }

  groups(name: string, node?: StructureNode): readonly Occurrence[] {
    return this.#groups.filter((one) => one.name === name && (node === undefined || one.node.node === node));
  }

  standing(node: StructureNode): readonly Segment[] {
    return this.#segments.flatMap((one) => (one.node === node ? [one.segment] : []));
  }

  get inner(): readonly Occurrence[] {
    return this.#groups;
  }

  add(segment: Segment, node: StructureNode | null): void {
    this.all.push(segment);
    this.#segments.push({ node, segment });
  }

  addGroup(occurrence: Occurrence): void {
    this.#groups.push(occurrence);
  }

  last(node: GroupNode): Occurrence | undefined {
    return this.#groups.findLast((one) => one.node === node);
  }

  has(name: string): boolean {
    return this.all.some((segment) => segment.name === name);
  }
}

class Grouping {
  readonly root: Occurrence;
  readonly guesses: Guess[] = [];
  /** The innermost group that is open. */
  #open: Occurrence;

  readonly #segments: readonly Segment[];

  constructor(node: GroupNode, segments: readonly Segment[]) {
    this.#segments = segments;
    this.root = new Occurrence(node, null);
    this.#open = this.root;
  }

  place(segment: Segment): void {
    const { name } = segment;
    if (!this.root.node.places.has(name)) {
      if (!name.startsWith('Z'))
        this.#guess(segment, 'unknown', `${name} is not part of this message structure; it was left in ${this.#open.name}`);
      this.#open.add(segment, null);
      return;
    }
    if (!this.#inOrder(segment)) this.#outOfOrder(segment);
  }

  /** From the open group outwards: the next place for the segment, or a new occurrence of the group. */
  #inOrder(segment: Segment): boolean {
    const { name } = segment;
    const next = this.#segments[segment.index + 1]?.name ?? '';
    let full: Occurrence | null = null;
    for (let level: Occurrence | null = this.#open; level !== null; level = level.parent) {
      const at = forward(level, name, true);
      if (at >= 0 && !isNext(level, at, name)) {
        this.#enter(level, at, segment);
        return true;
      }
      if (level.parent === null || !level.node.opens(name)) continue;
      if (isLate(level, name, next)) {
        this.#guess(
          segment,
          'late',
          `${name} stands behind the segment that it belongs before; it was left in the ${level.name} that is open`,
        );
        level.add(segment, level.node.children[0] ?? null);
        this.#open = level;
        return true;
      }
      const { node, parent } = repeated(level);
      if (node.once) {
        full ??= level;
        continue;
      }
      const other = this.#other(parent, node, segment);
      if (other < 0) this.#descend(new Occurrence(node, parent), segment);
      else this.#enter(parent, other, segment);
      return true;
    }
    if (full === null) return false;
    const { node, parent } = repeated(full);
    this.#guess(segment, 'repeated', `${name} begins ${node.name} again, of which there is one; it was given another`);
    this.#descend(new Occurrence(node, parent), segment);
    return true;
  }

  /**
   * A later group of `parent` that the segment begins as well (ORDER_TRAY behind ORDER_DIET, both with ORC), where what comes next belongs there and
   * not into another `node`; -1 where there is none.
   */
  #other(parent: Occurrence, node: GroupNode, { name, index }: Segment): number {
    const { groups } = parent.node;
    const at = groups.findIndex((group, place) => place > parent.at && group?.opens(name) === true);
    if (at < 0) return -1;
    for (let ahead = index + 1; ahead < this.#segments.length; ahead += 1) {
      const coming = (this.#segments[ahead] as Segment).name;
      if (coming === name) return -1;
      const isThere = (groups[at] as GroupNode).places.has(coming);
      if (!isThere && !coming.startsWith('Z')) return -1;
      if (isThere && !node.places.has(coming)) return at;
    }
    return -1;
  }

  /** The segment has a place, but not from here on: the nearest one, and a report. */
  #outOfOrder(segment: Segment): void {
    const { name } = segment;
    for (let level: Occurrence | null = this.#open; level !== null; level = level.parent) {
      const ahead = forward(level, name, false);
      const at = ahead >= 0 ? ahead : (level.node.places.get(name)?.at(-1) ?? -1);
      if (at < 0) continue;
      const inner = level.node.groups[at] as GroupNode | null;
      if (inner === null)
        this.#guess(segment, 'late', `${name} comes later than its place in ${level.name}; it was taken as part of it`);
      else if (inner.once && inner.opens(name) && level.last(inner))
        this.#guess(segment, 'repeated', `${name} begins ${inner.name} again, of which there is one; it was given another`);
      else
        this.#guess(
          segment,
          'unopened',
          `${name} stands where nothing opened its group ${inner.name}; it was taken as part of it`,
        );
      this.#enter(level, at, segment);
      return;
    }
  }

  #enter(level: Occurrence, at: number, segment: Segment): void {
    const inner = level.node.groups[at] as GroupNode | null;
    level.at = at;
    if (inner === null) {
      level.add(segment, level.node.children[at] as StructureNode);
      this.#open = level;
      return;
    }
    // A straggler joins the occurrence that is there; what opens a group has one of its own.
    const existing = inner.opens(segment.name) ? undefined : level.last(inner);
    this.#descend(existing ?? new Occurrence(inner, level), segment);
  }

  #descend(occurrence: Occurrence, segment: Segment): void {
    const ahead = forward(occurrence, segment.name, false);
    this.#enter(occurrence, ahead >= 0 ? ahead : (occurrence.node.places.get(segment.name)?.[0] ?? 0), segment);
  }

  #guess(segment: Segment, kind: Guess['kind'], text: string): void {
    this.guesses.push({ location: segment.index, kind, text });
  }
}

/** The group of which a segment that opens `level` begins another: it, or the one around it that the same segment opens. */
function repeated(level: Occurrence): { node: GroupNode; parent: Occurrence } {
  let parent = level.parent as Occurrence;
  let { node } = level;
  while (parent.parent !== null && parent.node.groups[0] === node) {
    node = parent.node;
    parent = parent.parent;
  }
  return { node, parent };
}

/**
 * The first place for the segment at or behind the one reached; -1 where there is none, or where it would stand there twice and may not. `opening`:
 * of groups only those that the segment begins.
 */
function forward(level: Occurrence, name: string, opening: boolean): number {
  const places = level.node.places.get(name);
  if (places === undefined) return -1;
  for (const [index, at] of places.entries()) {
    if (at < level.at) continue;
    const inner = level.node.groups[at] as GroupNode | null;
    if (opening && inner !== null && !inner.opens(name)) continue;
    if (at > level.at) return at;
    const most = level.node.most[at];
    const again = inner === null ? level.has(name) : inner.opens(name) && level.last(inner) !== undefined;
    const isFull = most === 1 && (inner !== null || index + 1 < places.length);
    const isOpener = inner === null && most !== 0 && level.parent !== null && level.node.opens(name);
    if ((isFull || isOpener) && again) continue;
    return at;
  }
  return -1;
}

/**
 * Whether the segment rather begins the next occurrence of a group that is open: an ORC behind a complete order is the next order's, though a prior result
 * without its patient (OML_O21, PRIOR_RESULT) could begin with it too.
 */
function isNext(level: Occurrence, at: number, name: string): boolean {
  const inner = level.node.groups[at] as GroupNode | null;
  if (inner === null || inner.leads(name)) return false;
  for (let outer: Occurrence | null = level; outer?.parent != null; outer = outer.parent) if (outer.node.leads(name)) return true;
  return false;
}

/** Whether a group's optional first segment (ORC) comes behind its required one (OBR) instead of opening the next occurrence. */
function isLate(level: Occurrence, name: string, next: string): boolean {
  const { required } = level.node;
  const first = level.node.children[0]?.segment;
  return (
    first === name &&
    required !== undefined &&
    next !== required &&
    level.has(required) &&
    !level.has(name) &&
    level.node.groups[level.at] === null
  );
}
