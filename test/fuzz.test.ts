/** A slice of `npm run fuzz`: seeded, so that it is the same inputs each time. */
import { expect, test } from 'vitest';
import { runInput } from './fuzz/run.ts';
import { targets } from './fuzz/targets.ts';

test('30,000 inputs break nothing', { timeout: 120_000 }, () => {
  for (let input = 0; input < 30_000; input += 1) {
    const failure = runInput(1, input, null);
    if (failure)
      throw new Error(`input ${failure.input}: npm run fuzz -- --seed 1 --input ${failure.input}`, { cause: failure.error });
  }
});

test('every target is reached', () => {
  for (const name of Object.keys(targets)) expect(runInput(2, 1, name)).toBeNull();
});
