/** PostgreSQL for tests: embedded, in a temporary folder, on a free port. Never a server that was running before. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { startEmbedded } from '../../src/store/embedded.ts';
import { tempFolder } from './temp.ts';

export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
  /** kill -9 of the server process. The embedded database is started again by itself, on the same URL. */
  kill(): void;
}

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** A server of the caller's own, for tests that break it. As durable as in production unless `fsync` is false. */
export async function startPostgres(options: { fsync?: boolean } = {}): Promise<TestPostgres> {
  const folder = await tempFolder('postgres');
  const settings = { max_connections: '200', ...(options.fsync === false ? { fsync: 'off' } : {}) };
  const server = await startEmbedded({ dataDir: folder.path, log: () => undefined, settings });
  return {
    url: server.url,
    kill: () => process.kill(server.pid, 'SIGKILL'),
    stop: async () => {
      await server.stop();
      await rm(server.home, { recursive: true, force: true });
      await folder.remove();
    },
  };
}

/** The URL of a new, empty database on the server that all test files share. */
export async function freshDatabase(): Promise<string> {
  const shared = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client(shared);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  } finally {
    await client.end();
  }
  const url = new URL(shared);
  url.pathname = `/${name}`;
  return url.href;
}
