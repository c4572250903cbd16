/** What holds between the entries of a Bundle (FHIR R4, 2.36 and 3.1.0.11). */
import type { FhirIssueCode, Node } from './issue.ts';
import { children, isNode } from './nodes.ts';
import { referenceForm } from './references.ts';

/** What is known of the resources that references in a Bundle can point at. */
export interface KnownTypes {
  readonly bundleType: unknown;
  /** fullUrl -> resource type. */
  readonly types: ReadonlyMap<string, string>;
  /** Whether a `urn:uuid:` must be that of an entry: where the bundle is handed over as a whole. */
  readonly closed: boolean;
}

const handedOver: ReadonlySet<unknown> = new Set(['transaction', 'batch', 'message', 'document', 'collection']);

/** Only requests and answers may have entries without a fullUrl. */
const named: ReadonlySet<unknown> = new Set(['document', 'message', 'collection', 'searchset']);

export function bundleScope(bundle: Node): KnownTypes {
  const types = new Map<string, string>();
  for (const { fullUrl, resource } of children(bundle, 'entry')) {
    if (typeof fullUrl === 'string' && isNode(resource) && typeof resource.resourceType === 'string')
      types.set(fullUrl, resource.resourceType);
  }
  return { bundleType: bundle.type, types, closed: handedOver.has(bundle.type) };
}

/** The types of a resource's contained resources by their ids. */
export function localTypes(resource: Node): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const { id, resourceType } of children(resource, 'contained')) {
    if (typeof id === 'string' && typeof resourceType === 'string') types.set(id, resourceType);
  }
  return types;
}

export interface EntryIssue {
  readonly code: FhirIssueCode;
  /** The element below the entry. */
  readonly at: string;
  readonly text: string;
}

/** What is wrong between an entry's fullUrl, request and resource. */
export function requestIssues(entry: Node, bundleType: unknown): EntryIssue[] {
  const issues: EntryIssue[] = [];
  const { fullUrl, request, resource } = entry;
  if (typeof fullUrl === 'string' && fullUrl !== '') {
    const form = referenceForm(fullUrl);
    if (form?.kind !== 'urn' && form?.kind !== 'absolute')
      issues.push({ code: 'full-url', at: 'fullUrl', text: 'A fullUrl is an absolute URL or urn:uuid:; correct it' });
    else if (form.kind === 'absolute' && form.type !== undefined && isNode(resource) && !ends(fullUrl, resource))
      issues.push({
        code: 'full-url',
        at: 'fullUrl',
        text: 'The fullUrl is not that of the resource (its type and id differ); correct it',
      });
  }
  if (fullUrl === undefined && resource !== undefined && named.has(bundleType))
    issues.push({ code: 'full-url', at: 'fullUrl', text: 'The entry has no fullUrl, by which others refer to it; give it one' });
  if ((bundleType !== 'transaction' && bundleType !== 'batch') || !isNode(request)) return issues;
  const fault = requestFault(request, resource);
  if (fault) issues.push({ code: 'request', ...fault });
  return issues;
}

function ends(fullUrl: string, resource: Node): boolean {
  return resource.id === undefined || fullUrl.endsWith(`/${String(resource.resourceType)}/${String(resource.id)}`);
}

function requestFault(request: Node, resource: unknown): { at: string; text: string } | undefined {
  const { method, url } = request;
  if (typeof url !== 'string' || typeof method !== 'string') return undefined;
  const writes = method === 'POST' || method === 'PUT' || method === 'PATCH';
  // What is no method at all was found by its value set.
  if (!writes && method !== 'GET' && method !== 'HEAD' && method !== 'DELETE') return undefined;
  if (writes !== (resource !== undefined)) {
    const text = writes ? 'This request sends a resource; give the entry one' : 'This request sends no resource; leave it out';
    return { at: 'resource', text };
  }
  if (request.ifNoneExist !== undefined && method !== 'POST')
    return { at: 'request.ifNoneExist', text: 'Only a create has ifNoneExist; leave it out' };
  if (method === 'GET' || method === 'HEAD' || method === 'PATCH' || !isNode(resource)) return undefined;
  const type = String(resource.resourceType);
  if (method === 'POST') {
    // A search by POST or an operation has no resource type alone in its URL.
    if (url === type || url.startsWith('$') || url.includes('/$')) return undefined;
    return { at: 'request.url', text: 'The URL of a create is the type of its resource; correct it' };
  }
  const form = referenceForm(url);
  if ((form?.kind !== 'relative' && form?.kind !== 'conditional') || form.type !== type)
    return { at: 'request.url', text: 'The URL of an update is Type/id or Type?search of its resource; correct it' };
  if (form.kind === 'relative' && resource.id !== form.id)
    return { at: 'resource.id', text: 'The id of the resource is not that of the URL; make them the same' };
  return undefined;
}
