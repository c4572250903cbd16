/** Queues, lanes and shards by name. */

/** Shards of a queue: how many bells it has, whatever the number of lanes. */
export const SHARDS = 4;

/** The work of one stage: `map/adt` or `deliver/adt/cdr`. */
export type QueueName = `map/${string}` | `deliver/${string}/${string}`;

export interface Shard {
  readonly queue: QueueName;
  readonly shard: number;
}

/** The queue in which a channel's messages wait to be mapped. */
export function mapQueue(channel: string): QueueName {
  return `map/${channel}`;
}

/** The queue in which a channel's bundles wait for a destination. */
export function deliverQueue(channel: string, destination: string): QueueName {
  return `deliver/${channel}/${destination}`;
}

/** The shard of a lane: FNV-1a over its UTF-16 units, the same in every process. */
export function shardOf(lane: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < lane.length; index++) hash = Math.imul(hash ^ lane.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % SHARDS;
}

/** A shard's name, for bells. It holds nothing of a patient. */
export function shardName({ queue, shard }: Shard): string {
  return `${queue}#${shard}`;
}

/** The inverse of `shardName`. */
export function parseShardName(name: string): Shard {
  const at = name.lastIndexOf('#');
  return { queue: name.slice(0, at) as QueueName, shard: Number(name.slice(at + 1)) };
}

/** The shards that have rows, as the text of a recursive `shards(queue, shard)`: a walk over the index from shard to shard, not over the rows. */
export const shardWalk = `
  (select queue, shard from queue order by queue, shard limit 1)
  union all
  select n.queue, n.shard from shards s
  cross join lateral (select queue, shard from queue q where (q.queue, q.shard) > (s.queue, s.shard) order by queue, shard limit 1) n`;
