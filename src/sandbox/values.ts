/** The values that a resource is found by. */
import type { Node } from '../fhir/issue.ts';
import { children } from '../fhir/nodes.ts';
import { referenceForm } from '../fhir/references.ts';

export type SearchParam = 'identifier' | 'subject' | 'encounter' | 'name' | 'family' | 'given' | 'code' | 'intent';

export interface SearchValue {
  readonly param: SearchParam;
  readonly system: string;
  readonly value: string;
}

/** Every row of the search table for a resource. A resource's `patient` and `subject` are one parameter. */
export function searchValues(resource: Node): SearchValue[] {
  const values: SearchValue[] = identifiers(resource).map(({ system, value }) => ({ param: 'identifier', system, value }));
  for (const name of ['subject', 'patient'] as const) {
    for (const { reference } of children(resource, name)) addReference(values, 'subject', reference);
  }
  for (const { reference } of [...children(resource, 'encounter'), ...children(resource, 'context')]) {
    if (typeof reference === 'string' && reference.startsWith('Encounter/')) addReference(values, 'encounter', reference);
  }
  for (const name of children(resource, 'name')) {
    addText(values, 'family', name.family);
    addText(values, 'name', name.family, name.text);
    for (const given of texts(name.given)) {
      addText(values, 'given', given);
      addText(values, 'name', given);
    }
  }
  for (const { system, code } of children(resource, 'code').flatMap((concept) => children(concept, 'coding')))
    if (typeof code === 'string') values.push({ param: 'code', system: typeof system === 'string' ? system : '', value: code });
  if (typeof resource.intent === 'string') values.push({ param: 'intent', system: '', value: resource.intent });
  // Organizations and locations have a name of plain text.
  addText(values, 'name', resource.name);
  return values;
}

/** The identifiers of a resource that have a value. */
export function identifiers(resource: Node): { system: string; value: string }[] {
  return children(resource, 'identifier').flatMap(({ system, value }) =>
    typeof value === 'string' ? [{ system: typeof system === 'string' ? system : '', value }] : [],
  );
}

/** Text as it is compared in a search for names: without case and accents (FHIR R4, 3.1.1.4.8). */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function addReference(values: SearchValue[], param: SearchParam, reference: unknown): void {
  if (typeof reference !== 'string') return;
  const form = referenceForm(reference);
  values.push({ param, system: '', value: form?.kind === 'relative' ? `${form.type}/${form.id}` : reference });
}

function addText(values: SearchValue[], param: SearchParam, ...found: readonly unknown[]): void {
  for (const text of found) if (typeof text === 'string') values.push({ param, system: '', value: folded(text) });
}

function texts(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
