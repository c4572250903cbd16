/** A process of the bench's own that answers questions, one at a time. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Started } from './context.ts';

export interface Child {
  /** What it said when it was ready. */
  readonly first: unknown;
  /** Rejects when it ends instead of answering. */
  ask<T>(question: object): Promise<T>;
  stop(): Promise<void>;
}

/** What `bin/weir.js` runs the engine's process with. */
export const engineFlags: readonly string[] = ['--max-semi-space-size=8'];

/** Runs a module of this folder as a process of its own, with `flags` for Node, and waits until it says that it is ready. */
export async function startChild(
  url: string,
  args: readonly string[],
  started: Started,
  flags: readonly string[] = [],
): Promise<Child> {
  const child = fork(fileURLToPath(url), args, { serialization: 'advanced', execArgv: [...flags] });
  const over = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${url} ended (code ${code})`)));
  over.catch(() => {});
  const answer = async () => ((await Promise.race([once(child, 'message'), over])) as [unknown])[0];
  const stop = started.add(async () => {
    child.kill();
    await over.catch(() => {});
  });
  return {
    first: await answer(),
    async ask<T>(question: object) {
      child.send(question);
      return (await answer()) as T;
    },
    stop,
  };
}

/** For such a process: it ends with the bench, however that ends. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit());
}
