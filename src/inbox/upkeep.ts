/** What is done now and then: ring shards that have work, and fold the tally. */
import type { Db, Statement } from '../store/db.ts';
import { forgetBatches } from './intake-store.ts';
import { type QueueName, type Shard, shardWalk } from './shard.ts';

const SHARDS_WITH_WORK: Statement = {
  name: 'upkeep-shards',
  text: `with recursive shards as (${shardWalk}) select queue, shard from shards`,
};

/** Many small differences become one row a channel; the sums stay what they are. Engines that fold at once skip each other's rows. */
const FOLD: Statement = {
  name: 'upkeep-fold',
  text: `
with taken as (
  delete from tally where ctid in (select ctid from tally for update skip locked) returning *
)
insert into tally (channel, received, delivered, filtered, waiting, parked, refused, duplicates, conflicts, unanswered, heard)
select channel, sum(received), sum(delivered), sum(filtered), sum(waiting), sum(parked), sum(refused), sum(duplicates), sum(conflicts), sum(unanswered), max(heard)
from taken group by channel`,
};

/** The shards that have rows: whatever became of their bells, they are rung again. */
export async function shardsWithWork(db: Db): Promise<Shard[]> {
  return db.query<{ queue: QueueName; shard: number }>(SHARDS_WITH_WORK);
}

/** Folds the tally and forgets the notes of old groups. */
export async function tidy(db: Db): Promise<void> {
  await db.query(FOLD);
  await forgetBatches(db);
}
