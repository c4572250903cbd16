/** PostgreSQL through `pg`: the pool behind `Db`. */
import pg from 'pg';
import { WeirError } from '../errors.ts';
import { arrayText } from './array.ts';
import type { Db, Sql, Statement } from './db.ts';

/** Dates stay text: a day is a partition's name here, and a `Date` would bring a time zone into it. */
const DATE_OID = 1082;

/** SQLSTATEs after which the same statement may succeed on a new connection: class 08, shutdowns, recovery, too many connections. */
const CONNECTION_STATES = new Set(['57P01', '57P02', '57P03', '53300']);
const SOCKET_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EHOSTUNREACH']);

/**
 * Opens a pool of at most `max` connections on a `postgres://` URL; nothing is connected until the first statement.
 * A lost connection rejects what ran on it with `store-unavailable` and never ends the process.
 */
export function openDb(url: string, max = 12): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    application_name: 'weir',
    // Every statement on a message's way is an index look-up. A plan made while a table was empty must not read it whole once it is large,
    // and none of them is worth planning again for its values.
    options:
      '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c jit=off',
    types: {
      getTypeParser: (oid, format) => (oid === DATE_OID ? String : pg.types.getTypeParser(oid, format as 'text')) as never,
    },
  });
  // An idle connection that breaks is replaced at its next use.
  pool.on('error', () => {});
  // A dying server may say so in the very packet that opened the connection, before anyone can listen: always listen.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    query: (statement, values) => run(pool, statement, values),
    script: (sql) => script(pool, sql),
    transaction: (work) => transaction(pool, work),
    close: () => pool.end(),
  };
}

async function run<Row extends object>(
  on: pg.Pool | pg.PoolClient,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    const result = await on.query<Row & pg.QueryResultRow>({
      name: statement.name,
      text: statement.text,
      values: values.map((value) => (Array.isArray(value) ? arrayText(value) : value)),
    });
    return result.rows;
  } catch (error) {
    throw readable(error);
  }
}

async function script(on: pg.Pool | pg.PoolClient, sql: string): Promise<void> {
  try {
    await on.query(sql);
  } catch (error) {
    throw readable(error);
  }
}

async function transaction<T>(pool: pg.Pool, work: (tx: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw readable(error);
  });
  let broken = false;
  const noteBroken = () => {
    broken = true;
  };
  client.on('error', noteBroken);
  try {
    await client.query('begin');
    const result = await work({
      query: (statement, values) => run(client, statement, values),
      script: (sql) => script(client, sql),
    });
    await client.query('commit');
    return result;
  } catch (error) {
    // A failed rollback means that the connection is gone, and the transaction with it.
    await client.query('rollback').catch(noteBroken);
    throw readable(error);
  } finally {
    client.off('error', noteBroken);
    client.release(broken);
  }
}

/** A lost connection as `store-unavailable`; anything else as it is. Text of PostgreSQL never travels: it may quote values. */
function readable(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof WeirError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const lost =
    code.startsWith('08') ||
    CONNECTION_STATES.has(code) ||
    SOCKET_ERRORS.has(code) ||
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i.test(
      error.message,
    );
  return lost ? new WeirError('store-unavailable', code || undefined) : error;
}

/** Whether PostgreSQL gave up one of several transactions that stood in each other's way; trying again is right. */
export function isSerialisationConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');
}
