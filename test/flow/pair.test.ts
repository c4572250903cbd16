/** From Weir to Weir, with the settings of an MLLP destination that change the exchange: a pool, release 2, the application ACK that is waited for. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Dialled, dial } from '../support/dial.ts';
import { answer, type PlayedReceiver, playReceiver } from '../support/receiver.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let played: PlayedReceiver;
let far: Weir;
let near: Weir;
let sender: Dialled;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  played = await playReceiver();
  const start = async (name: string, ports: string[], env: Record<string, string>): Promise<Weir> => {
    const data = await tempFolder(name);
    const weir = await prepareWeir({ channels: join(import.meta.dirname, 'pair', name), ports, dataDir: data.path, env });
    endings.unshift(async () => {
      await weir.stop();
      await data.remove();
    });
    await weir.start();
    return weir;
  };
  const ports = ['POOL_PORT', 'RELEASE2_PORT', 'APPLICATION_PORT'];
  far = await start('far', ports, { PLAYED_PORT: String(played.port) });
  near = await start('near', ['NEAR_PORT'], Object.fromEntries(ports.map((port) => [port, String(far.ports[port])])));
  sender = await dial(near.ports.NEAR_PORT ?? 0);
}, 120_000);
afterAll(async () => {
  sender?.close();
  for (const end of endings) await end();
  await played?.stop();
});

/** A message of a patient. `modes`: MSH-15 and MSH-16. */
function message(type: string, controlId: string, patient: string, modes = '|', more = ''): string {
  const header = `MSH|^~\\&|EHR|MERCY|WEIR|X|20260301120000||${type}|${controlId}|P|2.5.1|||${modes}`;
  return [header, `PID|1||${patient}^^^MERCY^MR||Zebrafink^Given`, `ZZZ|1|${more}`, ''].join('\r');
}
async function take(...texts: string[]): Promise<void> {
  for (const text of texts) sender.send(text);
  for (const _ of texts) expect(await sender.next()).toMatch(/^MSA\|[AC]A\|/m);
}

interface Line {
  readonly id: string;
  readonly channel: string;
  readonly controlId: string;
  readonly state: string;
}
interface Detail extends Line {
  readonly peer: string;
  readonly deliveries: {
    readonly destination: string;
    readonly state: string;
    readonly attempts: { readonly ack: { readonly code: string } | null; readonly error: { readonly code: string } | null }[];
  }[];
}
interface Channel {
  readonly name: string;
  readonly received: number;
  readonly duplicates: number;
  readonly waiting: number;
  readonly connections: number;
  readonly unanswered: number;
  readonly troubles: readonly { readonly kind: string }[];
}
async function api<T>(weir: Weir, path: string, method = 'GET'): Promise<T> {
  const response = await fetch(`${weir.http}/api${path}`, { method });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
const list = async (weir: Weir, channel: string) =>
  (await api<{ messages: Line[] }>(weir, `/messages?channel=${channel}&limit=200`)).messages;
async function detail(weir: Weir, channel: string, controlId: string): Promise<Detail | null> {
  const line = (await list(weir, channel)).find((one) => one.controlId === controlId);
  return line ? api<Detail>(weir, `/messages/${line.id}`) : null;
}
const channelOf = async (weir: Weir, name: string) =>
  (await api<{ channels: Channel[] }>(weir, '/channels')).channels.find((one) => one.name === name);
async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; await sleep(25)) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`waited in vain; last: ${JSON.stringify(value)}\n${near.output()}\n${far.output()}`);
  }
}
const deliveryOf = async (controlId: string, destination: string) =>
  (await detail(near, 'near', controlId))?.deliveries.find((one) => one.destination === destination);
const delivered = (controlId: string, destination: string) =>
  until(
    () => deliveryOf(controlId, destination),
    (one) => one?.state === 'delivered',
  );

