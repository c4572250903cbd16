/** Writing: any number of creates, updates and deletions as one, in a fixed number of statements. */
import { createHash, randomUUID } from 'node:crypto';
import type { Node } from '../fhir/issue.ts';
import { isNode } from '../fhir/nodes.ts';
import type { Db, Sql } from '../store/db.ts';
import { lockIdentifiers, resolveConditions } from './conditions.ts';
import { FhirFault, sqlState } from './fault.ts';
import { conditionalReferences, relink } from './links.ts';
import { type Condition, conditionOf, type Method, type Operation, type Outcome } from './operation.ts';
import { searchValues } from './values.ts';

interface Current {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly updated: Date;
  readonly deleted: boolean;
  readonly digest: Buffer | null;
}

/** An operation whose resource is known by type and id. */
interface Target {
  readonly operation: Operation;
  readonly id: string;
  /** A conditional create that found its resource, or one made by an earlier entry: nothing is written. */
  readonly found: boolean;
}

interface Row {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly method: Method;
  readonly body: string;
  readonly digest: Buffer | null;
  readonly resource: Node | null;
}

const CURRENT = {
  name: 'sandbox-current',
  text: `select r.type, r.id, r.version, r.updated, r.deleted, r.digest
    from unnest($1::text[], $2::text[]) q(type, id) join sandbox.resource r on r.type = q.type and r.id = q.id
    order by r.type, r.id for update of r`,
};

const WRITE = {
  name: 'sandbox-write',
  text: `with w as (
      select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::bytea[]) w(type, id, version, method, body, digest)
    ), current as (
      insert into sandbox.resource (type, id, version, updated, deleted, digest)
      select type, id, version, $7, method = 'DELETE', digest from w
      on conflict (type, id) do update
        set version = excluded.version, updated = excluded.updated, deleted = excluded.deleted, digest = excluded.digest
    ), history as (
      insert into sandbox.version (type, id, version, updated, method, body) select type, id, version, $7, method, body from w
    ), forgotten as (
      delete from sandbox.search s using w where w.version > 1 and s.type = w.type and s.id = w.id
    )
    insert into sandbox.search (type, id, param, system, value)
    select * from unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::text[])`,
};

/** Deadlock, serialisation failure, and two requests that made the same new resource: over at once when tried again. */
const conflicts: ReadonlySet<string | undefined> = new Set(['40P01', '40001', '23505']);
const attempts = 5;

/** Runs `work` in a transaction, again where it met another. Throws FhirFault 409 where that does not end. */
export async function transact<T>(db: Db, work: (tx: Sql) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (!conflicts.has(sqlState(error))) throw error;
      if (attempt === attempts) throw new FhirFault(409, 'conflict', 'Another request writes the same resources; send it again');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt));
    }
  }
}

/** Does all operations, or throws and does none. Outcomes are in the order of the operations. */
export async function write(tx: Sql, operations: readonly Operation[], now: Date): Promise<Outcome[]> {
  const references = operations.flatMap(({ resource }) => (resource === null ? [] : conditionalReferences(resource)));
  const conditions = new Map<string, Condition>();
  const byText = new Map<string, Condition>();
  for (const { condition } of operations) if (condition !== null) conditions.set(condition.key, condition);
  for (const { type, query, text } of references) {
    const condition = conditionOf(type, query);
    conditions.set(condition.key, condition);
    byText.set(text, condition);
  }
  const asked = [...conditions.values()];
  await lockIdentifiers(tx, operations, asked);
  const found = asked.length > 0 ? await resolveConditions(tx, asked) : new Map<string, string[]>();

  const targets = targetsOf(operations, found);
  const links = new Map<string, string>();
  for (const { operation, id } of targets)
    if (operation.fullUrl !== null) links.set(operation.fullUrl, `${operation.type}/${id}`);
  for (const [text, condition] of byText) links.set(text, `${condition.search.type}/${referenced(condition, found, targets)}`);

  const current = await currentOf(tx, targets);
  const rows: Row[] = [];
  const outcomes = targets.map((target) => {
    const outcome = plan(target, current.get(`${target.operation.type}/${target.id}`), links, now);
    if ('row' in outcome) rows.push(outcome.row);
    return outcome;
  });
  if (rows.length > 0) await store(tx, rows, now);
  return outcomes;
}

