/** Mapping on one thread: message to bundle with its trace, by all mappings of the repository, in a process of its own. */
import { giveBack } from '../src/cli/heap.ts';
import { openTranslation } from '../src/engine/translate.ts';
import { Message } from '../src/hl7/message.ts';
import { compile, type Mapper } from '../src/map/compile.ts';
import type { Mappings } from '../src/map/mapping.ts';
import type { MapResult, MapSettings } from '../src/map/types.ts';
import { startChild } from './child.ts';
import { benchConfig } from './configuration.ts';
import type { Context } from './context.ts';
import { adt, oru } from './messages.ts';
import { median, type Row } from './table.ts';

export async function map({ quick, progress, started }: Context): Promise<Row[]> {
  progress('map: compiling, mapping, and the whole of what a worker does with a message');
  const child = await startChild(import.meta.url, [quick ? '100' : '1500'], started);
  await child.stop();
  return child.first as Row[];
}

async function measure(milliseconds: number): Promise<Row[]> {
  const config = await benchConfig('flow', { FEED_PORT: '0', SINK_URL: 'http://127.0.0.1:9/fhir' });
  const [channel] = config.channels;
  if (!channel) throw new Error('bench/channels/flow holds no channel');
  const compiling = Array.from({ length: 7 }, () => timed(() => compileAll(config.mappings, channel.settings)));
  const memory = memoryOf(() => compileAll(config.mappings, channel.settings));
  const mapper = compile(config.mappings, channel.settings);
  const now = { receivedAt: new Date('2026-03-02T12:00:00Z') };
  const mapped = (mapping: string, compose: (number: number) => string, look: (result: MapResult) => number) => {
    const messages = Array.from({ length: 64 }, (_, number) => Message.fromText(compose(number)));
    return rate(messages, milliseconds, (message) => look(mapper.map(mapping, message, now)));
  };
  const trace = (result: MapResult) => result.trace.length;
  // The trace is recorded all the same; the engine writes it out for who asks.
  const bundle = (result: MapResult) => result.bundle.entry?.length ?? 0;
  const quiet = () => {};
  const translation = openTranslation(
    config,
    { troubled: quiet, acked: quiet, nonconforming: quiet, mapped: quiet, delivered: quiet, retried: quiet, replied: quiet },
    { debug: quiet, request: quiet, info: quiet, trouble: (where, error) => console.error(where, error) },
  );
  const whole = (compose: (number: number) => string) => {
    const raws = Array.from({ length: 64 }, (_, number) => Buffer.from(compose(number), 'utf8'));
    return rate(raws, milliseconds, (raw) => {
      const outcome = translation.map(channel.name, { raw, received: now.receivedAt, peer: '' });
      if (outcome.kind !== 'mapped') throw new Error(`not mapped but ${outcome.kind}: ${outcome.cause.text}`);
      return outcome.body?.length ?? 0;
    });
  };
  return [
    { what: 'map an ADT_A01 with trace', reached: mapped('ADT_A01', adt, trace), unit: '/s', budget: { atLeast: 5_000 } },
    { what: 'the same, the trace recorded and not written out', reached: mapped('ADT_A01', adt, bundle), unit: '/s' },
    {
      what: 'map an ORU with 8 OBX, with trace',
      reached: mapped('ORU_R01', oru, trace),
      unit: '/s',
      budget: { atLeast: 2_000 },
    },
    { what: 'the same, the trace recorded and not written out', reached: mapped('ORU_R01', oru, bundle), unit: '/s' },
    { what: 'ADT: parse, route, map, validate, JSON', reached: whole(adt), unit: '/s' },
    { what: 'ORU: parse, route, map, validate, JSON', reached: whole(oru), unit: '/s' },
    { what: 'compile all maps, the first time', reached: compiling[0] ?? 0, unit: 'ms', budget: { under: 300 } },
    { what: 'compile all maps, again', reached: median(compiling.slice(1)), unit: 'ms' },
    { what: 'memory of all maps, compiled', reached: memory, unit: 'MB' },
  ];
}

function compileAll(mappings: Mappings, settings: MapSettings): Mapper {
  const mapper = compile(mappings, settings);
  for (const name of mappings.messages.keys()) mapper.prepare(name);
  return mapper;
}

/** Megabytes that what is made takes for as long as it is held; what was loaded before, as the dictionary, is not counted. */
function memoryOf(make: () => Mapper): number {
  giveBack();
  const before = process.memoryUsage().heapUsed;
  const held = make();
  giveBack();
  const after = process.memoryUsage().heapUsed;
  held.prepare('ADT_A01');
  return (after - before) / 1e6;
}

/** Calls a second: the median of five laps, after three to warm up: the engine runs for years. What the work gives is looked at, so that none can be left out. */
function rate<T>(inputs: readonly T[], milliseconds: number, work: (input: T) => number): number {
  const laps: number[] = [];
  for (let lap = 0; lap < 8; lap++) {
    const begun = performance.now();
    let [count, made] = [0, 0];
    do {
      for (const input of inputs) made += work(input);
      count += inputs.length;
    } while (performance.now() - begun < milliseconds / 3);
    if (made === 0) throw new Error('nothing was made');
    if (lap > 2) laps.push((count / (performance.now() - begun)) * 1_000);
  }
  return median(laps);
}

function timed(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

if (import.meta.main) process.send?.(await measure(Number(process.argv[2])));
