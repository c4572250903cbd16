/** Small readings of resource JSON that the constraints share. */
import type { Node } from './issue.ts';
import { isRawNumber } from './json.ts';

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** FHIRPath's `exists()`: the element has a value, or extensions in its place (`_name`). */
export function has(node: Node, name: string): boolean {
  return node[name] !== undefined || node[`_${name}`] !== undefined;
}

/** The same for a choice: `value` finds valueQuantity, valueString, _valueString … */
export function hasChoice(node: Node, stem: string): boolean {
  for (const key in node) {
    const at = key.charCodeAt(0) === 95 ? 1 : 0;
    const next = key.charCodeAt(at + stem.length);
    if (next >= 65 && next <= 90 && key.startsWith(stem, at)) return true;
  }
  return false;
}

/** The child elements of a name: those of a list, the one otherwise, none where absent or of another shape. */
export function children(node: Node, name: string): readonly Node[] {
  const value = node[name];
  if (Array.isArray(value)) return value.filter(isNode);
  return isNode(value) ? [value] : [];
}

/** How many values a name has. */
export function count(node: Node, name: string): number {
  const value = node[name];
  return Array.isArray(value) ? value.length : has(node, name) ? 1 : 0;
}

/** Whether a CodeableConcept has a coding of this system and one of these codes. */
export function hasCoding(concept: unknown, system: string, ...codes: readonly string[]): boolean {
  if (!isNode(concept)) return false;
  return children(concept, 'coding').some((c) => c.system === system && codes.includes(String(c.code)));
}
