import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/support/postgres.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { openDb } from '../store/pg.ts';
import type { DeliverOutcome, DeliverWork } from './deliver-work.ts';
import { openDesk } from './desk.ts';
import { drainDeliver } from './drain-deliver.ts';
import { drainMap } from './drain-map.ts';
import { type Incoming, openIntake } from './intake.ts';
import { acquireLease } from './lease.ts';
import type { MapOutcome } from './map-work.ts';
import { ensurePartitions } from './partitions.ts';
import { inboxMigrations } from './schema.ts';
import { deliverQueue, mapQueue, type Shard, shardName, shardOf } from './shard.ts';
import { shardsWithWork, tidy } from './upkeep.ts';

let db: Db;
let channels = 0;

beforeAll(async () => {
  db = openDb(await freshDatabase());
  await migrate(db, inboxMigrations);
  await ensurePartitions(db, new Date());
}, 60_000);
afterAll(() => db.close());

type Mapper = (id: string) => MapOutcome['kind'];
/** `later`: a failure whose backoff does not end during a test. */
type Sender = (work: DeliverWork, destination: string) => Promise<DeliverOutcome['kind'] | 'later'>;

/** A channel of its own with one or more destinations, whose bells are answered until nothing is left to do. */
function openChannel(destinations = ['cdr'], holdParked = false) {
  const channel = `c${channels++}`;
  const rung = new Map<string, Shard>();
  const ring = (shards: readonly Shard[]): void => {
    for (const shard of shards) rung.set(shardName(shard), shard);
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
      ring((await shardsWithWork(db)).filter((shard) => shard.queue.split('/')[1] === channel));
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

function mapOutcome(kind: MapOutcome['kind'], destinations: readonly string[] = ['cdr']): MapOutcome {
  const onward = destinations.map((destination) => ({ destination, content: 'bundle' as const, body: null }));
  if (kind === 'mapped') return { kind, mapping: 'ADT_A01', body: Buffer.from('{"é":1}'), onward };
  return kind === 'filtered'
    ? { kind, cause: { code: 'filtered', text: 'not wanted' } }
    : { kind, cause, mapping: null, body: null };
}

function deliverOutcome(kind: DeliverOutcome['kind'] | 'later'): DeliverOutcome {
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

describe('promise 1: what was answered is stored', () => {
  it('keeps the bytes exactly as received', async () => {
    const { add, desk } = openChannel();
    const raw = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const kept = await add(['p'], { raw, controlId: 'nul\0in\0id' });
    const message = await desk.message(kept.id);
    expect(Buffer.from(message?.raw ?? [])).toEqual(raw);
    expect(message?.controlId).toBe('nul\u2400in\u2400id');
  });

  it('gives ids in the order of arrival, also across groups', async () => {
    const { add } = openChannel();
    const kept = await Promise.all(Array.from({ length: 600 }, () => add(['p'])));
    const ids = kept.map(({ id }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });
});

describe('promise 2: nothing disappears', () => {
  it('keeps what was refused, and counts it apart', async () => {
    const { add, work, figures, desk, channel } = openChannel();
    await add([], { refused: { code: 'listen-type', text: 'no' } });
    await work();
    expect(await figures()).toMatchObject({ received: 0, refused: 1, waiting: 0 });
    expect(await desk.messages({ channel, limit: 10 })).toMatchObject([{ state: 'refused', cause: { code: 'listen-type' } }]);
  });

  it('a message with two destinations is delivered when both have it, and parked when one refused it', async () => {
    const { add, work, figures } = openChannel(['a', 'b']);
    await add(['p']);
    await add(['q']);
    const seen: string[] = [];
    await work(undefined, async ({ lane }, destination) => {
      seen.push(`${lane}${destination}`);
      return lane === 'q' && destination === 'b' ? 'parked' : 'delivered';
    });
    expect(seen.sort()).toEqual(['pa', 'pb', 'qa', 'qb']);
    expect(await figures()).toMatchObject({ received: 2, delivered: 1, parked: 1, waiting: 0 });
  });

  it('replays what was parked, and parks what waits', async () => {
    const { add, work, figures, desk } = openChannel();
    const { id } = await add(['p']);
    expect(await desk.replay(id)).toBe(false);
    expect(await desk.park(id)).toBe(true);
    await work();
    expect(await figures()).toMatchObject({ parked: 1, waiting: 0, delivered: 0 });
    expect(await desk.park(id)).toBe(false);
    expect(await desk.replay(id)).toBe(true);
    expect(await figures()).toMatchObject({ parked: 0, waiting: 1 });
    await work();
    expect(await figures()).toMatchObject({ delivered: 1, waiting: 0 });
    expect(await desk.message(id)).toMatchObject({
      state: 'delivered',
      bundle: '{"é":1}',
      deliveries: [{ destination: 'cdr', state: 'delivered' }],
    });
  });

  it('a parked message holds its lane where the channel says so, until it is replayed', async () => {
    const { add, work, figures, desk } = openChannel(['cdr'], true);
    const first = await add(['p']);
    await add(['p']);
    await add(['q']);
    await work(undefined, async ({ id }) => (id === first.id ? 'parked' : 'delivered'));
    expect(await figures()).toMatchObject({ parked: 1, waiting: 1, delivered: 1 });
    await desk.replay(first.id);
    const order: string[] = [];
    await work(undefined, async ({ id }) => {
      order.push(id);
      return 'delivered';
    });
    expect(order[0]).toBe(first.id);
    expect(await figures()).toMatchObject({ parked: 0, waiting: 0, delivered: 3 });
  });

  it('the tally equals what is counted message by message, also when folded', async () => {
    const { channel, add, work, desk } = openChannel();
    for (let index = 0; index < 20; index++) await add([`${index % 3}`]);
    await work((id) => (Number(id) % 5 === 0 ? 'filtered' : Number(id) % 7 === 0 ? 'parked' : 'mapped'));
    await tidy(db);
    const counted = (await desk.counted()).find((row) => row.channel === channel);
    const tallied = (await desk.figures()).find((row) => row.channel === channel);
    expect(tallied).toMatchObject(counted ?? {});
    expect(counted?.received).toBe(20);
  });
});

describe('promise 3: order', () => {
  it('holds in every lane, whatever fails, and a merge waits for all of its lanes', async () => {
    const plan = fc.array(
      fc.record({
        lanes: fc
          .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 4 })
          .map((lanes) => lanes.sort()),
        mapped: fc.constantFrom<MapOutcome['kind']>('mapped', 'mapped', 'mapped', 'filtered', 'parked'),
        failures: fc.integer({ min: 0, max: 2 }),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(plan, async (messages) => {
        const { add, work, figures } = openChannel();
        const kept = await Promise.all(messages.map(({ lanes }) => add(lanes)));
        const of = new Map(kept.map(({ id }, index) => [id, messages[index] as (typeof messages)[number]]));
        const failures = new Map<string, number>();
        const delivered: string[] = [];
        const inFlight = new Set<string>();
        for (let round = 0; round < 200; round++) {
          await work(
            (id) => of.get(id)?.mapped ?? 'mapped',
            async ({ id }) => {
              const { lanes, failures: planned } = of.get(id) ?? { lanes: [], failures: 0 };
              for (const lane of lanes) {
                expect(inFlight.has(lane)).toBe(false);
                inFlight.add(lane);
              }
              await new Promise((resolve) => setImmediate(resolve));
              for (const lane of lanes) inFlight.delete(lane);
              const failed = failures.get(id) ?? 0;
              failures.set(id, failed + 1);
              if (failed < planned) return 'retry';
              delivered.push(id);
              return 'delivered';
            },
          );
          if ((await figures())?.waiting === 0 || messages.length === 0) break;
        }
        const wanted = [...of].filter(([, { mapped }]) => mapped === 'mapped').map(([id]) => id);
        expect([...delivered].sort()).toEqual([...wanted].sort());
        for (const lane of ['a', 'b', 'c', 'd', 'e'] as const) {
          const inLane = delivered.filter((id) => of.get(id)?.lanes.includes(lane)).map(Number);
          expect(inLane).toEqual([...inLane].sort((x, y) => x - y));
        }
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('merges that wait for a patient in backoff leave the shards at rest', async () => {
    const { add, work, figures, drains } = openChannel();
    // The shards of a and e, and of b, each hold a lane that waits for a merge of the other; both merges come after the message of d.
    const late = await add(['d']);
    await add(['b', 'd', 'e']);
    await add(['a', 'b']);
    await work(undefined, async ({ id }) => (id === late.id ? 'later' : 'delivered'));
    expect(await figures()).toMatchObject({ delivered: 0, waiting: 3 });
    expect(drains()).toBeLessThan(40);
    await db.query({ name: 'backoff-over', text: 'delete from hold' });
    await work();
    expect(await figures()).toMatchObject({ delivered: 3, waiting: 0 });
  });

  it('a merge waits for a lane that a parked message holds, and holds all of its own when it is parked', async () => {
    const { add, work, figures, desk } = openChannel(['cdr'], true);
    const parked = await add(['b']);
    const merge = await add(['a', 'b']);
    const after = await add(['b']);
    await work(undefined, async ({ id }) => (id === parked.id ? 'parked' : 'delivered'));
    expect(await figures()).toMatchObject({ delivered: 0, parked: 1, waiting: 2 });
    await desk.replay(parked.id);
    await work(undefined, async ({ id }) => (id === merge.id ? 'parked' : 'delivered'));
    expect(await figures()).toMatchObject({ delivered: 1, parked: 1, waiting: 1 });
    await desk.replay(merge.id);
    const order: string[] = [];
    await work(undefined, async ({ id }) => {
      order.push(id);
      return 'delivered';
    });
    expect(order).toEqual([merge.id, after.id]);
    expect(await figures()).toMatchObject({ delivered: 3, parked: 0, waiting: 0 });
  });

  it('what waits behind a message in backoff goes on when that is parked by hand', async () => {
    const { add, work, figures, desk, answered } = openChannel();
    const stuck = await add(['p']);
    await add(['p']);
    await work(undefined, async ({ id }) => (id === stuck.id ? 'later' : 'delivered'));
    expect(await figures()).toMatchObject({ delivered: 0, waiting: 2 });
    expect(await desk.park(stuck.id)).toBe(true);
    await answered();
    expect(await figures()).toMatchObject({ delivered: 1, parked: 1, waiting: 0 });
  });

  it.each(['map', 'deliver'] as const)('a message that becomes visible late is not overtaken in its lane (%s)', async (stage) => {
    const { add, channel, work } = openChannel();
    // One shard, more rows than a batch: the drain has read past the first message's id when its row appears, and meets its successor then.
    const others = Array.from({ length: 1_000 }, (_, index) => `o${index}`).filter((lane) => shardOf(lane) === shardOf('late'));
    const first = await add(['late']);
    for (const lane of others.slice(0, 100)) await add([lane]);
    const second = await add(['late']);
    const queue = stage === 'map' ? mapQueue(channel) : deliverQueue(channel, 'cdr');
    const order: string[] = [];
    const note = (id: string): void => {
      if (id === first.id || id === second.id) order.push(id);
    };
    if (stage === 'deliver') await work(undefined, async () => 'retry');
    await db.query({ name: 'late-free', text: 'delete from hold where queue = $1' }, [queue]);
    const [row] = await db.query<object>(
      { name: 'late-hide', text: 'delete from queue where queue = $1 and id = $2::bigint returning *' },
      [queue, first.id],
    );
    let takes = 0;
    const late: Db = {
      ...db,
      async query(statement, values) {
        if (statement.name.startsWith(`${stage}-take`) && ++takes === 2) {
          await db.query(
            { name: 'late-show', text: 'insert into queue select * from jsonb_populate_record(null::queue, $1::jsonb)' },
            [JSON.stringify(row)],
          );
        }
        return db.query(statement, values);
      },
    };
    for (let pass = 0; pass < 3; pass++) {
      const lease = await acquireLease(db, { queue, shard: shardOf('late') }, 'test');
      if (!lease) throw new Error('no lease');
      const drain = { db: late, channel, holdParked: false, ring: () => {} };
      if (stage === 'map') {
        const map = ({ id }: { id: string }) => {
          note(id);
          return mapOutcome('mapped');
        };
        await drainMap({ ...drain, destinations: ['cdr'], map }, lease);
      } else {
        const send = async ({ id }: DeliverWork) => {
          note(id);
          return deliverOutcome('delivered');
        };
        await drainDeliver({ ...drain, destination: 'cdr', takes: 'bundle', concurrency: 4, send, stopping: () => false }, lease);
      }
      await lease.release();
    }
    expect(order).toEqual([first.id, second.id]);
  });

  it('a holder that lost its lease writes nothing', async () => {
    const { add, channel, figures } = openChannel();
    await add(['p']);
    const [shard] = (await shardsWithWork(db)).filter(({ queue }) => queue === mapQueue(channel));
    if (!shard) throw new Error('no work');
    const lease = await acquireLease(db, shard, 'old');
    if (!lease) throw new Error('no lease');
    await db.query({ name: 'expire', text: `update lease set token = token + 1 where queue = $1` }, [shard.queue]);
    await drainMap(
      { db, channel, destinations: ['cdr'], holdParked: false, map: () => mapOutcome('filtered'), ring: () => {} },
      lease,
    );
    expect(await figures()).toMatchObject({ waiting: 1, filtered: 0 });
  });
});

describe('a drain that cannot write', () => {
  it('ends, and what it had sent is sent again', async () => {
    const { add, channel, work, figures } = openChannel();
    // Lanes of one shard, so that several bundles are in flight when the store goes away.
    const lanes = Array.from({ length: 400 }, (_, index) => `lane-${index}`).filter((lane) => shardOf(lane) === 3);
    for (const lane of lanes) await add([lane]);
    const failing: Db = {
      ...db,
      query: (statement, values) =>
        statement.name === 'deliver-settle' ? Promise.reject(new Error('the store is away')) : db.query(statement, values),
    };
    await work(undefined, async () => 'retry');
    await db.query({ name: 'free', text: 'delete from hold' });
    const lease = await acquireLease(db, { queue: deliverQueue(channel, 'cdr'), shard: 3 }, 'test');
    if (!lease) throw new Error('no lease');
    let sent = 0;
    const send = async () => {
      await new Promise((resolve) => setTimeout(resolve, ++sent % 5));
      return deliverOutcome('delivered');
    };
    const drain = {
      channel,
      destination: 'cdr',
      holdParked: false,
      takes: 'bundle' as const,
      concurrency: 4,
      send,
      ring: () => {},

      stopping: () => false,
    };
    await expect(drainDeliver({ ...drain, db: failing }, lease)).rejects.toThrow('away');
    await lease.release();
    await work();
    expect(await figures()).toMatchObject({ delivered: lanes.length, waiting: 0 });
  });
});

describe('promise 4: once', () => {
  it('answers the same message again as it did the first time, and does not map it again', async () => {
    const { add, work, figures } = openChannel();
    const again = { controlId: 'X1', raw: Buffer.from('MSH|same'), duplicatesWithin: 60_000 };
    const [first, second] = await Promise.all([
      add(['p'], { ...again, ack: Buffer.from('one') }),
      add(['p'], { ...again, ack: Buffer.from('two') }),
    ]);
    const third = await add(['p'], { ...again, ack: Buffer.from('three') });
    expect([first?.duplicate, second?.duplicate, third.duplicate]).toEqual([false, true, true]);
    expect(third.ack?.toString()).toBe('one');
    await add(['p'], { ...again, raw: Buffer.from('MSH|other') });
    await work();
    expect(await figures()).toMatchObject({ received: 2, delivered: 2, duplicates: 2 });
  });
});

it('a queue of one destination is named so that its channel and itself can be told', () => {
  expect(deliverQueue('adt', 'cdr')).toBe('deliver/adt/cdr');
});
