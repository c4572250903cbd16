import { Random } from './random.ts';
import { targets } from './targets.ts';

export interface Failure {
  readonly input: number;
  readonly target: string;
  readonly error: unknown;
}

/** Longer than this, three times in a row, and an input is a hang in the making. Inputs take some 50 microseconds. */
const tooSlow = 1000;

/** The target of an input: the number decides, so that it is the same when one input is run again. */
export function targetOf(input: number, only: string | null): string {
  const names = Object.keys(targets);
  // Every fifth input goes round the smaller targets; messages, frames and edits are where the trouble is.
  return only ?? (input % 5 === 0 ? (names[Math.floor(input / 5) % names.length] as string) : (names[input % 3] as string));
}

/** Runs one input; null where all that must hold does. */
export function runInput(seed: number, input: number, only: string | null): Failure | null {
  const name = targetOf(input, only);
  const target = targets[name];
  if (target === undefined) throw new RangeError(`there is no target ${name}; there are ${Object.keys(targets).join(', ')}`);
  try {
    const started = performance.now();
    target(new Random(seed, input));
    // A busy machine makes anything slow once.
    if (performance.now() - started > tooSlow) again(() => target(new Random(seed, input)));
    return null;
  } catch (error) {
    return { input, target: name, error };
  }
}

function again(run: () => void): void {
  const times = [0, 1, 2].map(() => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  const best = Math.min(...times);
  if (best > tooSlow) throw new Error(`it takes ${Math.round(best)} ms`);
}
