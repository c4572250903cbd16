/** Searches on the search table. The statement is put together from the criteria's kinds; values are always parameters. */
import type { Sql, Statement } from '../store/db.ts';
import { FhirFault } from './fault.ts';
import type { Criterion, Search } from './query.ts';

export interface Found {
  readonly id: string;
  readonly version: number;
  readonly updated: Date;
  readonly body: string;
}

export interface Page {
  readonly found: readonly Found[];
  readonly total: number;
  /** The cursor of the next page; null on the last. */
  readonly next: string | null;
}

interface Part {
  /** Names the form of the SQL, so that the same form is planned once a connection. */
  readonly form: string;
  readonly sql: (n: number) => string;
  readonly values: readonly unknown[];
}

/** One page of what matches, the latest change first. */
export async function search(db: Sql, query: Search): Promise<Page> {
  const parts = query.criteria.map(partOf);
  if (query.count === 0) return { found: [], total: await total(db, query.type, parts), next: null };
  const cursor = query.after === null ? undefined : cursorPart(query.after);
  const { where, values, form } = joined(query.type, cursor ? [...parts, cursor] : parts);
  const statement: Statement = {
    name: `sandbox-search ${form}`,
    text: `select r.id, r.version, r.updated, v.body
      from (select type, id, version, updated from sandbox.resource r where ${where}
            order by updated desc, id desc limit $${values.length + 1}) r
      join sandbox.version v on v.type = r.type and v.id = r.id and v.version = r.version
      order by r.updated desc, r.id desc`,
  };
  const rows = await db.query<Found>(statement, [...values, query.count + 1]);
  const found = rows.slice(0, query.count);
  const last = found.at(-1);
  const more = rows.length > query.count && last !== undefined;
  return {
    found,
    total: more || cursor ? await total(db, query.type, parts) : found.length,
    next: more ? `${last.updated.getTime()}.${last.id}` : null,
  };
}

/** The ids of what matches, at most two: enough to tell none, one and several apart. */
export async function matches(db: Sql, query: Search): Promise<string[]> {
  const { where, values, form } = joined(query.type, query.criteria.map(partOf));
  const rows = await db.query<{ id: string }>(
    { name: `sandbox-match ${form}`, text: `select r.id from sandbox.resource r where ${where} limit 2` },
    values,
  );
  return rows.map((row) => row.id);
}

async function total(db: Sql, type: string, parts: readonly Part[]): Promise<number> {
  const { where, values, form } = joined(type, parts);
  const text = `select count(*)::int as total from sandbox.resource r where ${where}`;
  const [row] = await db.query<{ total: number }>({ name: `sandbox-total ${form}`, text }, values);
  return row?.total ?? 0;
}

function joined(type: string, parts: readonly Part[]): { where: string; values: unknown[]; form: string } {
  const values: unknown[] = [type];
  const where = ['r.type = $1', 'not r.deleted'];
  for (const part of parts) {
    where.push(part.sql(values.length + 1));
    values.push(...part.values);
  }
  return { where: where.join(' and '), values, form: parts.map((part) => part.form).join(' ') };
}

const among = (condition: string) => `r.id in (select s.id from sandbox.search s where s.type = $1 and ${condition})`;

function partOf(criterion: Criterion): Part {
  switch (criterion.kind) {
    case 'id':
      return { form: 'id', sql: (n) => `r.id = any($${n}::text[])`, values: [criterion.ids] };
    case 'updated':
      return {
        form: 'updated',
        sql: (n) =>
          `r.updated >= coalesce($${n}::timestamptz, '-infinity') and r.updated < coalesce($${n + 1}::timestamptz, 'infinity')`,
        values: [criterion.from, criterion.before],
      };
    case 'reference':
      return {
        form: 'reference',
        sql: (n) => among(`s.param = $${n} and s.value = any($${n + 1}::text[])`),
        values: [criterion.param, criterion.references],
      };
    case 'string':
      return criterion.exact
        ? {
            form: 'exact',
            sql: (n) => among(`s.param = $${n} and s.value = any($${n + 1}::text[])`),
            values: [criterion.param, criterion.starts],
          }
        : {
            form: 'starts',
            sql: (n) => among(`s.param = $${n} and s.value like any($${n + 1}::text[])`),
            values: [criterion.param, criterion.starts.map((start) => `${start.replace(/[\\%_]/g, '\\$&')}%`)],
          };
    case 'token':
      return tokenPart(criterion);
  }
}

function tokenPart({ param, tokens }: Extract<Criterion, { kind: 'token' }>): Part {
  if (tokens.every((t) => t.value !== null))
    return {
      form: 'token',
      sql: (n) =>
        `r.id in (select s.id from unnest($${n + 1}::text[], $${n + 2}::text[]) q(system, value)
           join sandbox.search s on s.type = $1 and s.param = $${n} and s.value = q.value and (q.system is null or s.system = q.system))`,
      values: [param, tokens.map((t) => t.system), tokens.map((t) => t.value)],
    };
  return {
    form: 'system',
    sql: (n) =>
      `r.id in (select s.id from unnest($${n + 1}::text[], $${n + 2}::text[]) q(system, value)
         join sandbox.search s on s.type = $1 and s.param = $${n} and s.system = q.system and (q.value is null or s.value = q.value))`,
    values: [param, tokens.map((t) => t.system ?? ''), tokens.map((t) => t.value)],
  };
}

/** Where the last page ended: the time and id of its last resource. */
function cursorPart(cursor: string): Part {
  const [, time, id] = /^(\d{1,15})\.([A-Za-z\d\-.]{1,64})$/.exec(cursor) ?? [];
  if (time === undefined || id === undefined)
    throw new FhirFault(400, 'value', 'This is not a page that the sandbox gave out; search again from the first');
  return {
    form: 'after',
    sql: (n) => `(r.updated, r.id) < ($${n}::timestamptz, $${n + 1}::text)`,
    values: [new Date(Number(time)), id],
  };
}
