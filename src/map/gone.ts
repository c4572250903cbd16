/** References to what a message deletes: neither the bundle nor the server has the resource any more (FHIR R4, 3.1.0.7 and 2.3.0.2). */
import type { Identity } from './identity.ts';
import type { Made } from './made.ts';
import type { FhirObject, Run } from './runtime.ts';

/** Writes what a deleted resource was known by: its first identifier with a system, by which it is deleted, or its computed id. */
export function referToGone(run: Run, reference: FhirObject, made: Made, { kind, id }: Identity): void {
  const known = kind === 'identifier' ? firstIdentifier(made.object.identifier) : null;
  const identifier: FhirObject = known ?? { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` };
  delete reference.reference;
  reference.type = made.type;
  reference.identifier = identifier;
  // The leaf that the row wrote is not there: these stand for it.
  run.lost.push(reference, 'reference');
  const row = 'settings.deletes';
  run.trace.constant(reference, 'type', made.frame, row);
  for (const key of Object.keys(identifier)) run.trace.constant(identifier, key, made.frame, row);
}

function firstIdentifier(element: unknown): FhirObject | null {
  const list = (Array.isArray(element) ? element : [element]) as (FhirObject | undefined)[];
  for (const one of list) {
    if (typeof one?.system === 'string' && typeof one.value === 'string') return { system: one.system, value: one.value };
  }
  return null;
}
