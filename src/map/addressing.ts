/** How resources are addressed, by setting: what a server allows differs (FHIR R4, 3.1.0.7 and 3.1.0.8). */
import type { BundleEntryRequest } from 'fhir/r4';
import { element } from '../fhir/elements.ts';
import { type Identity, identifierQuery } from './identity.ts';
import type { Made } from './made.ts';
import type { FhirObject, Run } from './runtime.ts';

/** Ids that are no identifiers yet, as identifiers (FHIR R4, 4.1: the system of a value that is a URI). */
const uriSystem = 'urn:ietf:rfc:3986';

/** The identity as the setting has it; an identifier is put into the resource where it is found by nothing else. */
export function addressed(run: Run, made: Made, identity: Identity): Identity {
  const { identity: how, identityOf, bundle } = run.settings;
  if (bundle === 'message') return identity;
  switch (identityOf[made.type] ?? how) {
    case 'conditional':
      return identity;
    case 'assigned':
      return { kind: 'id', type: made.type, id: identity.id };
    case 'identifier':
    case 'create':
      return identity.kind === 'identifier' ? identity : (byStamp(run, made, identity.id) ?? identity);
  }
}

/** What is to be done with a resource that is not deleted. */
export function requestOf(run: Run, made: Made, identity: Identity): BundleEntryRequest {
  const { type } = made;
  const only = made.mode === 'create' || (run.settings.identityOf[type] ?? run.settings.identity) === 'create';
  if (identity.kind === 'identifier' && only) return { method: 'POST', url: type, ifNoneExist: identity.query };
  return { method: 'PUT', url: addressOf(identity) };
}

/** `Patient/ID`, or `Patient?identifier=…`. */
export function addressOf(identity: Identity): string {
  return identity.kind === 'id' ? `${identity.type}/${identity.id}` : `${identity.type}?${identity.query}`;
}

/** Null where resources of the type have no identifiers. */
function byStamp(run: Run, made: Made, id: string): Identity | null {
  const { type, object, frame } = made;
  const info = element(type, 'identifier');
  if (info === undefined || (!info.list && object.identifier !== undefined)) return null;
  const stamp: FhirObject = { system: uriSystem, value: `urn:uuid:${id}` };
  object.identifier = info.list ? [...((object.identifier as FhirObject[] | undefined) ?? []), stamp] : stamp;
  for (const key of Object.keys(stamp)) run.trace.constant(stamp, key, frame, 'settings.identity');
  return { kind: 'identifier', type, query: identifierQuery(uriSystem, String(stamp.value)), id };
}
