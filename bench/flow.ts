/**
 * The whole way on this machine's cores: senders, engine, database and the server that takes the bundles. Admissions and results in turn, nine
 * in ten of a patient never seen before, full mapping, every bundle validated.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../test/support/redis.ts';
import type { Context } from './context.ts';
import { type Engine, prepareEngine } from './engine.ts';
import { framed, mixed } from './messages.ts';
import { openSenders, type Senders } from './senders.ts';
import { clock, type Sink, startSink } from './sink.ts';
import { percentile, type Row } from './table.ts';

const CONNECTIONS = 50;
/** What a tuned classic engine delivered on such a machine (FACTS), messages a second. */
const classic = { what: 'a classic engine, measured before', value: 262 };

export async function flow(context: Context): Promise<Row[]> {
  const rows = await way(context, { name: 'embedded', env: {}, atLeast: 1_500, backlog: true });
  const redis = await startRedis();
  if (!redis) {
    context.progress('flow: no redis-server on the path and no Docker, so nothing is measured with Redis');
    return rows;
  }
  context.started.add(() => redis.stop());
  return [...rows, ...(await way(context, { name: 'Redis', env: { REDIS_URL: redis.url }, atLeast: 2_500, backlog: false }))];
}

interface Way {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** The budget, messages a second. */
  readonly atLeast: number;
  /** Whether to measure the memory with a backlog too. */
  readonly backlog: boolean;
}

async function way(context: Context, { name, env, atLeast, backlog }: Way): Promise<Row[]> {
  const { quick, progress, started } = context;
  const sink = await startSink(context);
  const engine = await prepareEngine('flow', context, { ...env, SINK_URL: sink.url });
  await engine.start();
  const atStart = await engine.memory();
  const senders = await openSenders(engine.port, CONNECTIONS);
  const closeSenders = started.add(() => senders.close());
  const feed = new Feed();

  progress(`flow, ${name}: warming up`);
  await senders.flood(feed.next, { count: quick ? 200 : 3_000, seconds: 10 });
  await sink.received(feed.sent);
  progress(`flow, ${name}: full speed`);
  const full = await fullSpeed(feed, senders, sink, quick ? 800 : 15_000);
  await engine.settle();
  const afterRun = await engine.memory();
  progress(`flow, ${name}: 200/s`);
  const delays = await atPace(feed, senders, sink, quick ? 1 : 5);
  await engine.settle();

  const memory = (what: string, reached: number): Row => ({
    what: `memory of the engine, ${name}, ${what}`,
    reached,
    unit: 'MB',
    budget: { under: 300 },
  });
  const rows: Row[] = [
    { what: `end to end, ${name}`, reached: full.perSecond, unit: '/s', reference: classic, budget: { atLeast } },
    { what: 'the same, ACKs meanwhile', reached: full.acks, unit: '/s' },
    { what: 'the same, p50 of an ACK', reached: full.p50, unit: 'ms' },
    { what: 'the same, p99 of an ACK', reached: full.p99, unit: 'ms' },
    { what: `socket to server at 200/s, ${name}, p50`, reached: percentile(delays, 0.5), unit: 'ms' },
    { what: `socket to server at 200/s, ${name}, p99`, reached: percentile(delays, 0.99), unit: 'ms' },
    memory('after start', atStart),
    memory(`after ${feed.sent.toLocaleString('en-US')} messages`, afterRun),
  ];
  if (backlog) {
    progress(`flow, ${name}: the server is down, messages wait`);
    const count = quick ? 500 : 20_000;
    rows.push(memory(`${count.toLocaleString('en-US')} undelivered`, await withBacklog(engine, sink, senders, feed, count)));
  }
  await closeSenders();
  await engine.end();
  return rows;
}

/** Numbers the messages of a way, and notes when each was begun. */
class Feed {
  sent = 0;
  readonly begun = new Map<number, number>();
  readonly next = (): Uint8Array => {
    const number = this.sent++;
    this.begun.set(number, clock());
    return Buffer.from(framed(mixed(number)), 'latin1');
  };
}

/** From the first byte of the first message until the last bundle was taken, however long the engine needs behind the ACKs. */
async function fullSpeed(feed: Feed, senders: Senders, sink: Sink, count: number) {
  const first = feed.sent;
  const begun = clock();
  const { perSecond: acks, p50, p99 } = await senders.flood(feed.next, { count, seconds: 60 });
  await sink.received(feed.sent);
  const times = await sink.times();
  let last = begun;
  for (let number = first; number < feed.sent; number++) last = Math.max(last, times.get(number) ?? begun);
  return { perSecond: ((feed.sent - first) / (last - begun)) * 1_000, acks, p50, p99 };
}

/** Milliseconds from each message's first byte at the socket to its bundle at the server. */
async function atPace(feed: Feed, senders: Senders, sink: Sink, seconds: number): Promise<number[]> {
  const first = feed.sent;
  await senders.pace(feed.next, 200, seconds);
  await sink.received(feed.sent);
  const times = await sink.times();
  return [...feed.begun].flatMap(([number, begun]) => (number < first ? [] : [(times.get(number) ?? begun) - begun]));
}

/** Resident memory while so many messages wait for a server that is away. */
async function withBacklog(engine: Engine, sink: Sink, senders: Senders, feed: Feed, count: number): Promise<number> {
  await sink.stop();
  await senders.flood(feed.next, { count, seconds: 60 });
  await sleep(3_000);
  const { waiting } = await engine.figures();
  if (waiting < count) throw new Error(`${waiting} of ${count} messages wait`);
  return engine.memory();
}