it('a pool of two connections: both are used, no third is made, and each patient arrives in order (promise 3)', async () => {
  const sent = Array.from({ length: 150 }, (_, at) => ({ controlId: `pool-${at}`, patient: `p${at % 7}` }));
  await take(...sent.map(({ controlId, patient }) => message('ADT^A08', controlId, patient)));
  const arrived = await until(
    () => list(far, 'pool'),
    (lines) => lines.length === sent.length && lines.every(({ state }) => state === 'filtered'),
  );
  const order = arrived.toReversed().map(({ controlId }) => controlId);
  for (let patient = 0; patient < 7; patient += 1) {
    const of = sent.filter((one) => one.patient === `p${patient}`).map(({ controlId }) => controlId);
    expect(order.filter((controlId) => of.includes(controlId))).toEqual(of);
  }
  const peers = new Set<string>();
  for (const { id } of arrived) peers.add((await api<Detail>(far, `/messages/${id}`)).peer);
  expect(peers.size).toBe(2);
  expect(await channelOf(far, 'pool')).toMatchObject({ connections: 2, troubles: [], received: 150, duplicates: 0 });
}, 90_000);

it('release 2 at both ends: the commit block says that it is stored, or the ACK behind it, whichever the destination waits for', async () => {
  await take(message('ORU^R01', 'r2-1', 'r'), message('ORU^R01', 'r2-2', 'r'));
  // Wants no ACK of anybody.
  sender.send(message('ORU^R01', 'r2-3', 's', 'NE|NE'));
  for (const controlId of ['r2-1', 'r2-2', 'r2-3']) {
    const byCommit = await delivered(controlId, 'commit');
    expect(byCommit?.attempts.map(({ ack }) => ack?.code)).toEqual(['0x06']);
  }
  for (const controlId of ['r2-1', 'r2-2'])
    expect((await delivered(controlId, 'accept'))?.attempts.map(({ ack }) => ack?.code)).toEqual(['AA']);
  // No ACK is owed to it; that it was written is all that this destination waits for.
  expect((await delivered('r2-3', 'accept'))?.attempts.map(({ ack, error }) => [ack, error])).toEqual([[null, null]]);
  const there = await until(
    () => list(far, 'release2'),
    (lines) => lines.length === 6 && lines.every(({ state }) => state === 'filtered'),
  );
  expect(there.map(({ controlId }) => controlId).sort()).toEqual(
    ['r2-1', 'r2-2', 'r2-3'].flatMap((controlId) => [controlId, `${controlId}-accept`]),
  );
  expect(await channelOf(far, 'release2')).toMatchObject({ received: 6, duplicates: 0, troubles: [] });
});

it('release 2: a negative commit block is told as such, and the message is sent again', async () => {
  await take(message('ORU^R01', 'r2-large', 'large', '|', 'x'.repeat(100_000)));
  const waiting = await until(
    () => deliveryOf('r2-large', 'commit'),
    (one) => (one?.attempts.length ?? 0) > 1,
  );
  expect(waiting?.state).toBe('waiting');
  expect(waiting?.attempts[0]).toMatchObject({ ack: { code: '0x15' }, error: { code: 'deliver-error' } });
  // Troubles are counted beside the way of the messages, a moment later.
  const troubled = await until(
    () => channelOf(far, 'release2'),
    (one) => (one?.troubles.length ?? 0) > 0,
  );
  expect(troubled?.troubles).toMatchObject([{ kind: 'too-large' }]);
  await api(near, `/messages/${(await detail(near, 'near', 'r2-large'))?.id}/park`, 'POST');
});

it('the application ACK that is waited for comes when the other Weir has delivered; ack-timeout sends again, and nothing is there twice', async () => {
  const mute = (): void => {};
  played.behave(mute);
  await take(message('ORM^O01', 'app-1', 'a', 'AL|AL'));
  const waiting = await until(
    () => deliveryOf('app-1', 'application'),
    (one) => (one?.attempts.length ?? 0) > 1,
  );
  expect(waiting?.state).toBe('waiting');
  expect(waiting?.attempts[0]).toMatchObject({ error: { code: 'deliver-timeout' } });
  expect(await channelOf(far, 'application')).toMatchObject({ received: 1, unanswered: 1 });
  for (const one of played.got) answer('AA')(one);
  played.behave(answer('AA'));
  const done = await delivered('app-1', 'application');
  expect(done?.attempts.at(-1)?.ack).toMatchObject({ code: 'AA' });
  const there = await until(
    () => channelOf(far, 'application'),
    (one) => one?.waiting === 0 && one.unanswered === 0,
  );
  expect(there?.received).toBe(1);
  expect(there?.duplicates).toBeGreaterThan(0);
});

it('in the end nothing waits (promise 2)', async () => {
  expect(await channelOf(near, 'near')).toMatchObject({ received: 155, waiting: 0, parked: 1, delivered: 154 });
});
