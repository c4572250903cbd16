/**
 * Sequence numbers (HL7 2.9, 2.10.1) where two engines share one store, and a sender uses now the one and now the other: what is expected is one number,
 * whichever engine is asked.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Dialled, dial } from '../support/dial.ts';
import { freshDatabase } from '../support/postgres.ts';
import { type PlayedReceiver, playReceiver } from '../support/receiver.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

type Both<T> = readonly [T, T];

let played: PlayedReceiver;
let engines: Both<Weir>;
let lines: Both<Dialled>;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  played = await playReceiver();
  const database = await freshDatabase();
  const prepare = async (name: string): Promise<Weir> => {
    const data = await tempFolder(name);
    const weir = await prepareWeir({
      channels: join(import.meta.dirname, 'sequence'),
      ports: ['SEQUENCE_PORT'],
      dataDir: data.path,
      env: { DATABASE_URL: database, PLAYED_PORT: String(played.port) },
    });
    endings.push(async () => {
      await weir.stop();
      await data.remove();
    });
    return weir;
  };
  engines = [await prepare('first'), await prepare('second')];
  for (const engine of engines) await engine.start();
  lines = [await line(0), await line(1)];
}, 120_000);
afterAll(async () => {
  for (const one of lines ?? []) one.close();
  for (const end of endings) await end();
  await played?.stop();
});

function line(engine: 0 | 1): Promise<Dialled> {
  return dial(engines[engine].ports.SEQUENCE_PORT ?? 0);
}

/** A transaction with its number. */
function numbered(sequence: number, id: string, from: string): string {
  const header = `MSH|^~\\&|${from}|MERCY|WEIR|X|20260301120000||ADT^A08|${id}|P|2.5.1|${sequence}`;
  return [header, 'EVN|A08|20260301120000', 'PID|1||1^^^MERCY^MR||Zebrafink^Given', ''].join('\r');
}
const link = (sequence: number, from: string): string =>
  `MSH|^~\\&|${from}|MERCY|WEIR|X|20260301||^|link${sequence}|P|2.5.1|${sequence}\r`;

/** MSA-1 and MSA-4 of the answer. */
async function ask(engine: 0 | 1, text: string): Promise<string> {
  lines[engine].send(text);
  return answerOf(await lines[engine].next());
}
function answerOf(frame: string): string {
  const [, code, , , expected] = (/^MSA\|.*$/m.exec(frame)?.[0] ?? frame).split('|');
  return `${code} ${expected}`;
}

interface Line {
  readonly controlId: string;
  readonly state: string;
  readonly cause: { readonly code: string } | null;
}
async function api<T>(engine: 0 | 1, path: string): Promise<T> {
  return (await (await fetch(`${engines[engine].http}/api${path}`)).json()) as T;
}
async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; await sleep(25)) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`waited in vain: ${JSON.stringify(value)}\n${engines.map((one) => one.output()).join('\n---\n')}`);
  }
}
const arrived = (prefix: string): string[] =>
  played.got.map(({ controlId }) => controlId).filter((controlId) => controlId.startsWith(prefix));

it('a sender that alternates is counted on across the engines, and its messages are delivered in the order of their numbers', async () => {
  expect(await ask(0, link(0, 'ALTER'))).toBe('AA -1');
  for (let number = 1; number <= 30; number += 1)
    expect(await ask((number % 2) as 0 | 1, numbered(number, `alter-${number}`, 'ALTER'))).toBe(`AA ${number}`);
  // Either engine says where the link is.
  expect(await ask(0, link(0, 'ALTER'))).toBe('AA 31');
  expect(await ask(1, link(0, 'ALTER'))).toBe('AA 31');
  const all = Array.from({ length: 30 }, (_, at) => `alter-${at + 1}`);
  await until(
    () => arrived('alter-').length,
    (count) => count >= 30,
  );
  expect([...new Set(arrived('alter-'))]).toEqual(all);
});

