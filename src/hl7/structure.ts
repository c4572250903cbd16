import type { Message } from './message.ts';
import type { Segment } from './segment.ts';

/** A node of a message structure: a segment, or a group of nodes, in the standard's order. */
export interface StructureNode {
  readonly segment?: string;
  readonly group?: string;
  readonly children?: readonly StructureNode[];
}

/** One occurrence of a group in a message. The root holds the whole message and is named `message`. */
export interface GroupOccurrence {
  readonly name: string;
  readonly parent: GroupOccurrence | null;
  /** The segments of this name that stand directly in the group, in the order sent; `node` narrows it to one of several places (ROL after PID, ROL after PV1). */
  segments(name: string, node?: StructureNode): readonly Segment[];
  /** The occurrences of a group directly within this one; `node` as above. */
  groups(name: string, node?: StructureNode): readonly GroupOccurrence[];
  /** Every segment that stands directly in the group, Z segments and unknown ones too, in the order sent. */
  readonly all: readonly Segment[];
}

/** A segment that does not stand where the structure has it. `location` is its index in the message. */
export interface Guess {
  readonly location: number;
  readonly text: string;
}

export interface Grouped {
  readonly root: GroupOccurrence;
  readonly guesses: readonly Guess[];
}

/** A structure prepared for `group`: prepare it once where many messages are grouped by it. */
export class Structure {
  readonly root: GroupNode;

  constructor(nodes: readonly StructureNode[]) {
    this.root = new GroupNode('message', nodes, null);
  }
}

/**
 * Puts a message's segments into the groups of its structure (HL7 2.9, 2.5.2). Every group may repeat. What is missing, additional or
 * out of order is tolerated and reported; Z segments and unknown ones belong to the group that is open. No segment is lost.
 */
export function group(message: Message, structure: Structure | readonly StructureNode[]): Grouped {
  const { root: node } = structure instanceof Structure ? structure : new Structure(structure);
  const grouping = new Grouping(node);
  message.segments.forEach((segment, index) => {
    grouping.place(segment, message.segments[index + 1]?.name ?? '');
  });
  return { root: grouping.root, guesses: grouping.guesses };
}

/** A group of the structure with what is looked up while grouping. */
class GroupNode {
  readonly name: string;
  readonly node: StructureNode | null;
  readonly children: readonly StructureNode[];
  /** By child: the group's own node where the child is a group. */
  readonly groups: readonly (GroupNode | null)[];
  /** Segment name -> the children that are it or hold it, in order. */
  readonly places: ReadonlyMap<string, readonly number[]>;

  constructor(name: string, children: readonly StructureNode[], node: StructureNode | null) {
    this.name = name;
    this.node = node;
    this.children = children;
    this.groups = children.map((child) =>
      child.group === undefined ? null : new GroupNode(child.group, child.children ?? [], child),
    );
    const places = new Map<string, number[]>();
    children.forEach((child, at) => {
      const names = child.segment === undefined ? [...(this.groups[at] as GroupNode).places.keys()] : [child.segment];
      for (const segment of names) places.set(segment, [...(places.get(segment) ?? []), at]);
    });
    this.places = places;
  }

  /** Whether this segment begins an occurrence of the group: it comes first, or the standard has exactly one of it in each. */
  opens(segment: string): boolean {
    const first = this.children[0];
    if (first === undefined) return false;
    if (first.segment === segment || this.groups[0]?.opens(segment)) return true;
    return single.has(segment) && this.children.some((child) => child.segment === segment);
  }
}

/** Segments of which, in every group of every version that has them behind its first segment, there is exactly one. */
const single: ReadonlySet<string> = new Set([
  'PID',
  'OBR',
  'RXA',
  'RXE',
  'RXO',
  'RXD',
  'RXG',
  'BPO',
  'IPC',
  'RQD',
  'STF',
  'LOC',
  'CDM',
  'OM1',
]);

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

  constructor(node: GroupNode) {
    this.root = new Occurrence(node, null);
    this.#open = this.root;
  }

  place(segment: Segment, next: string): void {
    const { name } = segment;
    if (!this.root.node.places.has(name)) {
      if (!name.startsWith('Z'))
        this.#guess(segment, `${name} is not part of this message structure; it was left in ${this.#open.name}`);
      this.#open.add(segment, null);
      return;
    }
    if (!this.#inOrder(segment, next)) this.#outOfOrder(segment);
  }

  /** From the open group outwards: the next place for the segment, or a new occurrence of the group. */
  #inOrder(segment: Segment, next: string): boolean {
    const { name } = segment;
    for (let level: Occurrence | null = this.#open; level !== null; level = level.parent) {
      const at = forward(level, name);
      const inner = at < 0 ? null : (level.node.groups[at] as GroupNode | null);
      if (at >= 0 && (inner === null || inner.opens(name))) {
        this.#enter(level, at, segment);
        return true;
      }
      if (level.parent === null || !level.node.opens(name)) continue;
      if (isLate(level, name, next)) {
        this.#guess(
          segment,
          `${name} stands behind the segment that it belongs before; it was left in the ${level.name} that is open`,
        );
        level.add(segment, level.node.children[0] ?? null);
        this.#open = level;
        return true;
      }
      this.#repeat(level, segment);
      return true;
    }
    return false;
  }

  /** A new occurrence of the group, or of the one around it that the same segment opens. */
  #repeat(level: Occurrence, segment: Segment): void {
    let parent = level.parent as Occurrence;
    let { node } = level;
    while (parent.parent !== null && parent.node.groups[0] === node) {
      node = parent.node;
      parent = parent.parent;
    }
    this.#descend(new Occurrence(node, parent), segment);
  }

  /** The segment has a place, but not from here on: the nearest one, and a report. */
  #outOfOrder(segment: Segment): void {
    const { name } = segment;
    for (let level: Occurrence | null = this.#open; level !== null; level = level.parent) {
      const ahead = forward(level, name);
      const at = ahead >= 0 ? ahead : (level.node.places.get(name)?.at(-1) ?? -1);
      if (at < 0) continue;
      const inner = level.node.groups[at] as GroupNode | null;
      if (inner === null) this.#guess(segment, `${name} comes later than its place in ${level.name}; it was taken as part of it`);
      else this.#guess(segment, `${name} stands where nothing opened its group ${inner.name}; it was taken as part of it`);
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
    const ahead = forward(occurrence, segment.name);
    this.#enter(occurrence, ahead >= 0 ? ahead : (occurrence.node.places.get(segment.name)?.[0] ?? 0), segment);
  }

  #guess(segment: Segment, text: string): void {
    this.guesses.push({ location: segment.index, text });
  }
}

/** The first place for the segment at or behind the one reached; -1 where there is none, or where it would stand there twice and may not. */
function forward(level: Occurrence, name: string): number {
  const places = level.node.places.get(name);
  if (places === undefined) return -1;
  for (const at of places) {
    if (at < level.at) continue;
    const repeated = at === level.at && level.parent !== null && level.node.groups[at] === null;
    if (repeated && level.node.opens(name) && level.has(name)) continue;
    return at;
  }
  return -1;
}

/** Whether a group's optional first segment (ORC) comes behind its required one (OBR) instead of opening the next occurrence. */
function isLate(level: Occurrence, name: string, next: string): boolean {
  const required = level.node.children.find(
    (child, at) => at > 0 && child.segment !== undefined && single.has(child.segment),
  )?.segment;
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
