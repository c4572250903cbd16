/** Runs inputs in a thread of its own, so that one that hangs can be told and named. */
import { parentPort, workerData } from 'node:worker_threads';
import { runInput } from './run.ts';

export interface Work {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly only: string | null;
  /** The input that runs: two halves of its number. */
  readonly progress: SharedArrayBuffer;
}

const { seed, from, to, only, progress } = workerData as Work;
const now = new Float64Array(progress);
let failures = 0;
for (let input = from; input < to && failures < 20; input += 1) {
  now[0] = input;
  const failure = runInput(seed, input, only);
  if (failure === null) continue;
  failures += 1;
  const { target, error } = failure;
  parentPort?.postMessage({ input, target, text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
now[0] = to;
