/** The bundle's entries: each resource once, with its address and the request that makes it so. */
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4';
import { addressed, addressOf, requestOf } from './addressing.ts';
import { complete, isEmpty, isObject } from './complete.ts';
import { contain } from './contained.ts';
import { referToGone } from './gone.ts';
import { Identities, type Identity } from './identity.ts';
import type { Made } from './made.ts';
import type { FhirObject, Run } from './runtime.ts';
import { hideSsn } from './ssn.ts';
import { deletes } from './types.ts';

/** Finishes the run's bundle: merges resources of one identity, resolves references, orders and addresses the entries. */
export function finish(run: Run): Bundle {
  hideSsn(run);
  const identities = new Identities(run);
  const kept = new Map<string, Made>();
  const all: { readonly made: Made; readonly identity: Identity }[] = [];
  for (const made of run.made) {
    const identity = identities.of(made);
    made.fullUrl = `urn:uuid:${identity.id}`;
    // The type is a part of the name that the id was computed from: resources of two types have two ids.
    const first = kept.get(identity.id);
    if (first === undefined) {
      kept.set(identity.id, made);
      all.push({ made, identity });
      continue;
    }
    complete(run, first.object, made.object);
    if (made.mode !== 'create') first.mode = made.mode;
  }
  for (const [reference, made] of run.links) (reference as FhirObject).reference = made.fullUrl;
  if (deletes(run.settings))
    for (const [reference, made] of run.links) {
      const identity = identities.of(made);
      const first = kept.get(identity.id) ?? made;
      if (first.mode === 'delete') referToGone(run, reference as FhirObject, first, identity);
    }
  if (run.settings.bundle === 'message')
    all.sort((a, b) => Number(b.made.type === 'MessageHeader') - Number(a.made.type === 'MessageHeader'));
  if (run.unresolved.some(isEmpty)) for (const { made } of all) prune(made.object);
  const inner = contain(
    run,
    all.map(({ made }) => made),
  );
  const entries = all.flatMap(({ made, identity }) =>
    inner.has(made) ? [] : [entryOf(run, made, addressed(run, made, identity))],
  );
  const bundle = run.bundle as unknown as Bundle;
  if (entries.length > 0) bundle.entry = entries;
  return bundle;
}

function entryOf(run: Run, made: Made, identity: Identity): BundleEntry {
  if (identity.kind === 'id') made.object.id = identity.id;
  const resource = made.object as unknown as FhirResource;
  const { fullUrl } = made;
  // What is deleted is not sent (bdl-3).
  if (isGone(run, made)) return { fullUrl, request: { method: 'DELETE', url: addressOf(identity) } };
  // Only transactions and batches say what is to be done (FHIR R4, Bundle: bdl-3).
  return run.settings.bundle === 'message'
    ? { fullUrl, resource }
    : { fullUrl, resource, request: requestOf(run, made, identity) };
}

function isGone({ settings }: Run, { mode }: Made): boolean {
  return mode === 'delete' && deletes(settings);
}

/** Takes out elements that waited for a resource that was never made, and what held nothing but them. */
function prune(object: FhirObject): boolean {
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (Array.isArray(value)) {
      const left = value.filter((item) => !isObject(item) || prune(item));
      if (left.length === 0) delete object[name];
      else if (left.length < value.length) object[name] = left;
    } else if (isObject(value) && !prune(value)) delete object[name];
  }
  return Object.keys(object).length > 0;
}
