/** Message structures, prepared for grouping. */

/** A node of a message structure: a segment, or a group of nodes, in the standard's order. */
export interface StructureNode {
  readonly segment?: string;
  /** Segments that may stand in its place, `OBR` or `RXO`. */
  readonly or?: readonly string[];
  readonly group?: string;
  readonly children?: readonly StructureNode[];
  /** How often it stands at least: 0 or 1. Not said by a message map. */
  readonly min?: number;
  /** How often it stands at most: 1, or 0 for any number. Not said by a message map. */
  readonly max?: number;
}

/** A structure prepared for `group`: prepare it once where many messages are grouped by it. */
export class Structure {
  readonly root: GroupNode;

  /** `standard`: the structure that the nodes are written after. What they leave out of it is filled in, with its cardinalities. */
  constructor(nodes: readonly StructureNode[], standard: readonly StructureNode[] = []) {
    const spoken = new Set(nodes.flatMap(allNames));
    this.root = new GroupNode({ name: 'message', places: complete(nodes, standard, spoken), node: null, standard: null }, spoken);
  }
}

/** A group of the structure with what is looked up while grouping. */
export class GroupNode {
  readonly name: string;
  readonly node: StructureNode | null;
  readonly children: readonly StructureNode[];
  /** By child: the group's own node where the child is a group. */
  readonly groups: readonly (GroupNode | null)[];
  /** Segment name -> the children that are it or hold it, in order. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** By child: how often it may stand, 0 for any number; undefined where nobody says. */
  readonly most: readonly (number | undefined)[];
  /** There is one of the group itself at most. */
  readonly once: boolean;
  /** The first segment behind the first child of which there is exactly one, OBR behind ORC. */
  readonly required: string | undefined;
  /** What begins an occurrence: it comes first, or behind what may be missing, or the standard has exactly one of it in each. */
  readonly #openers = new Set<string>();

  constructor({ name, places, node, standard }: GroupParts, spoken: ReadonlySet<string>) {
    this.name = name;
    this.node = node;
    this.once = (standard ?? node)?.max === 1;
    this.children = places.map((place) => place.node);
    this.most = places.map((place) => (place.standard ?? place.node).max);
    this.required = places.find((place, at) => at > 0 && isSingle(place))?.node.segment;
    this.groups = places.map(({ node: child, standard: like }) => {
      if (child.group === undefined) return null;
      const inner = complete(child.children ?? [], like?.children ?? [], spoken);
      return new GroupNode({ name: child.group, places: inner, node: child, standard: like }, spoken);
    });
    const found = new Map<string, number[]>();
    this.children.forEach((child, at) => {
      const names = child.segment === undefined ? [...(this.groups[at] as GroupNode).places.keys()] : namesOf(child);
      for (const segment of names) found.set(segment, [...(found.get(segment) ?? []), at]);
    });
    this.places = found;
    this.#findOpeners(places);
  }

  opens(segment: string): boolean {
    return this.#openers.has(segment);
  }

  /** Whether the segment begins an occurrence because it comes first, not for want of what comes before it. */
  leads(segment: string): boolean {
    const [first] = this.children;
    return first?.segment === undefined ? this.groups[0]?.leads(segment) === true : namesOf(first).includes(segment);
  }

  #findOpeners(places: readonly Place[]): void {
    const add = (at: number): void => {
      const inner = this.groups[at];
      for (const name of inner ? inner.#openers : namesOf(this.children[at] as StructureNode)) this.#openers.add(name);
    };
    if (places.length > 0) add(0);
    // Behind the first, what must come where the first did not.
    for (const [at, { node, standard }] of places.entries()) {
      const { min } = standard ?? node;
      if (at > 0 && min === 1) add(at);
      if (min !== 0) break;
    }
    for (const { segment } of this.children) if (segment !== undefined && single.has(segment)) this.#openers.add(segment);
  }
}

/** A child of a group, and the standard's like of it where that is another node. */
interface Place {
  readonly node: StructureNode;
  readonly standard: StructureNode | null;
}

interface GroupParts {
  readonly name: string;
  readonly places: readonly Place[];
  readonly node: StructureNode | null;
  readonly standard: StructureNode | null;
}

/** The nodes with their likes in the standard, and between them what the standard has and the structure does not speak of anywhere. */
function complete(nodes: readonly StructureNode[], standard: readonly StructureNode[], spoken: ReadonlySet<string>): Place[] {
  const places: Place[] = [];
  let at = 0;
  const fill = (end: number): void => {
    for (; at < end; at += 1) {
      const node = standard[at] as StructureNode;
      if (!allNames(node).some((name) => spoken.has(name))) places.push({ node, standard: null });
    }
  };
  for (const node of nodes) {
    const like = standard.findIndex((other, index) => index >= at && isLike(node, other));
    if (like >= 0) fill(like);
    places.push({ node, standard: like < 0 ? null : (standard[like] as StructureNode) });
    if (like >= 0) at = like + 1;
  }
  fill(standard.length);
  return places;
}

function isSingle({ node, standard }: Place): boolean {
  const { min, max } = standard ?? node;
  return node.segment !== undefined && (single.has(node.segment) || (min === 1 && max === 1));
}

function isLike(node: StructureNode, other: StructureNode): boolean {
  if (node.group !== undefined) return node.group === other.group;
  return other.segment !== undefined && namesOf(other).includes(node.segment as string);
}

function namesOf({ segment, or }: StructureNode): readonly string[] {
  if (segment === undefined) return [];
  return or === undefined ? [segment] : [segment, ...or];
}

/** The names of a node's segments, those in its groups too. */
function allNames(node: StructureNode): readonly string[] {
  return node.group === undefined ? namesOf(node) : (node.children ?? []).flatMap(allNames);
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
