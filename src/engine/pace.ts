/** The pace of the stages. What is stored can wait; a sender that waits for its ACK cannot. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a drain waits for what comes within a moment, to work it together. Milliseconds. */
export const GATHER = 10;
/** The same of the map stage in a flood. */
const YIELD = 100;
/** In a flood the map stage also rests after a batch, so many times as long as that took: it has a twentieth of the time, which its drains share. */
const REST = 19;

/** Resolves when the next batch may be begun; `took` is how long the last one took, in milliseconds. */
export type GoOn = (took: number) => Promise<void>;

export interface Pace {
  /** Milliseconds to wait between two drains of a shard. */
  gather(): number;
  /** Runs a drain beside the others; it asks between its batches. */
  run(drain: (goOn: GoOn) => Promise<void>): Promise<void>;
}

/** `flooded`: messages come faster than they are stored. */
export function openPace(flooded: () => boolean): Pace {
  let running = 0;
  const goOn: GoOn = async (took) => {
    for (let left = took * REST * running; left > 0 && flooded(); left -= YIELD) await sleep(Math.min(left, YIELD));
  };
  return {
    gather: () => (flooded() ? YIELD : GATHER),
    async run(drain) {
      running++;
      await drain(goOn).finally(() => running--);
    },
  };
}
