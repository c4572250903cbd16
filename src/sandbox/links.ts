/** References between entries of a transaction (FHIR R4, 3.1.0.11.2). */
import type { Node } from '../fhir/issue.ts';
import { isNode } from '../fhir/nodes.ts';
import { referenceForm } from '../fhir/references.ts';

/** Elements whose text may be the fullUrl of another entry; identifiers and other values are left as they are. */
const linking: ReadonlySet<string> = new Set(['reference', 'url', 'uri', 'valueUri', 'valueUrl', 'valueUuid']);

/** The conditional references of a resource, `Patient?identifier=…`. */
export function conditionalReferences(resource: Node): { type: string; query: string; text: string }[] {
  const found: { type: string; query: string; text: string }[] = [];
  visit(resource, (text) => {
    const form = text.includes('?') ? referenceForm(text) : undefined;
    if (form?.kind === 'conditional') found.push({ type: form.type, query: form.query, text });
    return text;
  });
  return found;
}

/** The resource with every link that `to` knows replaced. What holds no such link is not copied. */
export function relink(resource: Node, to: ReadonlyMap<string, string>): Node {
  return to.size === 0 ? resource : (visit(resource, (text) => to.get(text) ?? text) as Node);
}

function visit(value: unknown, change: (text: string) => string): unknown {
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const next = visit(value[i], change);
      if (next === value[i]) continue;
      copy ??= [...value];
      copy[i] = next;
    }
    return copy ?? value;
  }
  if (!isNode(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const old = value[key];
    const next =
      typeof old === 'string' ? (linking.has(key) ? change(old) : old) : typeof old === 'object' ? visit(old, change) : old;
    if (next === old) continue;
    copy ??= { ...value };
    copy[key] = next;
  }
  return copy ?? value;
}
