import { describe, expect, test } from 'vitest';
import type { Sql } from './db.ts';
import { inTurn } from './in-turn.ts';

/** A store whose statements are answered by hand. */
function byHand() {
  const asked: { name: string; answer: (rows: object[]) => void; fail: (error: Error) => void }[] = [];
  const db: Sql = {
    query: ({ name }) =>
      new Promise((resolve, reject) => {
        asked.push({ name, answer: (rows) => resolve(rows as never[]), fail: reject });
      }),
    script: async () => {},
  };
  return { db: inTurn(db), asked };
}
const named = (name: string) => ({ name, text: 'select 1' });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('statements that go in turn', () => {
  test('begin when the one before them is answered, and get their own rows', async () => {
    const { db, asked } = byHand();
    const first = db.query(named('first'));
    const second = db.query(named('second'));
    await turn();
    expect(asked.map(({ name }) => name)).toEqual(['first']);
    asked[0]?.answer([{ at: 1 }]);
    expect(await first).toEqual([{ at: 1 }]);
    await turn();
    expect(asked.map(({ name }) => name)).toEqual(['first', 'second']);
    asked[1]?.answer([{ at: 2 }]);
    expect(await second).toEqual([{ at: 2 }]);
  });

  test('go on behind one that fails, which tells only who asked for it', async () => {
    const { db, asked } = byHand();
    const first = db.query(named('first'));
    const second = db.query(named('second'));
    await turn();
    asked[0]?.fail(new Error('the connection broke'));
    await expect(first).rejects.toThrow('the connection broke');
    await turn();
    asked[1]?.answer([]);
    expect(await second).toEqual([]);
  });
});
