/** Folders, ports and child processes for tests: each its own, each gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

/** An empty folder; `await using` removes it at the end of the block. */
export async function tempFolder(name = 'test'): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), `weir-${name}-`));
  await chmod(path, 0o711); // for the user that runs PostgreSQL when the tests are run by root
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return { path, remove, [Symbol.asyncDispose]: remove };
}

/**
 * A port that nobody listens on. Below those that systems give out by themselves (from 32,768 on Linux), as one of these may be another test's connection
 * a moment later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** This process's environment without anything that would point a Weir at servers or data of this machine. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(WEIR_|DATABASE_URL$|REDIS_URL$|PG[A-Z]|VITEST|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...more };
}

export interface RunningChild {
  readonly process: ChildProcess;
  /** What it wrote so far, standard output and standard error together. */
  output(): string;
  /** Resolves with the first match in its output; rejects with the output when it ends, or `limit` milliseconds pass, without one. */
  saw(pattern: RegExp, limit?: number): Promise<RegExpExecArray>;
  /** Resolves with exit code and signal when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program; `stop` it, or it is killed with the test process. */
export function startChild(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): RunningChild {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment(), ...options });
  let text = '';
  const look = new Set<() => void>();
  const take = (chunk: Buffer) => {
    text += chunk.toString('utf8');
    for (const one of look) one();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const killWithTest = () => child.kill('SIGKILL');
  process.once('exit', killWithTest);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', killWithTest);
      resolve({ code, signal });
      for (const one of look) one();
    });
  });
  ended.catch(() => undefined); // who waits for it hears of it; nobody has to
  return {
    process: child,
    output: () => text,
    ended,
    saw: (pattern, limit = 30_000) =>
      new Promise((resolve, reject) => {
        const done = (act: () => void) => {
          look.delete(check);
          clearTimeout(timer);
          act();
        };
        const check = () => {
          const match = pattern.exec(text);
          if (match !== null) done(() => resolve(match));
          else if (child.exitCode !== null || child.signalCode !== null)
            done(() => reject(new Error(`ended without ${pattern}:\n${text}`)));
        };
        const timer = setTimeout(() => done(() => reject(new Error(`no ${pattern} in ${limit} ms:\n${text}`))), limit);
        look.add(check);
        check();
      }),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}
