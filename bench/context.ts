/** What every part of the bench is given, and what ends all that it started. */
import { cpus, loadavg } from 'node:os';

export interface Context {
  /** Short runs: to see that it works, not to measure. */
  readonly quick: boolean;
  /** Folder for CPU profiles of the engine; null: none. */
  readonly profile: string | null;
  readonly started: Started;
  /** Tells the person who waits, on standard error. */
  progress(text: string): void;
}

/** What was started and must be stopped, in the reverse order, whatever happens. */
export class Started {
  readonly #closes: (() => Promise<unknown>)[] = [];

  /** Remembers how to close something; gives a function that closes it once and forgets it. */
  add(close: () => Promise<unknown>): () => Promise<void> {
    this.#closes.push(close);
    return async () => {
      const at = this.#closes.indexOf(close);
      if (at < 0) return;
      this.#closes.splice(at, 1);
      await close();
    };
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closes.pop(); close !== undefined; close = this.#closes.pop()) await close().catch(() => {});
  }
}

/** The machine, for the table's foot: a figure means little without it. */
export function machine(): string {
  const [first, ...others] = cpus();
  return `${others.length + 1} x ${first?.model.trim() || 'CPU'}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)} at the start`;
}
