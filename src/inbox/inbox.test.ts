import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliverOutcome, freshInbox, openChannel } from '../../test/support/inbox.ts';
import type { Db } from '../store/db.ts';
import { drainDeliver } from './drain-deliver.ts';
import { acquireLease } from './lease.ts';
import { deliverQueue, shardOf } from './shard.ts';
import { tidy } from './upkeep.ts';

let db: Db;
beforeAll(async () => {
  db = await freshInbox();
}, 60_000);
afterAll(() => db.close());

describe('promise 1: what was answered is stored', () => {
  it('keeps the bytes exactly as received', async () => {
    const { add, desk } = openChannel(db);
    const raw = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const kept = await add(['p'], { raw, controlId: 'nul\0in\0id' });
    const message = await desk.message(kept.id);
    expect(Buffer.from(message?.raw ?? [])).toEqual(raw);
    expect(message?.controlId).toBe('nul\u2400in\u2400id');
  });

  it('gives ids in the order of arrival, also across groups', async () => {
    const { add } = openChannel(db);
    const kept = await Promise.all(Array.from({ length: 600 }, () => add(['p'])));
    const ids = kept.map(({ id }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });
});

describe('promise 2: nothing disappears', () => {
  it('keeps what was refused, and counts it apart', async () => {
    const { add, work, figures, desk, channel } = openChannel(db);
    await add([], { refused: { code: 'listen-type', text: 'no' } });
    await work();
    expect(await figures()).toMatchObject({ received: 0, refused: 1, waiting: 0 });
    expect(await desk.messages({ channel, limit: 10 })).toMatchObject([{ state: 'refused', cause: { code: 'listen-type' } }]);
  });

  it('a message with two destinations is delivered when both have it, and parked when one refused it', async () => {
    const { add, work, figures } = openChannel(db, ['a', 'b']);
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
    const { add, work, figures, desk } = openChannel(db);
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
    const { add, work, figures, desk } = openChannel(db, ['cdr'], true);
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
    const { channel, add, work, desk } = openChannel(db);
    for (let index = 0; index < 20; index++) await add([`${index % 3}`]);
    await work((id) => (Number(id) % 5 === 0 ? 'filtered' : Number(id) % 7 === 0 ? 'parked' : 'mapped'));
    await tidy(db);
    const counted = (await desk.counted()).find((row) => row.channel === channel);
    const tallied = (await desk.figures()).find((row) => row.channel === channel);
    expect(tallied).toMatchObject(counted ?? {});
    expect(counted?.received).toBe(20);
  });
});

describe('a drain that cannot write', () => {
  it('ends, and what it had sent is sent again', async () => {
    const { add, channel, work, figures } = openChannel(db);
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
    const { add, work, figures } = openChannel(db);
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
