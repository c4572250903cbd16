/**
 * Messages of a flood are stored without rows in their queues, whose cost is the upkeep of indexes by nine tenths: a sender that waits for its ACK does not wait for these. They are
 * sorted into the queues in the order in which they came, when the flood is over and a few at a time before (docs/adr/0010).
 *
 * While any group is unsorted those that come are too, by whichever engine: who sees a row of a lane sees all that came before it in that lane.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Sql, Statement } from '../store/db.ts';
import type { QueueName, Shard } from './shard.ts';

/** Groups that are not sorted, as a query without columns. */
export const unsorted = 'select from batch where unsorted is not null';

/** Groups that are sorted by one statement. */
const GROUPS = 64;
/** The same in a flood, so that the map stage has something in hand. */
const GROUPS_IN_FLOOD = 2;
/** Before each statement in a flood. Milliseconds. */
const PAUSE = 100;

/** Engines that sort at once wait for each other: the groups come into the queues in their order. */
const SORT: Statement = {
  name: 'sort',
  text: `
with taken as materialized (
  select * from batch where unsorted is not null and ($2::bigint is null or unsorted <= $2) order by unsorted limit $1::int for update
), emptied as (
  update batch b set unsorted = null, channels = null, lanes = null, shards = null, others = null, other_shards = null from taken t where b.id = t.id
), waiting as materialized (
  select u.* from taken t cross join lateral unnest(t.ids, t.days, t.channels, t.lanes, t.shards, t.others, t.other_shards)
    u(id, day, channel, lane, shard, others, other_shards)
  where u.channel is not null
), rows as materialized (
  select 'map/' || channel as queue, shard, id, lane, day, others::text[] as others, false as blocker from waiting
  union all
  select 'map/' || w.channel, o.shard, w.id, o.lane, w.day, array[w.lane], true
  from waiting w cross join lateral unnest(w.others::text[], w.other_shards::int[]) o(lane, shard) where w.others is not null
), work as (
  insert into queue (queue, shard, id, lane, day, others, blocker) select queue, shard, id, lane, day, others, blocker from rows order by queue, shard, id
)
select queue, shard, (select count(*)::int from taken) as groups from rows group by queue, shard`,
};

/** Sorts the first `most` of the groups that begin with `upTo` or before it (null: any). Gives how many there were, and the shards that got work. */
export async function sortGroups(
  db: Sql,
  most: number,
  upTo: string | null = null,
): Promise<{ readonly groups: number; readonly shards: readonly Shard[] }> {
  const rows = await db.query<{ queue: QueueName; shard: number; groups: number }>(SORT, [most, upTo]);
  return { groups: rows[0]?.groups ?? 0, shards: rows.map(({ queue, shard }) => ({ queue, shard })) };
}

/** Sorts all groups that begin with `upTo` or before it (null: any), and gives the shards that got work. */
export async function sortAll(db: Sql, upTo: string | null = null): Promise<Shard[]> {
  const all: Shard[] = [];
  for (;;) {
    const { groups, shards } = await sortGroups(db, GROUPS, upTo);
    all.push(...shards);
    if (groups < GROUPS) return all;
  }
}

export interface Sorting {
  /** Something may be unsorted: it is sorted, with no haste while messages come in a flood. Resolves when nothing is left; rejects where a statement fails, which the next waking tries again. Who does not wait for it need not look at it. */
  wake(): Promise<void>;
  /** Resolves when the statement that is under way has ended; what is unsorted then is left to the next engine. */
  stop(): Promise<void>;
}

/** `ring` is called with the shards that got work. */
export function openSorting(db: Db, ring: (shards: readonly Shard[]) => void, flooded: () => boolean): Sorting {
  let running: Promise<void> | null = null;
  let again = false;
  const ended = new AbortController();

  async function sort(): Promise<void> {
    try {
      do {
        if (flooded()) await sleep(PAUSE, undefined, { signal: ended.signal }).catch(() => {});
        again = false;
        const most = flooded() ? GROUPS_IN_FLOOD : GROUPS;
        const { groups, shards } = await sortGroups(db, most);
        ring(shards);
        again ||= groups === most;
      } while (again && !ended.signal.aborted);
    } finally {
      running = null;
    }
  }
  return {
    wake() {
      if (ended.signal.aborted) return Promise.resolve();
      again = true;
      if (running === null) {
        running = sort();
        running.catch(() => {});
      }
      return running;
    },
    async stop() {
      ended.abort();
      await running?.catch(() => {});
    },
  };
}
