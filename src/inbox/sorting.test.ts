import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshInbox, openChannel } from '../../test/support/inbox.ts';
import type { Db } from '../store/db.ts';
import type { Shard } from './shard.ts';
import { openSorting, sortGroups } from './sorting.ts';
import { shardsWithWork } from './upkeep.ts';

// Each test has its own: an engine sorts whatever is unsorted.
let db: Db;
beforeEach(async () => {
  db = await freshInbox();
}, 60_000);
afterEach(() => db.close());

/** Messages that come at once, so many that their group is taken for a flood. */
const FLOOD = 24;
const numbers = Array.from({ length: FLOOD }, (_, number) => number);
const lane = (number: number): string => `p${number % 3}`;
const week = { duplicatesWithin: 7 * 86_400_000 };

/** The shards of a channel that a drain would find something in. */
async function shardsOf(channel: string): Promise<number> {
  return (await shardsWithWork(db)).filter(({ queue }) => queue.split('/')[1] === channel).length;
}

/** The database, and what lets statements through to it that sort. */
function heldDb(): { db: Db; letGo: () => void } {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const query: Db['query'] = async (statement, values) => {
    if (statement.name === 'sort') await held;
    return db.query(statement, values);
  };
  return { db: { ...db, query }, letGo };
}

/** Maps and delivers all that waits, and gives the ids in the order in which they were delivered. */
async function deliverAll(work: ReturnType<typeof openChannel>['work']): Promise<string[]> {
  const delivered: string[] = [];
  await work(undefined, async ({ id }) => {
    delivered.push(id);
    return 'delivered';
  });
  return delivered;
}

const inOrder = (ids: readonly string[]): string[] => [...ids].sort((one, other) => Number(one) - Number(other));

