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

/** Lanes as an array of PostgreSQL in a text, so that a column of a batch may hold several. */
export function arrayText(lanes: readonly string[]): string {
  return `{${lanes.map((lane) => `"${lane.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
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
