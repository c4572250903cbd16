import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/support/postgres.ts';
import { noRedis, startRedis, type TestRedis } from '../../test/support/redis.ts';
import { type Bells, openBells } from './bells.ts';

const redis: TestRedis | null = await startRedis();
afterAll(() => redis?.stop());

describe.each([
  ['PostgreSQL', false],
  ['Redis', true],
])('the doorbell on %s', (name, onRedis) => {
  let postgres = '';
  let open: Bells[] = [];
  beforeAll(async () => {
    postgres = await freshDatabase();
  });
  afterEach(async () => {
    await Promise.all(open.map((bells) => bells.close()));
    open = [];
  });

  function hang(): Bells {
    const bells = openBells('map', { redis: onRedis ? (redis?.url ?? '') : null, postgres, trouble: () => {} });
    open.push(bells);
    return bells;
  }
  const test = onRedis && redis === null ? it.skip : it;
  const titled = (title: string) => (onRedis && redis === null ? `${title} (skipped: ${noRedis})` : title);

  test(titled('answers every shard that is rung, whoever rings'), async () => {
    const [ringer, answerer] = [hang(), hang()];
    const drained = new Set<string>();
    answerer.answer(async (shard) => void drained.add(shard), 4);
    await answerer.ready();
    const shards = Array.from({ length: 40 }, (_, index) => `map/${name}#${index}`);
    ringer.ring(shards);
    await until(() => drained.size === 40);
    expect([...drained].sort()).toEqual([...shards].sort());
  });

  test(
    titled('runs a drain again when its shard was rung meanwhile, here or from elsewhere, and never twice at once'),
    async () => {
      const [other, bells] = [hang(), hang()];
      let [runs, at] = [0, 0];
      let together = 0;
      bells.answer(async () => {
        runs++;
        together = Math.max(together, ++at);
        await sleep(100);
        at--;
      }, 4);
      await bells.ready();
      bells.ring(['map/x#1']);
      await until(() => runs === 1);
      bells.ring(['map/x#1']);
      await until(() => runs === 2);
      other.ring(['map/x#1']);
      await until(() => runs === 3);
      await sleep(200);
      expect(together).toBe(1);
    },
  );

  test(titled('a drain that fails takes nothing along, and its shard can be rung again'), async () => {
    const bells = hang();
    let runs = 0;
    bells.answer(async () => {
      runs++;
      if (runs === 1) throw new Error('the store is away');
    }, 1);
    await bells.ready();
    bells.ring(['map/x#2']);
    await until(() => runs === 1);
    bells.ring(['map/x#2']);
    await until(() => runs === 2);
  });

  test(titled('rings at a time, and an early ring is not lost for a later one'), async () => {
    const bells = hang();
    const times: number[] = [];
    bells.answer(async () => void times.push(Date.now()), 1);
    await bells.ready();
    const due = Date.now() + 1_500;
    bells.ringAt('map/x#3', new Date(due));
    bells.ring(['map/x#3']);
    await until(() => times.length === 2);
    expect(times[0]).toBeLessThan(due);
    expect(times[1]).toBeGreaterThanOrEqual(due - 50);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 12_000; !condition(); ) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await sleep(10);
  }
}
