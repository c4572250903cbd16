/** Conditions resolved against what is stored, under locks, so that of several requests that would make a resource one does. */
import { createHash } from 'node:crypto';
import type { Sql } from '../store/db.ts';
import type { Condition, Operation } from './operation.ts';
import { matches } from './search.ts';
import { identifiers } from './values.ts';

/** Apart from the locks of other rooms. */
const lockSpace = 0x46484952;
/** Locks cost shared memory: so many different ones at most, however large a bundle is. A collision only makes two requests take turns. */
const lockBuckets = 4096;

const LOCK = {
  name: 'sandbox-lock',
  text: 'select pg_advisory_xact_lock($1, bucket) from unnest($2::int[]) bucket',
};

const BY_IDENTIFIER = {
  name: 'sandbox-by-identifier',
  text: `select distinct q.ord, s.id
    from unnest($1::int[], $2::text[], $3::text[], $4::text[]) q(ord, type, system, value)
    join sandbox.search s on s.type = q.type and s.param = 'identifier' and s.value = q.value and (q.system is null or s.system = q.system)`,
};

/**
 * Takes, until the end of the transaction, the locks of every identifier that the operations look for or write, always in the same
 * order. A lock is of the value alone: a condition may name no system.
 */
export async function lockIdentifiers(
  tx: Sql,
  operations: readonly Operation[],
  conditions: readonly Condition[],
): Promise<void> {
  const buckets = new Set<number>();
  const add = (text: string) => buckets.add(createHash('sha1').update(text).digest().readUInt32BE(0) % lockBuckets);
  for (const { search, identifiers: sought, key } of conditions) {
    if (sought === null) add(key);
    else for (const { value } of sought) add(`${search.type}|${value}`);
  }
  for (const { resource, type } of operations) {
    if (resource !== null) for (const { value } of identifiers(resource)) add(`${type}|${value}`);
  }
  if (buckets.size > 0) await tx.query(LOCK, [lockSpace, [...buckets].sort((a, b) => a - b)]);
}

/** The ids that each condition matches, by its key. Run it after the locks, in a statement of its own: it must see what their last holders wrote. */
export async function resolveConditions(tx: Sql, conditions: readonly Condition[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(conditions.map((c) => [c.key, []]));
  const rows = conditions.flatMap((c, ord) => (c.identifiers ?? []).map((i) => ({ ord, type: c.search.type, ...i })));
  if (rows.length > 0) {
    const columns = [rows.map((r) => r.ord), rows.map((r) => r.type), rows.map((r) => r.system), rows.map((r) => r.value)];
    for (const { ord, id } of await tx.query<{ ord: number; id: string }>(BY_IDENTIFIER, columns))
      found.get(conditions[ord]?.key ?? '')?.push(id);
  }
  for (const condition of conditions) {
    if (condition.identifiers === null) found.set(condition.key, await matches(tx, condition.search));
  }
  return found;
}
