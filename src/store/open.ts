/** The store of a process: the PostgreSQL of DATABASE_URL, or the embedded one. */
import type { Db } from './db.ts';
import { startEmbedded } from './embedded.ts';
import { openDb } from './pg.ts';

export interface StoreOptions {
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly log: (event: { text: string }) => void;
}

export interface Store {
  readonly db: Db;
  /** For BullMQ, which keeps connections of its own. Holds a password: never shown. */
  readonly url: string;
  /** Where it is, for a person. */
  readonly where: string;
  /** This process is the only one on it. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

const ANSWERS = { name: 'store-answers', text: 'select 1' };

/** Opens the store. Rejects with `store-unavailable` when PostgreSQL does not answer. */
export async function openStore({ databaseUrl, dataDir, log }: StoreOptions): Promise<Store> {
  const embedded = databaseUrl === null ? await startEmbedded({ dataDir, log }) : null;
  const url = databaseUrl ?? embedded?.url ?? '';
  const db = openDb(url);
  try {
    await db.query(ANSWERS);
  } catch (error) {
    await db.close();
    await embedded?.stop();
    throw error;
  }
  return {
    db,
    url,
    where: embedded ? `embedded PostgreSQL in ${embedded.home}` : 'PostgreSQL',
    embedded: embedded !== null,
    async close() {
      await db.close();
      await embedded?.stop();
    },
  };
}
