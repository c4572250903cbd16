/**
 * The fuzzer: `npm run fuzz -- [--inputs N] [--seed S] [--from N] [--only TARGET]`, and `--input N` to run one again. Every input follows from the
 * seed and its number. Exit 1 where an input breaks what must hold, hangs, or needs more memory than the cap.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { runInput } from './run.ts';
import { targets } from './targets.ts';
import type { Work } from './worker.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    input: { type: 'string' },
  },
});
const seed = Number(values.seed);
const only = values.only ?? null;
/** An input that runs longer hangs. */
const hang = 60_000;
/** MiB of heap: what is kept from one input to the next, or one input's share, must not come near. */
const heap = 256;

if (only !== null && !(only in targets)) {
  console.error(`There is no target ${only}; there are ${Object.keys(targets).join(', ')}`);
  process.exitCode = 2;
} else if (values.input === undefined) await runAll(Number(values.from), Number(values.from) + Number(values.inputs));
else {
  const failure = runInput(seed, Number(values.input), only);
  if (failure !== null) throw failure.error;
  console.log(`input ${values.input} of seed ${seed}: nothing to find`);
}

function again(input: number): string {
  return `npm run fuzz -- --seed ${seed}${only === null ? '' : ` --only ${only}`} --input ${input}`;
}

async function runAll(from: number, to: number): Promise<void> {
  const started = performance.now();
  const progress = new SharedArrayBuffer(8);
  const now = new Float64Array(progress);
  now[0] = from;
  let failures = 0;
  const fail = (input: number, what: string): void => {
    failures += 1;
    console.error(`input ${input}: ${what}\n  again: ${again(input)}`);
  };
  console.log(`${to - from} inputs, seed ${seed}${only === null ? '' : `, ${only} only`}`);
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { seed, from, to, only, progress } satisfies Work,
    resourceLimits: { maxOldGenerationSizeMb: heap },
  });
  const rate = (): string => `${Math.round(((now[0] ?? 0) - from) / ((performance.now() - started) / 1000))}/s`;
  let last = from;
  let since = performance.now();
  const watch = setInterval(() => {
    const input = now[0] ?? 0;
    if (input !== last) {
      last = input;
      since = performance.now();
    } else if (performance.now() - since > hang) {
      fail(input, `it has not ended after ${hang / 1000} s`);
      void worker.terminate();
    }
  }, 1000);
  const tell = setInterval(() => console.log(`${(now[0] ?? 0) - from} done, ${rate()}`), 30_000);
  worker.on('message', ({ input, target, text }) => fail(input, `${target}: ${text}`));
  worker.on('error', (error) => fail(now[0] ?? 0, `the thread ended: ${error instanceof Error ? error.message : String(error)}`));
  await new Promise((resolve) => worker.on('exit', resolve));
  clearInterval(watch);
  clearInterval(tell);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${(now[0] ?? 0) - from} done, ${rate()}, ${failures} found, at most ${peak} MiB resident`);
  if (failures > 0) process.exitCode = 1;
}
