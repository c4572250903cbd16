/** Constraints of Bundle (FHIR R4, 2.36.4). */
import { rule } from './invariant.ts';
import type { Node } from './issue.ts';
import { children, has, isNode } from './nodes.ts';

const entries = (n: Node) => children(n, 'entry');
const requested: ReadonlySet<unknown> = new Set(['batch', 'transaction', 'history']);
const answered: ReadonlySet<unknown> = new Set(['batch-response', 'transaction-response', 'history']);

function firstType(n: Node): unknown {
  const resource = entries(n)[0]?.resource;
  return isNode(resource) ? resource.resourceType : undefined;
}

/** What tells entries apart: the URL, with the version where there is one. */
function version(entry: Node): string {
  const meta = isNode(entry.resource) ? entry.resource.meta : undefined;
  return `${String(entry.fullUrl)} ${isNode(meta) ? String(meta.versionId ?? '') : ''}`;
}

export const bundleInvariants = {
  'bdl-1': rule(
    'Only a search set or a history has a total',
    (n: Node) => !has(n, 'total') || n.type === 'searchset' || n.type === 'history',
  ),
  'bdl-2': rule(
    'Only a search set has search information',
    (n: Node) => n.type === 'searchset' || entries(n).every((e) => !has(e, 'search')),
  ),
  'bdl-3': rule('Entries of a batch, transaction or history have a request, others none', (n: Node) =>
    entries(n).every((e) => has(e, 'request') === requested.has(n.type)),
  ),
  'bdl-4': rule('Entries of a response or history have a response, others none', (n: Node) =>
    entries(n).every((e) => has(e, 'response') === answered.has(n.type)),
  ),
  'bdl-5': rule(
    'An entry has a resource, a request or a response',
    (n: Node) => has(n, 'resource') || has(n, 'request') || has(n, 'response'),
  ),
  'bdl-7': rule('No two entries have the same fullUrl and version', (n: Node) => {
    if (n.type === 'history') return true;
    const named = entries(n).filter((e) => has(e, 'fullUrl'));
    return new Set(named.map(version)).size === named.length;
  }),
  'bdl-8': rule('A fullUrl names no version', (n: Node) => typeof n.fullUrl !== 'string' || !n.fullUrl.includes('/_history/')),
  'bdl-9': rule(
    'A document has an identifier with system and value',
    (n: Node) => n.type !== 'document' || (isNode(n.identifier) && has(n.identifier, 'system') && has(n.identifier, 'value')),
  ),
  'bdl-10': rule('A document has a timestamp', (n: Node) => n.type !== 'document' || n.timestamp !== undefined),
  'bdl-11': rule('A document begins with its Composition', (n: Node) => n.type !== 'document' || firstType(n) === 'Composition'),
  'bdl-12': rule(
    'A message begins with its MessageHeader',
    (n: Node) => n.type !== 'message' || firstType(n) === 'MessageHeader',
  ),
};
