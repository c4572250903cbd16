/** History is kept by day: partitions are made ahead of the clock. */
import type { Db } from '../store/db.ts';
import { historyTables } from './schema.ts';

const DAY = 86_400_000;
/**
 * Rows that only came are not vacuumed: that would write each page a second time, into the log whole, for queries that Weir has none of (docs/adr/0010). Rows that were
 * written again are, as ever. Statistics are gathered anew when a day has doubled.
 */
const upkeep = 'autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 1';
/** Room in the pages of what is written again soon: such an update touches no index. */
const rewritten: ReadonlySet<string> = new Set(['status', 'delivery', 'reply']);

/** The UTC day of a time, `2026-11-21`: the partition a message lies in. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Makes the partitions of yesterday to the day after tomorrow, where they are missing. */
export async function ensurePartitions(db: Db, now: Date): Promise<void> {
  const days = Array.from({ length: 4 }, (_, index) => new Date(now.getTime() + (index - 1) * DAY));
  const statements = days.flatMap((day) => {
    const [from, to] = [dayOf(day), dayOf(new Date(day.getTime() + DAY))];
    return historyTables.map(
      (table) =>
        `create table if not exists ${table}_${from.replaceAll('-', '')} partition of ${table} for values from ('${from}') to ('${to}') with (${upkeep}${rewritten.has(table) ? ', fillfactor = 80' : ''});`,
    );
  });
  await db.transaction(async (tx) => {
    await tx.query({ name: 'partition-lock', text: `select pg_advisory_xact_lock(hashtext('weir-partition'))` });
    await tx.script(statements.join('\n'));
  });
}