function targetsOf(operations: readonly Operation[], found: ReadonlyMap<string, readonly string[]>): Target[] {
  const written = new Set<string>();
  /** Entries of one bundle with the same condition mean the same resource. */
  const made = new Map<string, string>();
  return operations.map((operation) => {
    const { method, type, condition, resource, at } = operation;
    let id = operation.id;
    let isFound = false;
    if (condition !== null) {
      const ids = found.get(condition.key) ?? [];
      if (ids.length > 1)
        throw new FhirFault(412, 'multiple-matches', 'Several resources match the condition; make it more exact', at);
      const match = ids[0] ?? made.get(condition.key) ?? null;
      isFound = method === 'POST' && match !== null;
      if (method === 'PUT' && match !== null && typeof resource?.id === 'string' && resource.id !== match)
        throw new FhirFault(
          400,
          'invariant',
          'The id of the resource is not that of the one that the condition matches; leave it out',
          at,
        );
      if (method === 'DELETE' && match === null) isFound = true;
      id = match ?? (method === 'PUT' && typeof resource?.id === 'string' ? resource.id : randomUUID());
      made.set(condition.key, id);
    }
    id ??= randomUUID();
    if (!isFound && written.size === written.add(`${type}/${id}`).size)
      throw new FhirFault(400, 'duplicate', 'Two entries write the same resource; send it once', at);
    return { operation, id, found: isFound };
  });
}

/** The id that a conditional reference means: a stored resource, or one that this bundle makes under the same condition. */
function referenced(condition: Condition, found: ReadonlyMap<string, readonly string[]>, targets: readonly Target[]): string {
  const ids = found.get(condition.key) ?? [];
  if (ids.length > 1)
    throw new FhirFault(412, 'multiple-matches', 'Several resources match a conditional reference; make it more exact');
  const id = ids[0] ?? targets.find((t) => t.operation.condition?.key === condition.key && t.operation.method !== 'DELETE')?.id;
  if (id === undefined)
    throw new FhirFault(404, 'not-found', 'No resource matches a conditional reference; send the resource first');
  return id;
}

async function currentOf(tx: Sql, targets: readonly Target[]): Promise<Map<string, Current>> {
  // A new id of our own making can be of no stored resource.
  const known = targets.filter(({ operation, found }) => found || operation.method !== 'POST');
  if (known.length === 0) return new Map();
  const rows = await tx.query<Current>(CURRENT, [known.map((t) => t.operation.type), known.map((t) => t.id)]);
  return new Map(rows.map((row) => [`${row.type}/${row.id}`, row]));
}

function plan(
  target: Target,
  current: Current | undefined,
  links: ReadonlyMap<string, string>,
  now: Date,
): Outcome | (Outcome & { row: Row }) {
  const { operation, id, found } = target;
  const { type, method, ifMatch, at } = operation;
  const exists = current !== undefined && !current.deleted;
  if (ifMatch !== null && (!exists || current.version !== ifMatch))
    throw new FhirFault(412, 'conflict', 'The resource is not of the version that the request names; read it again', at);
  const seen = { type, id, version: current?.version ?? 1, updated: current?.updated ?? now, body: null };
  if (method === 'DELETE') {
    if (!exists) return { ...seen, status: 204 };
    const version = current.version + 1;
    return {
      ...seen,
      status: 204,
      version,
      updated: now,
      row: { type, id, version, method, body: '', digest: null, resource: null },
    };
  }
  if (found) return { ...seen, status: 200 };
  const resource = relink(operation.resource ?? {}, links);
  const version = (current?.version ?? 0) + 1;
  const { body, digest } = textOf(resource, type, id, version, now);
  if (exists && current.digest !== null && digest.equals(current.digest)) return { ...seen, status: 200 };
  return {
    type,
    id,
    version,
    updated: now,
    status: exists ? 200 : 201,
    body,
    row: { type, id, version, method, body, digest, resource },
  };
}

/** The text of a version, and the digest of all of it but what the store itself writes. */
function textOf(resource: Node, type: string, id: string, version: number, now: Date): { body: string; digest: Buffer } {
  const { resourceType: _type, id: _id, meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _updated, ...kept } = isNode(meta) ? meta : {};
  const content = JSON.stringify(rest);
  const said = JSON.stringify(kept);
  const head = JSON.stringify({
    resourceType: type,
    id,
    meta: { versionId: String(version), lastUpdated: now.toISOString(), ...kept },
  });
  const body = content === '{}' ? head : `${head.slice(0, -1)},${content.slice(1)}`;
  return { body, digest: createHash('sha256').update(said).update(content).digest() };
}

async function store(tx: Sql, rows: readonly Row[], now: Date): Promise<void> {
  const values = rows.flatMap(({ type, id, resource }) =>
    resource === null ? [] : searchValues(resource).map((v) => ({ type, id, ...v })),
  );
  await tx.query(WRITE, [
    rows.map((r) => r.type),
    rows.map((r) => r.id),
    rows.map((r) => r.version),
    rows.map((r) => r.method),
    rows.map((r) => r.body),
    rows.map((r) => r.digest),
    now,
    values.map((v) => v.type),
    values.map((v) => v.id),
    values.map((v) => v.param),
    values.map((v) => v.system),
    values.map((v) => v.value),
  ]);
}
