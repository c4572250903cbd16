import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliverOutcome, freshInbox, mapOutcome, openChannel } from '../../test/support/inbox.ts';
import type { Db } from '../store/db.ts';
import type { DeliverWork } from './deliver-work.ts';
import { drainDeliver } from './drain-deliver.ts';
import { drainMap } from './drain-map.ts';
import { acquireLease } from './lease.ts';
import type { MapOutcome } from './map-work.ts';
import { deliverQueue, mapQueue, shardOf } from './shard.ts';
import { shardsWithWork } from './upkeep.ts';

let db: Db;
beforeAll(async () => {
  db = await freshInbox();
}, 60_000);
afterAll(() => db.close());

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
        const { add, work, figures } = openChannel(db);
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
    const { add, work, figures, drains } = openChannel(db);
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
    const { add, work, figures, desk } = openChannel(db, ['cdr'], true);
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
    const { add, work, figures, desk, answered } = openChannel(db);
    const stuck = await add(['p']);
    await add(['p']);
    await work(undefined, async ({ id }) => (id === stuck.id ? 'later' : 'delivered'));
    expect(await figures()).toMatchObject({ delivered: 0, waiting: 2 });
    expect(await desk.park(stuck.id)).toBe(true);
    await answered();
    expect(await figures()).toMatchObject({ delivered: 1, parked: 1, waiting: 0 });
  });

  it.each(['map', 'deliver'] as const)('a message that becomes visible late is not overtaken in its lane (%s)', async (stage) => {
    const { add, channel, work } = openChannel(db);
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
    const { add, channel, figures } = openChannel(db);
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
