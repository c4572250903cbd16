/** How the engine's process keeps its memory small: what V8 would let grow is garbage, and comes off the memory of everything else. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Lets the heap grow to 1.75 times of what lives in it, and not to nearly four times, before all of it is collected (docs/adr/0015). */
export function growSlowly(): void {
  // As a flag of the command a Node that does not know it would refuse to start; here V8 passes over it.
  setFlagsFromString('--heap-growing-percent=75');
}

/** Collects what a start leaves behind (a read configuration some 80 MB) and gives the memory back. Takes some 50 ms. */
export function giveBack(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void;
  collect({ type: 'major', flavor: 'last-resort' });
}
