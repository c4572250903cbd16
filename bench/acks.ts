/**
 * Durable ACKs: real sockets, the real engine, every message on disk before its ACK, each of another patient. The channel filters everything:
 * the map stage still takes each message up, but maps and delivers nothing. Beside it, in turn and on the same PostgreSQL, a bare group insert
 * of the same messages, from writers in their own process and from the same senders (docs/adr/0010).
 */
import { engineFlags, startChild } from './child.ts';
import type { Context } from './context.ts';
import { prepareEngine } from './engine.ts';
import { adt, framed, numbered } from './messages.ts';
import { startPostgres } from './postgres.ts';
import { type Lap, type NextFrame, openSenders } from './senders.ts';
import { median, type Row } from './table.ts';
import type { Flood } from './writers.ts';

export async function acks(context: Context): Promise<Row[]> {
  const { quick, progress, started } = context;
  const postgres = await startPostgres(context);
  const own = await postgres.database('own');
  const databases = [await postgres.database('reference'), own];
  const writing = await startChild(new URL('writers.ts', import.meta.url).href, databases, started);
  const engine = await prepareEngine('acks', context, { DATABASE_URL: await postgres.database('engine') });
  await engine.start();
  const behindSockets = await postgres.database('behind_sockets');
  const bareListener = (await startChild(new URL('bare.ts', import.meta.url).href, [behindSockets], started)).first as number;
  const intakeUrl = await postgres.database('intake');
  const receiving = await startChild(new URL('intake.ts', import.meta.url).href, [intakeUrl], started, engineFlags);
  const [intake, listener] = receiving.first as [number, number];
  let number = 0;
  const frames = Array.from({ length: 50 }, () => numbered((one) => framed(adt(one))));
  const next: NextFrame = (line) => (frames[line] as (typeof frames)[number])(++number);

  async function lap(port: number, connections: number, run: { seconds: number; perSecond?: number }): Promise<Lap> {
    const senders = await openSenders(port, connections);
    const close = started.add(() => senders.close());
    const { seconds, perSecond } = run;
    const done = perSecond === undefined ? senders.flood(next, { seconds }) : senders.pace(next, perSecond, seconds);
    const result = await done;
    await close();
    if (port === engine.port) await engine.settle();
    return result;
  }

  // An engine runs for months: what its first seconds are slower, as its code is compiled, is not what it reaches.
  progress('acks: warming up');
  for (const port of [engine.port, intake, bareListener]) await lap(port, 50, { seconds: quick ? 0.5 : 15 });
  await lap(listener, 50, { seconds: quick ? 0.5 : 2 });
  const [laps, alone, listening]: [Lap[], Lap[], Lap[]] = [[], [], []];
  const [bare, stores]: [number[], number[]] = [[], []];
  const seconds = quick ? 0.7 : 2.5;
  const write = (into: Flood['into']): Promise<number> => writing.ask({ into, writers: 50, seconds } satisfies Flood);
  for (let round = 0; round < (quick ? 1 : 9); round++) {
    await postgres.checkpoint();
    bare.push(await write('reference'));
    await postgres.checkpoint();
    laps.push(await lap(engine.port, 50, { seconds }));
    await postgres.checkpoint();
    stores.push(await write('own'));
    await postgres.sorted(own);
    await postgres.checkpoint();
    alone.push(await lap(intake, 50, { seconds }));
    await postgres.sorted(intakeUrl);
    await postgres.checkpoint();
    listening.push(await lap(bareListener, 50, { seconds }));
    const [inserted, answered] = [bare.at(-1) ?? 0, laps.at(-1)?.perSecond ?? 0];
    progress(`acks: round ${round + 1}, bare insert ${Math.round(inserted)}/s, engine ${Math.round(answered)}/s`);
  }
  progress('acks: 10 connections, 1 connection, 1,000/s');
  const ten = await lap(engine.port, 10, { seconds });
  const one = await lap(engine.port, 1, { seconds });
  const stored = [await lap(intake, 10, { seconds }), await lap(intake, 1, { seconds })];
  const unstored = [
    await lap(listener, 50, { seconds }),
    await lap(listener, 10, { seconds }),
    await lap(listener, 1, { seconds }),
  ];
  const paced = await lap(engine.port, 50, { seconds: quick ? 1.5 : 15, perSecond: 1_000 });

  const of = (laps: readonly Lap[], key: keyof Lap) => median(laps.map((one) => one[key]));
  const insert = { what: 'bare group insert', value: median(bare) };
  const behind = { what: 'bare group insert behind sockets', value: of(listening, 'perSecond') };
  return [
    {
      what: 'durable ACKs, 50 connections',
      reached: of(laps, 'perSecond'),
      unit: '/s',
      reference: insert,
      budget: { ratio: 0.6 },
    },
    { what: 'the same', reached: of(laps, 'perSecond'), unit: '/s', reference: behind },
    { what: 'the same, p50 of an ACK', reached: of(laps, 'p50'), unit: 'ms' },
    { what: 'the same, p99 of an ACK', reached: of(laps, 'p99'), unit: 'ms' },
    { what: 'the same, listener and store alone', reached: of(alone, 'perSecond'), unit: '/s', reference: insert },
    { what: 'the same, store alone, 50 writers in its process', reached: median(stores), unit: '/s', reference: insert },
    { what: 'bare group insert behind sockets', reached: behind.value, unit: '/s', reference: insert },
    { what: 'listener and store alone, 10 connections', reached: stored[0]?.perSecond ?? 0, unit: '/s' },
    { what: 'the same, 1 connection', reached: stored[1]?.perSecond ?? 0, unit: '/s' },
    { what: 'ACKs without a store, 50 connections', reached: unstored[0]?.perSecond ?? 0, unit: '/s' },
    { what: 'the same, 10 connections', reached: unstored[1]?.perSecond ?? 0, unit: '/s' },
    { what: 'the same, 1 connection', reached: unstored[2]?.perSecond ?? 0, unit: '/s' },
    { what: 'durable ACKs, 10 connections', reached: ten.perSecond, unit: '/s' },
    { what: 'the same, p99 of an ACK', reached: ten.p99, unit: 'ms' },
    { what: 'durable ACKs, 1 connection', reached: one.perSecond, unit: '/s' },
    { what: 'the same, p99 of an ACK', reached: one.p99, unit: 'ms' },
    { what: 'an ACK at 1,000/s, 50 connections, p50', reached: paced.p50, unit: 'ms' },
    { what: 'an ACK at 1,000/s, 50 connections, p99', reached: paced.p99, unit: 'ms', budget: { under: 25 } },
  ];
}
