/**
 * The doorbell, on BullMQ. A job names a shard that has work, and no more: a job that is lost, repeated or stalled changes nothing, because the
 * rows in PostgreSQL hold what is to be done. Rings are gathered for a moment and deduplicated by shard.
 */
import { createPostgresBackend, type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** Where the bells hang: `redis://…`, or PostgreSQL by its `postgres://…`. */
export interface BellsOptions {
  readonly redis: string | null;
  readonly postgres: string;
  /** Told of what went wrong, without content; the bell is rung again. */
  readonly trouble: (error: Error) => void;
}

/** Does the work of a shard. */
export type Drain = (shard: string, rungAgain: (patience: number) => Promise<boolean>) => Promise<void>;

/** A stage's bells. A shard is named by a text. */
export interface Bells {
  /** Rings soon. A shard that is being drained in this process is only told so. */
  ring(shards: Iterable<string>): void;
  /** Rings at a time. */
  ringAt(shard: string, due: Date): void;
  /**
   * Answers the bells: `drain` is never run twice at once for one shard here. It asks `rungAgain` before it ends, and goes on when that says so:
   * then its shard was rung meanwhile, or within so many milliseconds. Without asking it may miss a ring, until the next.
   */
  answer(drain: Drain, concurrency: number): void;
  /** Resolves when the backend answers. */
  ready(): Promise<void>;
  /** Whether the backend answers now. */
  alive(): Promise<boolean>;
  /** Stops answering when running drains are done, then lets go of the backend. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Rings are gathered for this long: one call then carries them all. Milliseconds. */
const GATHER = 2;
const RETRY = 500;

type Processor = (job: Job<{ shard: string }>) => Promise<void>;
/** What the two backends have in common of BullMQ's classes, whose types tell them apart. */
type Ringer = Pick<Queue, 'add' | 'addBulk' | 'close' | 'on'> & { waitUntilReady(): Promise<unknown> };
type Answerer = Pick<Worker, 'close' | 'on'> & { waitUntilReady(): Promise<unknown> };

interface Backend {
  alive(): Promise<boolean>;
  queue(): Ringer;
  worker(processor: Processor, concurrency: number): Answerer;
  close(): Promise<void>;
}

/** Opens a stage's bells. */
export function openBells(stage: 'map' | 'deliver', options: BellsOptions): Bells {
  const backend = options.redis === null ? onPostgres(stage, options.postgres) : onRedis(stage, options.redis);
  const queue = backend.queue();
  queue.on('error', options.trouble);
  const pending = new Set<string>();
  /** Shards being drained here -> whether they were rung since. */
  const active = new Map<string, boolean>();
  /** Drains that wait for their next ring. */
  const waiting = new Map<string, () => void>();
  const tell = (shard: string): void => {
    active.set(shard, true);
    waiting.get(shard)?.();
  };
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;
  let worker: Answerer | null = null;
  let closed = false;
  let closing: Promise<void> | null = null;

  /** Waits a moment for the next ring of a shard that is being drained; true when there was one since the last time that this was asked. */
  async function rungAgain(shard: string, patience: number): Promise<boolean> {
    if (!active.get(shard) && !closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        waiting.set(shard, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      waiting.delete(shard);
    }
    const rung = active.get(shard) === true;
    active.set(shard, false);
    return rung;
  }

  async function flush(): Promise<void> {
    const shards = [...pending].sort();
    pending.clear();
    try {
      await queue.addBulk(
        shards.map((shard) => ({
          name: 'bell',
          data: { shard },
          opts: { deduplication: { id: shard, keepLastIfActive: true }, removeOnComplete: true, removeOnFail: true },
        })),
      );
    } catch (error) {
      // BullMQ on PostgreSQL may deadlock with completing jobs, and either backend may be away: ring again.
      options.trouble(asError(error));
      for (const shard of shards) pending.add(shard);
      if (!closed) schedule(RETRY);
    }
    flushing = null;
    if (pending.size > 0 && !closed) schedule(GATHER);
  }
  function schedule(delay: number): void {
    timer ??= setTimeout(() => {
      timer = null;
      flushing ??= flush();
    }, delay);
  }

  async function close(): Promise<void> {
    closed = true;
    for (const wake of waiting.values()) wake();
    if (timer) clearTimeout(timer);
    await flushing;
    await worker?.close();
    await queue.close();
    await backend.close();
  }

  return {
    ring(shards) {
      for (const shard of shards) {
        if (active.has(shard)) tell(shard);
        else pending.add(shard);
      }
      if (pending.size > 0 && !closed) schedule(GATHER);
    },
    ringAt(shard, due) {
      const delay = Math.max(due.getTime() - Date.now(), 0);
      // Due times within a second share a bell.
      const id = `${shard}~${Math.ceil(due.getTime() / 1_000)}`;
      queue
        .add('bell', { shard }, { delay, deduplication: { id, ttl: delay + 1_000 }, removeOnComplete: true, removeOnFail: true })
        .catch((error: unknown) => options.trouble(asError(error)));
    },
    answer(drain, concurrency) {
      worker = backend.worker(async ({ data: { shard } }) => {
        if (active.has(shard)) {
          tell(shard);
          return;
        }
        active.set(shard, false);
        try {
          await drain(shard, (patience) => rungAgain(shard, patience));
        } catch (error) {
          // The store is away or another engine is on it: the sweeper and the next bell come back to it.
          options.trouble(asError(error));
        } finally {
          const missed = active.get(shard) === true;
          active.delete(shard);
          if (missed) this.ring([shard]);
        }
      }, concurrency);
      worker.on('error', options.trouble);
    },
    async ready() {
      await queue.waitUntilReady();
      await worker?.waitUntilReady();
    },
    alive: () => backend.alive(),
    close: () => (closing ??= close()),
  };
}

/** A killed process's bells ring again after some six seconds, and no number of crashes makes a bell fail for good. */
const workerOptions = {
  lockDuration: 5_000,
  stalledInterval: 2_000,
  maxStalledCount: 1_000_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};

function onRedis(stage: string, url: string): Backend {
  // A worker's connection must wait for ever; a ring should fail soon and be rung again.
  const ringing = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: true });
  const waiting = new Redis(url, { maxRetriesPerRequest: null });
  for (const connection of [ringing, waiting]) connection.on('error', () => {});
  return {
    alive: () =>
      ringing.ping().then(
        () => true,
        () => false,
      ),
    queue: () => new Queue(`weir-${stage}`, { connection: ringing }),
    worker: (processor, concurrency) =>
      new Worker(`weir-${stage}`, processor, { ...workerOptions, connection: waiting, concurrency }),
    async close() {
      ringing.disconnect();
      waiting.disconnect();
    },
  };
}

function onPostgres(stage: string, url: string): Backend {
  const connection = { connectionString: url, schema: 'bullmq', migrate: true, max: 2, application_name: `weir-${stage}-bells` };
  return {
    // It is the message of record's own PostgreSQL, which is asked for itself.
    alive: async () => true,
    queue: () => new Queue(`weir-${stage}`, { connection }, createPostgresBackend) as unknown as Ringer,
    worker: (processor, concurrency) =>
      new Worker(
        `weir-${stage}`,
        processor,
        { ...workerOptions, connection, concurrency },
        createPostgresBackend,
      ) as unknown as Answerer,
    close: async () => {},
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
