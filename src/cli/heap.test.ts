import { expect, test } from 'vitest';
import { giveBack } from './heap.ts';

test('what a start leaves behind is given back to the system', () => {
  let left: number[][] | null = Array.from({ length: 400 }, (_, number) => new Array<number>(20_000).fill(number + 0.5));
  const { heapTotal: full } = process.memoryUsage();
  expect(left.length).toBe(400);
  left = null;
  giveBack();
  // 400 x 20,000 numbers of eight bytes are 64 MB.
  expect(process.memoryUsage().heapTotal).toBeLessThan(full - 50e6);
});
