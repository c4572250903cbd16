/** Brings a database's schema up to what this version of Weir needs: each migration once, in order, under a lock. */
import type { Db } from './db.ts';

/** A step of a schema; never edited once released. `id` is unique for ever. */
export interface Migration {
  readonly id: string;
  readonly sql: string;
}

const LEDGER = {
  name: 'migration-ledger',
  text: 'create table if not exists weir_migration (id text primary key, applied timestamptz not null default now())',
};
// Several processes that start at once take turns.
const LOCK = { name: 'migration-lock', text: `select pg_advisory_xact_lock(hashtext('weir-migration'))` };
const APPLIED = { name: 'migration-applied', text: 'select id from weir_migration' };
const RECORD = { name: 'migration-record', text: 'insert into weir_migration (id) values ($1)' };

/** Runs the migrations that are missing, all in one transaction; gives the ids of those it ran. */
export async function migrate(db: Db, migrations: readonly Migration[]): Promise<string[]> {
  return db.transaction(async (tx) => {
    await tx.query(LOCK);
    await tx.query(LEDGER);
    const applied = new Set((await tx.query<{ id: string }>(APPLIED)).map((row) => row.id));
    const missing = migrations.filter((migration) => !applied.has(migration.id));
    for (const { id, sql } of missing) {
      await tx.script(sql);
      await tx.query(RECORD, [id]);
    }
    return missing.map((migration) => migration.id);
  });
}
