/** A transaction or batch sent to the base address (FHIR R4, 3.1.0.11). */
import type { Node } from '../fhir/issue.ts';
import { children, isNode } from '../fhir/nodes.ts';
import { referenceForm } from '../fhir/references.ts';
import { validateBundle } from '../fhir/validate.ts';
import type { Db, Sql } from '../store/db.ts';
import { FhirFault, mustBeValid } from './fault.ts';
import { conditionOf, type Operation, type Outcome } from './operation.ts';
import { bundleText, entryText, read, searchset } from './read.ts';
import { transact, write } from './write.ts';

export interface BundleRequest {
  readonly base: string;
  readonly now: () => Date;
  /** Whether entries of the answer hold the resources as stored (`Prefer: return=representation`). */
  readonly full: boolean;
}

type Step =
  | { readonly kind: 'write'; readonly operation: Operation }
  | { readonly kind: 'get'; readonly url: string; readonly at: string };

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 204: 'No Content' };

/** Does what the Bundle asks and gives the text of the answer. Throws FhirFault: a transaction then did nothing. */
export async function serveBundle(db: Db, bundle: unknown, request: BundleRequest): Promise<string> {
  if (!isNode(bundle) || bundle.resourceType !== 'Bundle')
    throw new FhirFault(
      400,
      'structure',
      'Only a Bundle can be sent to the base address; send other resources to the address of their type',
    );
  if (bundle.type === 'transaction') return transaction(db, bundle, request);
  if (bundle.type === 'batch') return batch(db, bundle, request);
  throw new FhirFault(400, 'not-supported', 'The sandbox takes transactions and batches; send one of the two', 'Bundle.type');
}

async function transaction(db: Db, bundle: Node, request: BundleRequest): Promise<string> {
  mustBeValid(bundle, validateBundle(bundle));
  const steps = children(bundle, 'entry').map((entry, i) => stepOf(entry, `Bundle.entry[${i}]`));
  const operations = steps.flatMap((step) => (step.kind === 'write' ? [step.operation] : []));
  const entries = await transact(db, async (tx) => {
    const outcomes = (await write(tx, operations, request.now())).values();
    const texts: string[] = [];
    // Reads come after all writes, whatever their place.
    for (const step of steps)
      texts.push(step.kind === 'write' ? await written(tx, outcomes.next().value, request) : await got(tx, step, request));
    return texts;
  });
  return bundleText({ type: 'transaction-response' }, entries);
}

/** Entries of a batch stand alone: each succeeds or fails by itself. */
async function batch(db: Db, bundle: Node, request: BundleRequest): Promise<string> {
  const { entry: _entries, ...outside } = bundle;
  mustBeValid(outside);
  const texts: string[] = [];
  for (const [i, entry] of children(bundle, 'entry').entries()) {
    try {
      mustBeValid({ ...outside, entry: [entry] });
      const step = stepOf(entry, `Bundle.entry[${i}]`);
      texts.push(
        step.kind === 'get'
          ? await got(db, step, request)
          : await transact(db, async (tx) => written(tx, (await write(tx, [step.operation], request.now()))[0], request)),
      );
    } catch (error) {
      if (!(error instanceof FhirFault)) throw error;
      texts.push(JSON.stringify({ response: { status: String(error.status), outcome: error.outcome } }));
    }
  }
  return bundleText({ type: 'batch-response' }, texts);
}

function stepOf(entry: Node, at: string): Step {
  const request = isNode(entry.request) ? entry.request : {};
  const { method, url, ifNoneExist, ifMatch } = request;
  if (typeof url !== 'string') throw new FhirFault(400, 'required', 'The entry has no request; give it one', at);
  if (method === 'GET') return { kind: 'get', url, at };
  if (method !== 'POST' && method !== 'PUT' && method !== 'DELETE')
    throw new FhirFault(400, 'not-supported', 'The sandbox takes GET, POST, PUT and DELETE in a bundle; use one of them', at);
  const resource = isNode(entry.resource) ? entry.resource : null;
  const common = {
    method,
    resource,
    fullUrl: typeof entry.fullUrl === 'string' ? entry.fullUrl : null,
    ifMatch: typeof ifMatch === 'string' && method !== 'POST' ? versionOf(ifMatch) : null,
    at,
  } as const;
  if (method === 'POST') {
    const type = String(resource?.resourceType ?? '');
    if (url !== type) throw new FhirFault(400, 'not-supported', 'The sandbox knows no operations; POST creates a resource', at);
    const condition = typeof ifNoneExist === 'string' ? conditionOf(type, ifNoneExist, at) : null;
    return { kind: 'write', operation: { ...common, type, id: null, condition } };
  }
  const form = referenceForm(url);
  if (form?.kind === 'relative')
    return { kind: 'write', operation: { ...common, type: form.type, id: form.id, condition: null } };
  if (form?.kind === 'conditional')
    return {
      kind: 'write',
      operation: { ...common, type: form.type, id: null, condition: conditionOf(form.type, form.query, at) },
    };
  throw new FhirFault(400, 'value', 'The URL is not of the form Type/id or Type?search; correct it', at);
}

/** The number in `W/"3"`. Throws FhirFault 400 for what the sandbox never gave out. */
export function versionOf(etag: string): number {
  const [, number] = /^(?:W\/)?"(\d{1,9})"$/.exec(etag.trim()) ?? [];
  if (number === undefined) throw new FhirFault(400, 'value', 'This is no version of the sandbox; it writes them like W/"3"');
  return Number(number);
}

async function written(tx: Sql, outcome: Outcome | undefined, { base, full }: BundleRequest): Promise<string> {
  if (outcome === undefined) throw new Error('an operation without an outcome');
  const { status, type, id, version, updated } = outcome;
  const response = {
    status: `${status} ${reasons[status]}`,
    location: `${base}/${type}/${id}/_history/${version}`,
    etag: `W/"${version}"`,
    lastModified: updated.toISOString(),
  };
  if (status === 204) return JSON.stringify({ response: { status: response.status } });
  const body = full ? (outcome.body ?? (await read(tx, type, id)).body) : '';
  return entryText(full ? `${base}/${type}/${id}` : null, body, { response });
}

async function got(db: Sql, { url, at }: { url: string; at: string }, { base }: BundleRequest): Promise<string> {
  const form = referenceForm(url);
  if (form?.kind === 'relative') {
    const { body, version, updated } = await read(db, form.type, form.id);
    const response = { status: '200 OK', etag: `W/"${version}"`, lastModified: updated.toISOString() };
    return entryText(`${base}/${form.type}/${form.id}`, body, { response });
  }
  const [type = '', query = ''] = url.split('?', 2);
  if (!/^[A-Z][A-Za-z]+$/.test(type))
    throw new FhirFault(400, 'not-supported', 'The sandbox reads Type/id and Type?search; ask for one of them', at);
  return entryText(null, await searchset(db, base, type, query), { response: { status: '200 OK' } });
}