it('a repetition, a gap and a number of long ago are judged alike by the engine that did not take the last one', async () => {
  expect(await ask(0, numbered(5, 'judge-5', 'JUDGE'))).toBe('AA 5');
  // The ACK was lost with the engine: the same transaction, sent to the other one.
  expect(await ask(1, numbered(5, 'judge-5', 'JUDGE'))).toBe('AA 6');
  expect(await ask(1, numbered(5, 'judge-other', 'JUDGE'))).toBe('AE 6');
  expect(await ask(1, numbered(8, 'judge-8', 'JUDGE'))).toBe('AE 6');
  expect(await ask(1, numbered(2, 'judge-2', 'JUDGE'))).toBe('AE 6');
  expect(await ask(0, numbered(8, 'judge-8', 'JUDGE'))).toBe('AE 6');
  expect(await ask(1, numbered(6, 'judge-6', 'JUDGE'))).toBe('AA 6');
  expect(await ask(0, numbered(6, 'judge-6', 'JUDGE'))).toBe('AA 7');
  expect(await ask(0, link(-1, 'JUDGE'))).toBe('AA -1');
  expect(await ask(1, numbered(500, 'judge-500', 'JUDGE'))).toBe('AA 500');
  expect(await ask(0, numbered(501, 'judge-501', 'JUDGE'))).toBe('AA 501');
  await until(
    () => arrived('judge-').length,
    (count) => count >= 4,
  );
  expect([...new Set(arrived('judge-'))]).toEqual(['judge-5', 'judge-6', 'judge-500', 'judge-501']);
  const { messages } = await api<{ messages: Line[] }>(1, '/messages?state=refused&limit=100');
  const refused = messages.filter(({ controlId }) => controlId.startsWith('judge-'));
  expect(refused.map(({ controlId, cause }) => `${controlId} ${cause?.code}`).sort()).toEqual([
    'judge-2 listen-sequence',
    'judge-8 listen-sequence',
    'judge-8 listen-sequence',
    'judge-other listen-sequence',
  ]);
});

it('both asked in the same moment: one number is taken once, by whichever comes first', async () => {
  expect(await ask(0, numbered(1, 'race-1', 'RACE'))).toBe('AA 1');
  for (let number = 2; number <= 21; number += 2) {
    // The same transaction at both: stored once.
    const same = numbered(number, `race-${number}`, 'RACE');
    expect((await Promise.all([ask(0, same), ask(1, same)])).sort()).toEqual([`AA ${number}`, `AA ${number + 1}`]);
    // Two transactions under one number: one of them.
    const next = number + 1;
    const two = [ask(0, numbered(next, `race-${next}-a`, 'RACE')), ask(1, numbered(next, `race-${next}-b`, 'RACE'))];
    expect((await Promise.all(two)).sort()).toEqual([`AA ${next}`, `AE ${next + 1}`]);
  }
  expect(await ask(1, link(0, 'RACE'))).toBe('AA 22');
  await until(
    () => new Set(arrived('race-')).size,
    (count) => count >= 21,
  );
  const numbers = [...new Set(arrived('race-'))].map((controlId) => Number(controlId.split('-')[1]));
  expect(numbers).toEqual(Array.from({ length: 21 }, (_, at) => at + 1));
});

it('an engine that is killed takes no number with it; the figures are those of both (promise 2)', async () => {
  expect(await ask(0, numbered(1, 'kill-1', 'KILL'))).toBe('AA 1');
  await engines[0].kill();
  expect(await ask(1, numbered(1, 'kill-1', 'KILL'))).toBe('AA 2');
  expect(await ask(1, numbered(3, 'kill-3', 'KILL'))).toBe('AE 2');
  expect(await ask(1, numbered(2, 'kill-2', 'KILL'))).toBe('AA 2');
  await engines[0].start();
  lines[0].close();
  lines = [await line(0), lines[1]];
  expect(await ask(0, numbered(2, 'kill-2', 'KILL'))).toBe('AA 3');
  expect(await ask(0, numbered(3, 'kill-3', 'KILL'))).toBe('AA 3');
  type Figures = Record<'received' | 'delivered' | 'filtered' | 'waiting' | 'parked' | 'refused' | 'duplicates', number>;
  const figures = async (engine: 0 | 1) => (await api<{ channels: Figures[] }>(engine, '/channels')).channels[0] as Figures;
  const settled = await until(
    () => figures(1),
    ({ waiting }) => waiting === 0,
  );
  // 30 + 4 + 21 + 3 transactions, and 5 questions for the link, which hold no data.
  const expected = { received: 63, delivered: 58, filtered: 5, parked: 0, refused: 15, duplicates: 14 };
  expect(settled).toMatchObject(expected);
  expect(await figures(0)).toMatchObject(expected);
  await until(
    () => new Set(arrived('kill-')).size,
    (count) => count >= 3,
  );
  expect([...new Set(arrived('kill-'))]).toEqual(['kill-1', 'kill-2', 'kill-3']);
}, 90_000);
