/** A Weir process of a test's own: the real command, on free ports, with its own data folder. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from 'fhir/r4';
import { cleanEnvironment, freePort, type RunningChild, repositoryRoot, startChild } from './temp.ts';

export interface WeirOptions {
  /** Folder of channel files; they read their ports from the variables named in `ports`. */
  readonly channels: string;
  /** Names of environment variables that get a free port each. */
  readonly ports: readonly string[];
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Weir {
  readonly http: string;
  /** Port by variable name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Starts it (again) on the same ports and waits until it is ready. Rejects with what it printed when it ends instead. */
  start(): Promise<void>;
  /** kill -9 of the engine process; resolves when it is gone. */
  kill(): Promise<void>;
  /** As Ctrl-C does; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Sends a signal to the engine, which goes on. */
  signal(name: NodeJS.Signals): void;
  /** What the running or last process printed, both streams. */
  output(): string;
  /** The resources that its built-in FHIR store finds: `Patient?identifier=…`. */
  search<T extends Resource>(query: string): Promise<T[]>;
}

/** Chooses the ports; `start` starts the process. */
export async function prepareWeir(options: WeirOptions): Promise<Weir> {
  const ports: Record<string, number> = {};
  for (const name of options.ports) ports[name] = await freePort();
  const httpPort = await freePort();
  const http = `http://127.0.0.1:${httpPort}`;
  let child: RunningChild | null = null;
  const env = cleanEnvironment({
    WEIR_DATA: options.dataDir,
    WEIR_CHANNELS: options.channels,
    WEIR_HTTP: `127.0.0.1:${httpPort}`,
    WEIR_LOG: 'warn',
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    ...options.env,
  });
  return {
    http,
    ports,
    async start() {
      const started = startChild(process.execPath, [join(repositoryRoot, 'bin', 'weir.js'), 'run'], { cwd: repositoryRoot, env });
      child = started;
      let over = false;
      started.ended.then(
        () => (over = true),
        () => (over = true),
      );
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(25)) {
        if (over) throw new Error(`weir ended:\n${started.output()}`);
        if (await ready(http)) return;
      }
      throw new Error(`weir was not ready in a minute:\n${started.output()}`);
    },
    async kill() {
      await child?.stop('SIGKILL');
    },
    async stop() {
      await child?.stop('SIGINT');
      return child ? (await child.ended).code : null;
    },
    signal(name) {
      child?.process.kill(name);
    },
    output: () => child?.output() ?? '',
    async search<T extends Resource>(query: string) {
      const bundle = (await (await fetch(`${http}/fhir/${query}`)).json()) as { entry?: { resource: T }[] };
      return (bundle.entry ?? []).map(({ resource }) => resource);
    },
  };
}

async function ready(http: string): Promise<boolean> {
  return fetch(`${http}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}
