/** The elements below one element that the rows of a map write through, opened when a value is there and shared between rows. */
import { itemPath } from './items.ts';
import type { FieldPath } from './paths.ts';
import { constant, data, type FhirObject, type Frame, type Scope } from './runtime.ts';

/** An element that rows pass through. Each place that a map names is one node; list items by label. */
export interface TargetNode {
  readonly index: number;
  readonly parent: TargetNode | null;
  readonly name: string;
  readonly list: boolean;
  /** The URL, where the element is an extension. */
  readonly url: string | null;
  /** Whether it is the item of the number that this filling of the resource has (`[#]`), which another map may have made. */
  readonly counted: boolean;
  /** What the item is known by in all fillings of the resource (`[OBX-4]`); null where its label is a name or a number. */
  readonly path: FieldPath | null;
  /** Whether rows write values of the message into it, and constants without a condition. */
  hasData: boolean;
  hasConstant: boolean;
}

/** All nodes of a map, and what its rows can write. */
export class ScopePlan {
  readonly nodes: TargetNode[] = [];
  /** Whether any row writes a value of the message. */
  hasData = false;
  /** Whether any row writes a constant without a condition. */
  hasConstant = false;
  /** Made for the first node: most plans have none. */
  #known: Map<string, TargetNode> | null = null;
  #prunable: TargetNode[] = [];
  /** How often the plan has filled an object, where items are counted. */
  #fillings: WeakMap<FhirObject, number> | null = null;

  /** Whether items go by the number of the filling. */
  get isCounted(): boolean {
    return this.#fillings !== null;
  }

  /** The node of this place, the same one for the same place. */
  node(parent: TargetNode | null, name: string, list: boolean, url: string | null, label: string): TargetNode {
    const key = `${parent?.index ?? ''}/${name}/${url ?? ''}/${label}`;
    this.#known ??= new Map();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const counted = label === '#';
    if (counted) this.#fillings ??= new WeakMap();
    const node = {
      index: this.nodes.length,
      parent,
      name,
      list,
      url,
      counted,
      path: itemPath(label),
      hasData: false,
      hasConstant: false,
    };
    this.nodes.push(node);
    this.#known.set(key, node);
    return node;
  }

  /** Notes that a row writes into a node. */
  writes(node: TargetNode | null, level: number): void {
    if (level === constant) this.hasConstant = true;
    if (level === data) this.hasData = true;
    for (let at = node; at !== null; at = at.parent) {
      if (level === constant) at.hasConstant = true;
      if (level === data) at.hasData = true;
    }
    this.#prunable = this.nodes.filter((one) => one.hasData && one.hasConstant).reverse();
  }

  /** A scope of this plan on an element. */
  open(object: FhirObject): Scope {
    const { length } = this.nodes;
    if (length === 0) return { object, filling: 0, slots: none, levels: noLevels };
    const filling = this.#fillings?.get(object) ?? 0;
    this.#fillings?.set(object, filling + 1);
    // Without an element to take out again nobody asks what was written where.
    const levels = this.#prunable.length === 0 ? noLevels : new Array(length).fill(0);
    return { object, filling, slots: new Array(length), levels };
  }

  /**
   * Takes out elements that got constants only although rows write values into them: `type.coding.system` without the code it belongs
   * to says nothing.
   */
  close(scope: Scope): void {
    for (const node of this.#prunable) {
      const object = scope.slots[node.index];
      if (object === undefined) continue;
      const level = scope.levels[node.index] ?? 0;
      if (level > constant) continue;
      const parent = node.parent === null ? scope.object : scope.slots[node.parent.index];
      if (parent !== undefined) detach(parent, node, object);
      scope.slots[node.index] = undefined;
    }
  }
}

const none: FhirObject[] = [];
const noLevels: number[] = [];

function detach(parent: FhirObject, node: TargetNode, object: FhirObject): void {
  const held = parent[node.name];
  if (!Array.isArray(held)) {
    delete parent[node.name];
    return;
  }
  const at = held.indexOf(object);
  if (at >= 0) held.splice(at, 1);
  if (held.length === 0) delete parent[node.name];
}

/** The element of a node, made where it is not there. */
export function open(scope: Scope, node: TargetNode, frame: Frame, row: string): FhirObject {
  const known = scope.slots[node.index];
  if (known !== undefined) return known;
  const parent = node.parent === null ? scope.object : open(scope, node.parent, frame, row);
  const object = openIn(parent, node, scope, frame, row);
  scope.slots[node.index] = object;
  return object;
}

function openIn(parent: FhirObject, node: TargetNode, scope: Scope, frame: Frame, row: string): FhirObject {
  const held = parent[node.name];
  if (!node.list) {
    // What another map made is not this one's to take out again.
    if (held !== undefined) touch(scope, node, data);
    else parent[node.name] = {};
    return parent[node.name] as FhirObject;
  }
  if (node.path !== null) {
    const before = Array.isArray(held) ? held.length : 0;
    const item = frame.run.items.of(parent, node.name, node.path, frame);
    // What another filling wrote into it stays.
    if ((parent[node.name] as FhirObject[]).length === before) touch(scope, node, data);
    return item;
  }
  const other = node.counted && Array.isArray(held) ? (held as FhirObject[])[scope.filling] : undefined;
  if (other !== undefined) {
    touch(scope, node, data);
    return other;
  }
  if (node.url === null) return push(parent, node.name, {});
  const same = Array.isArray(held) ? held.find((one: FhirObject) => one.url === node.url) : undefined;
  return (same as FhirObject | undefined) ?? newExtension(parent, node.name, node.url, frame, row);
}

/** Notes what was written into a node and so into those around it. */
export function touch(scope: Scope, node: TargetNode | null, level: number): void {
  if (scope.levels.length === 0) return;
  for (let at = node; at !== null; at = at.parent) scope.levels[at.index] = (scope.levels[at.index] ?? 0) | level;
}

/** The element of a node where it is there. */
export function peek(scope: Scope, node: TargetNode | null): FhirObject | undefined {
  if (node === null) return scope.object;
  const known = scope.slots[node.index];
  if (known !== undefined) return known;
  const held = peek(scope, node.parent)?.[node.name];
  if (held === undefined) return undefined;
  if (!node.list) return held as FhirObject;
  return node.url === null ? undefined : (held as FhirObject[]).find((one) => one.url === node.url);
}

/** One more item of a list element. */
export function push<T>(object: FhirObject, name: string, item: T): T {
  const list = object[name];
  if (list === undefined) object[name] = [item];
  else (list as T[]).push(item);
  return item;
}

/** One more extension with this URL. */
export function newExtension(parent: FhirObject, name: string, url: string, frame: Frame, row: string): FhirObject {
  const extension = push<FhirObject>(parent, name, { url });
  frame.run.trace.constant(extension, 'url', frame, row);
  return extension;
}