describe('a flood', () => {
  it('is stored before it stands in the queues, and delivered in the order of each lane', async () => {
    const held = heldDb();
    const { channel, add, work, figures } = openChannel(held.db);
    const kept = await Promise.all(numbers.map((number) => add([lane(number)])));
    expect(await shardsOf(channel)).toBe(0);
    held.letGo();
    const delivered = await deliverAll(work);
    for (const of of [0, 1, 2]) {
      const ids = kept.filter((_, number) => number % 3 === of).map(({ id }) => id);
      expect(delivered.filter((id) => ids.includes(id))).toEqual(ids);
    }
    expect(await figures()).toMatchObject({ received: FLOOD, delivered: FLOOD, waiting: 0 });
  });

  it('is sorted without anybody asking', async () => {
    const { add, answered, figures } = openChannel(db);
    await Promise.all(numbers.map((number) => add([lane(number)])));
    await expect.poll(() => answered().then(figures)).toMatchObject({ delivered: FLOOD, waiting: 0 });
  });

  it('is sorted to its end, however long it was', async () => {
    const held = heldDb();
    const { add } = openChannel(held.db);
    for (let group = 0; group < 70; group++) await Promise.all(numbers.map((number) => add([lane(number)])));
    held.letGo();
    const left = { name: 'left', text: 'select count(*)::int as groups from batch where unsorted is not null' };
    await expect.poll(() => db.query(left), { timeout: 5_000 }).toEqual([{ groups: 0 }]);
  });

  it('is left to the next engine where this one stops', async () => {
    const { add } = openChannel(heldDb().db);
    for (let group = 0; group < 70; group++) await Promise.all(numbers.map((number) => add([lane(number)])));
    let stopped: Promise<void> | null = null;
    const query: Db['query'] = async (statement, values) => {
      const rows = await db.query<never>(statement, values);
      stopped ??= sorting.stop();
      return rows;
    };
    const sorting = openSorting(
      { ...db, query },
      () => {},
      () => false,
    );
    await sorting.wake();
    await stopped;
    await sorting.wake();
    expect(await sortGroups(db, 9)).toMatchObject({ groups: 6 });
  });

  it('is sorted when PostgreSQL does it again, and who asked hears that it did not', async () => {
    const { add } = openChannel(heldDb().db);
    await Promise.all(numbers.map((number) => add([lane(number)])));
    let fails = true;
    const query: Db['query'] = (statement, values) => (fails ? Promise.reject(new Error('away')) : db.query(statement, values));
    const rung: Shard[] = [];
    const sorting = openSorting(
      { ...db, query },
      (shards) => rung.push(...shards),
      () => false,
    );
    await expect(sorting.wake()).rejects.toThrow('away');
    fails = false;
    await sorting.wake();
    expect(rung.length).toBeGreaterThan(0);
  });

  it('that comes while another is being sorted is sorted too', async () => {
    const { add } = openChannel(heldDb().db);
    const flood = () => Promise.all(numbers.map((number) => add([lane(number)])));
    await flood();
    let second: Promise<void> | null = null;
    const query: Db['query'] = async (statement, values) => {
      const rows = await db.query<never>(statement, values);
      if (second === null) {
        await flood();
        second = sorting.wake();
      }
      return rows;
    };
    const sorting = openSorting(
      { ...db, query },
      () => {},
      () => false,
    );
    await sorting.wake();
    await second;
    expect(await sortGroups(db, 9)).toMatchObject({ groups: 0 });
  });

  it('comes into the queues group by group, the first one first', async () => {
    const { add } = openChannel(heldDb().db);
    const flood = () => Promise.all(numbers.map((number) => add([lane(number)])));
    const [first] = [await flood(), await flood()];
    expect(await sortGroups(db, 1)).toMatchObject({ groups: 1 });
    expect(await sortGroups(db, 9, first.at(-1)?.id)).toMatchObject({ groups: 0 });
    expect(await sortGroups(db, 9)).toMatchObject({ groups: 1 });
  });

  it('waits where people see it, the oldest and the newest, page by page', async () => {
    const held = heldDb();
    const { channel, add, desk, figures } = openChannel(held.db);
    const kept = await Promise.all(numbers.map((number) => add([lane(number)], { receivedAt: new Date(Date.now() + number) })));
    const ids = kept.map(({ id }) => id).reverse();
    const seen: string[] = [];
    for (let before: string | undefined; seen.length < FLOOD; before = seen.at(-1)) {
      const page = await desk.messages({ channel, state: 'waiting', limit: 10, ...(before && { before }) });
      expect(page.length).toBeGreaterThan(0);
      seen.push(...page.map(({ id }) => id));
    }
    expect(seen).toEqual(ids);
    expect(await desk.messages({ state: 'waiting', limit: 1 })).toMatchObject([{ id: ids[0] }]);
    expect(await figures()).toMatchObject({ waiting: FLOOD, oldestWaiting: kept[0]?.incoming.receivedAt });
  });

  it('is not overtaken by what comes behind it, to this engine or another', async () => {
    const held = heldDb();
    const { channel, add, work } = openChannel(held.db);
    const other = openChannel(held.db);
    const kept = await Promise.all(numbers.map((number) => add([lane(number)])));
    const behind = [await add(['p0']), await other.add(['p1'], { channel }), await other.add(['p2', 'p3'], { channel })];
    expect(await shardsOf(channel)).toBe(0);
    held.letGo();
    const delivered = await deliverAll(work);
    expect(inOrder(delivered)).toEqual([...kept, ...behind].map(({ id }) => id));
    for (const [of, last] of behind.entries()) {
      const before = kept.filter((_, number) => number % 3 === of).map(({ id }) => delivered.indexOf(id));
      expect(delivered.indexOf(last.id)).toBeGreaterThan(Math.max(...before));
    }
  });

  it('may hold what is known already, refused, or of several patients', async () => {
    const { add, work, figures } = openChannel(db);
    const known = { controlId: 'known', raw: Buffer.from('MSH|known'), ...week };
    const first = await add(['p0'], known);
    const kept = await Promise.all([
      ...numbers.map((number) => add([lane(number)])),
      add(['p0'], known),
      add([], { refused: { code: 'listen-type', text: 'no' } }),
      add(['p0', 'p1'], {}),
      add(['p0'], {}),
      add(['p1'], {}),
    ]);
    expect(kept[FLOOD]).toMatchObject({ id: first.id, duplicate: true });
    const [merge, ...behind] = kept.slice(FLOOD + 2).map(({ id }) => id) as [string, ...string[]];
    const delivered = await deliverAll(work);
    expect(await figures()).toMatchObject({ received: FLOOD + 4, delivered: FLOOD + 4, refused: 1, duplicates: 1, waiting: 0 });
    const earlier = kept.filter((_, number) => number < FLOOD && number % 3 < 2).map(({ id }) => delivered.indexOf(id));
    expect(delivered.indexOf(merge)).toBeGreaterThan(Math.max(...earlier));
    for (const id of behind) expect(delivered.indexOf(id)).toBeGreaterThan(delivered.indexOf(merge));
  });

  it('has messages that a person may park, and replay in their place', async () => {
    const { add, answered, desk, figures } = openChannel(db);
    const kept = await Promise.all(numbers.map(() => add(['p'])));
    const parked = kept[3]?.id ?? '';
    expect(await desk.park(parked)).toBe(true);
    await answered();
    expect(await figures()).toMatchObject({ delivered: FLOOD - 1, parked: 1, waiting: 0 });
    expect(await desk.replay(parked)).toBe(true);
    await answered();
    expect(await figures()).toMatchObject({ delivered: FLOOD, parked: 0, waiting: 0 });
  });

  it('is not overtaken by one of it that was parked as it came, and is replayed', async () => {
    const { channel, add, desk, work } = openChannel(db);
    await add(['q'], { controlId: 'X', raw: Buffer.from('MSH|one'), ...week });
    await work();
    const conflict = { does: 'park', hold: false, text: 'another of this control id' } as const;
    const another = { controlId: 'X', raw: Buffer.from('MSH|other'), more: { conflict }, ...week };
    const kept = await Promise.all([...numbers.map(() => add(['p'])), add(['p'], another)]);
    const last = kept.at(-1)?.id ?? '';
    expect(await desk.messages({ channel, state: 'parked', limit: 9 })).toMatchObject([{ id: last }]);
    expect(await desk.replay(last)).toBe(true);
    const delivered = await deliverAll(work);
    expect(delivered).toEqual(kept.map(({ id }) => id));
  });
});
