/** A PostgreSQL of the bench's own, as durable as the engine's, and the reference: messages in, raw, in groups, and nothing else. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { unsorted } from '../src/inbox/sorting.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import type { Context } from './context.ts';
import { openFolder } from './engine.ts';

export interface BenchPostgres {
  readonly url: string;
  /** The URL of a new, empty database on it. */
  database(name: string): Promise<string>;
  /** Puts on disk what was written so far, so that what is measured next does not pay for it. */
  checkpoint(): Promise<void>;
  /** Waits, for the same reason, until an intake has sorted into the queues of a database what it took in a flood. */
  sorted(url: string): Promise<void>;
}

export async function startPostgres({ started }: Context): Promise<BenchPostgres> {
  const folder = await openFolder('bench-postgres');
  const server = await startEmbedded({ dataDir: join(folder.path, 'data'), log: () => {} });
  started.add(async () => {
    await server.stop();
    await folder.remove();
  });
  const ask = async (url: string, text: string): Promise<unknown[]> => {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  };
  return {
    url: server.url,
    checkpoint: async () => void (await ask(server.url, 'checkpoint')),
    async sorted(url) {
      while ((await ask(url, `${unsorted} limit 1`)).length > 0) await sleep(50);
    },
    async database(name) {
      await ask(server.url, `create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}

/** Puts a message on disk; resolves when it is there. */
export type Add = (raw: Buffer) => Promise<unknown>;

/** As one would write it. The bytes end to end in one parameter, as the engine sends them, would be half as fast again. */
const insert = { name: 'reference-insert', text: 'insert into reference (raw) select * from unnest($1::bytea[])' };

/** Opens the reference on a database, until the process ends. What arrives while a group is being committed is the next group; no vacuum comes behind it, at its cost or that of the next lap. */
export async function openGroupInsert(url: string): Promise<Add> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    'create table reference (id bigint generated always as identity primary key, raw bytea not null) with (autovacuum_enabled = off)',
  );
  const waiting: { raw: Buffer; done: () => void }[] = [];
  let running = false;

  async function run(): Promise<void> {
    for (; waiting.length > 0; ) {
      const group = waiting.splice(0, 256);
      await client.query({ ...insert, values: [group.map(({ raw }) => raw)] });
      for (const { done } of group) done();
    }
    running = false;
  }
  return (raw) =>
    new Promise<void>((done) => {
      waiting.push({ raw, done });
      if (running) return;
      running = true;
      setImmediate(() => void run());
    });
}
