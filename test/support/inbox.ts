/** An inbox on a database of its own, for tests: channels whose bells are answered until nothing is left to do. */
import { randomUUID } from 'node:crypto';
import type { DeliverOutcome, DeliverWork } from '../../src/inbox/deliver-work.ts';
import { openDesk } from '../../src/inbox/desk.ts';
import { drainDeliver } from '../../src/inbox/drain-deliver.ts';
import { drainMap } from '../../src/inbox/drain-map.ts';
import type { Incoming } from '../../src/inbox/incoming.ts';
import { openIntake } from '../../src/inbox/intake.ts';
import { acquireLease } from '../../src/inbox/lease.ts';
import type { MapOutcome } from '../../src/inbox/map-work.ts';
import { ensurePartitions } from '../../src/inbox/partitions.ts';
import { inboxMigrations } from '../../src/inbox/schema.ts';
import { type Shard, shardName } from '../../src/inbox/shard.ts';
import { sortAll } from '../../src/inbox/sorting.ts';
import { shardsWithWork } from '../../src/inbox/upkeep.ts';
import type { Db } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDb } from '../../src/store/pg.ts';
import { freshDatabase } from './postgres.ts';

/** An empty database with the inbox's tables. */
export async function freshInbox(): Promise<Db> {
  const db = openDb(await freshDatabase());
  await migrate(db, inboxMigrations);
  await ensurePartitions(db, new Date());
  return db;
}

type Mapper = (id: string) => MapOutcome['kind'];
/** `later`: a failure whose backoff does not end during a test. */
type Sender = (work: DeliverWork, destination: string) => Promise<DeliverOutcome['kind'] | 'later'>;

/** A channel of its own with one or more destinations, whose bells are answered until nothing is left to do. */
export function openChannel(db: Db, destinations = ['cdr'], holdParked = false) {
  const channel = `c${randomUUID()}`;
  const rung = new Map<string, Shard>();
  /** Others use the database too. */
  const ring = (shards: readonly Shard[]): void => {
    for (const shard of shards) if (shard.queue.split('/')[1] === channel) rung.set(shardName(shard), shard);
  };
  const intake = openIntake(db, ring);
  const desk = openDesk({
    db,
    ring,
    channels: () => [{ name: channel, destinations: destinations.map((name) => ({ name })) }],
    parkedText: 'by hand',
  });
  let number = 0;
  let drained = 0;
  return {
    channel,
    desk,
    add(lanes: readonly string[], change: Partial<Incoming> = {}) {
      const incoming: Incoming = {
        channel,
        receivedAt: new Date(),
        peer: 'test',
        sender: 'A^B',
        type: 'ADT^A01',
        controlId: `${number++}`,
        raw: Buffer.from(`MSH|^~\\&|${number}|\0\xff`, 'latin1'),
        ack: Buffer.from('ACK'),
        lanes,
        refused: null,
        duplicatesWithin: 0,
        ...change,
      };
      return intake.add(incoming);
    },
    async work(map: Mapper = () => 'mapped', send: Sender = async () => 'delivered') {
      await sortAll(db);
      ring(await shardsWithWork(db));
      await answer(map, send);
    },
    /** Answers the bells that were rung, and no others. */
    answered: () =>
      answer(
        () => 'mapped',
        async () => 'delivered',
      ),
    /** How many drains there were. */
    drains: () => drained,
    figures: async () => (await desk.figures()).find((figures) => figures.channel === channel),
  };

  async function answer(map: Mapper, send: Sender): Promise<void> {
    while (rung.size > 0) {
      const shards = [...rung.values()];
      rung.clear();
      await Promise.all(shards.map((shard) => drainShard(shard, map, send)));
    }
  }

  async function drainShard(shard: Shard, map: Mapper, send: Sender): Promise<void> {
    if (++drained > 5_000) throw new Error('The shards ring each other without end');
    const lease = await acquireLease(db, shard, 'test');
    if (!lease) throw new Error('two drains of one shard at once');
    if (shard.queue.startsWith('map/')) {
      await drainMap({ db, channel, destinations, holdParked, map: ({ id }) => mapOutcome(map(id), destinations), ring }, lease);
    } else {
      const destination = shard.queue.split('/')[2] ?? '';
      await drainDeliver(
        {
          db,
          channel,
          destination,
          holdParked,
          takes: 'bundle',
          concurrency: 4,
          send: async (work) => deliverOutcome(await send(work, destination)),
          ring,
          stopping: () => false,
        },
        lease,
      );
    }
    await lease.release();
  }
}

const cause = { code: 'deliver-refused', text: 'refused' } as const;

export function mapOutcome(kind: MapOutcome['kind'], destinations: readonly string[] = ['cdr']): MapOutcome {
  const onward = destinations.map((destination) => ({ destination, content: 'bundle' as const, body: null }));
  if (kind === 'mapped') return { kind, mapping: 'ADT_A01', body: Buffer.from('{"é":1}'), onward };
  return kind === 'filtered'
    ? { kind, cause: { code: 'filtered', text: 'not wanted' } }
    : { kind, cause, mapping: null, body: null };
}

export function deliverOutcome(kind: DeliverOutcome['kind'] | 'later'): DeliverOutcome {
  const attempt = {
    at: new Date(),
    status: kind === 'delivered' ? 200 : 503,
    ack: null,
    milliseconds: 1,
    error: kind === 'delivered' ? null : cause,
  };
  if (kind === 'delivered') return { kind, attempt };
  if (kind === 'later') return { kind: 'retry', attempt, due: new Date(Date.now() + 3_600_000) };
  return kind === 'retry' ? { kind, attempt, due: new Date() } : { kind, attempt, cause };
}
