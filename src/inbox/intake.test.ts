import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInbox, openChannel } from '../../test/support/inbox.ts';
import type { Db } from '../store/db.ts';
import type { Incoming } from './incoming.ts';
import { dayOf } from './partitions.ts';

let db: Db;
beforeAll(async () => {
  db = await freshInbox();
}, 60_000);
afterAll(() => db.close());

const DAY = 86_400_000;
const week = { duplicatesWithin: 7 * DAY };

describe('promise 4: a group that is committed together', () => {
  it('says of each message whether it is new, the same again, or another of that control id, whatever comes beside it', async () => {
    const message = fc.record({
      controlId: fc.constantFrom('1', '2', '3', ''),
      content: fc.constantFrom('a', 'b', 'c'),
      refused: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      lanes: fc.constantFrom(['p'], ['q'], ['p', 'q']),
      together: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 40 }), async (messages) => {
        const { add, figures } = openChannel(db);
        const running: Promise<{ duplicate: boolean }>[] = [];
        for (const { controlId, content, refused, lanes, together } of messages) {
          const change = { controlId, raw: Buffer.from(`MSH|${content}`), ack: Buffer.from(content), ...week };
          running.push(
            refused
              ? add([], { ...change, refused: { code: 'listen-type', text: 'no' } })
              : add(together ? lanes : ['p'], change),
          );
          if (!together) await running.at(-1);
        }
        const told = (await Promise.all(running)).map(({ duplicate }) => duplicate);
        const expected = { received: 0, refused: 0, duplicates: 0, conflicts: 0 };
        const taken: { controlId: string; content: string }[] = [];
        const duplicates = messages.map(({ controlId, content, refused }) => {
          if (refused) {
            expected.refused += 1;
            return false;
          }
          const alike = taken.filter((one) => one.controlId === controlId && (controlId !== '' || one.content === content));
          if (alike.some((one) => one.content === content)) {
            expected.duplicates += 1;
            return true;
          }
          taken.push({ controlId, content });
          expected.received += 1;
          expected.conflicts += alike.length > 0 ? 1 : 0;
          return false;
        });
        expect(told).toEqual(duplicates);
        if (messages.length > 0) expect(await figures()).toMatchObject(expected);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('may hold messages of two days, which lie in the partitions of their days', async () => {
    const { add, desk, channel } = openChannel(db);
    const midnight = Math.floor(Date.now() / DAY) * DAY;
    const times = [-1, 0, 1].map((milliseconds) => new Date(midnight + milliseconds));
    const kept = await Promise.all(times.map((receivedAt) => add(['p'], { receivedAt })));
    expect(kept.map(({ day }) => day)).toEqual(times.map(dayOf));
    const lines = await desk.messages({ channel, limit: 10 });
    expect(lines.map(({ received }) => received.getTime()).reverse()).toEqual(times.map((time) => time.getTime()));
  });

  it('finds what came yesterday, and not what came before the window', async () => {
    const { add } = openChannel(db);
    const message = (receivedAt: Date, within: number): Partial<Incoming> => ({
      controlId: 'M1',
      raw: Buffer.from('MSH|night'),
      receivedAt,
      duplicatesWithin: within,
    });
    const now = Date.now();
    const yesterday = new Date(Math.floor(now / DAY) * DAY - 3_600_000);
    await add(['p'], message(yesterday, DAY));
    expect((await add(['p'], message(new Date(now), now - yesterday.getTime() - 1))).duplicate).toBe(false);
    expect((await add(['p'], message(new Date(now), 2 * DAY))).duplicate).toBe(true);
  });

  it('leaves for the database before the senders of the group before it are answered', async () => {
    const seen: string[] = [];
    let second: Promise<unknown> = Promise.resolve();
    // As the pool hands it over: in the next turn.
    const query: Db['query'] = async (statement, values) => {
      await new Promise<void>((handed) => process.nextTick(handed));
      if (seen.push('group') === 1) second = add(['q'], { controlId: '2', ...week });
      return db.query(statement, values);
    };
    const { add } = openChannel({ ...db, query });
    await add(['p'], { controlId: '1', ...week }).then(() => seen.push('answer'));
    await second;
    expect(seen).toEqual(['group', 'group', 'answer']);
  });
});
