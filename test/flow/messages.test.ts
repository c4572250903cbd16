/**
 * The way of a message that is delivered as a message, from Weir to Weir and to a receiver that the test plays. Order, retries, replay, parking and
 * conservation (promises 2 and 3) hold for it as for bundles.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlayedDestination, playDestination } from '../support/destination.ts';
import { answer, type PlayedReceiver, playReceiver } from '../support/receiver.ts';
import { openSender, type Sender } from '../support/sender.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let cdr: PlayedDestination;
let played: PlayedReceiver;
let far: Weir;
let near: Weir;
let sender: Sender;
let number = 0;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  cdr = await playDestination();
  played = await playReceiver();
  const start = async (name: string, port: string, env: Record<string, string>) => {
    const data = await tempFolder(name);
    const weir = await prepareWeir({
      channels: join(import.meta.dirname, 'messages', name),
      ports: [port],
      dataDir: data.path,
      env,
    });
    endings.unshift(
      () => weir.stop(),
      () => data.remove(),
    );
    await weir.start();
    return weir;
  };
  far = await start('far', 'FAR_PORT', {});
  near = await start('near', 'NEAR_PORT', {
    FLOW_FHIR: cdr.url,
    FAR_PORT: String(far.ports.FAR_PORT),
    PLAYED_PORT: String(played.port),
  });
  sender = openSender(() => ({ host: '127.0.0.1', port: near.ports.NEAR_PORT ?? 0 }));
}, 120_000);
afterAll(async () => {
  sender?.close();
  for (const end of endings) await end();
  await played?.stop();
  await cdr?.stop();
});
beforeEach(() => {
  played.behave(answer('AA'));
  cdr.behave(() => 'ok');
});

/** A message of a patient. */
function message(type: string, patient: string, change: { sex?: string } = {}): { controlId: string; text: string } {
  const controlId = `M${++number}`;
  const text = [
    `MSH|^~\\&|EHR|MERCY|WEIR|X|20260301120000||${type}|${controlId}|P|2.5.1|||||||8859/1`,
    'EVN|A01|20260301120000',
    `PID|1||${patient}^^^MERCY^MR||Zebrafínk^Given||19800101|${change.sex ?? 'F'}|||||||||||123-45-6789`,
    'ZZZ|\\X41\\|~~^|odd  bytes \x01 kept',
    '',
  ].join('\r');
  return { controlId, text };
}

interface Attempt {
  readonly status: number | null;
  readonly ack: { code: string; errors: string[] } | null;
}
interface Line {
  readonly id: string;
  readonly controlId: string;
  readonly state: string;
  readonly cause: { code: string; text: string } | null;
}
interface Detail extends Line {
  readonly raw: string;
  readonly mapping: string | null;
  readonly bundle: string | null;
  readonly deliveries: { destination: string; content: string; sent: string | null; state: string; attempts: Attempt[] }[];
}
async function api<T>(weir: Weir, path: string, method = 'GET'): Promise<T> {
  const response = await fetch(`${weir.http}/api${path}`, { method });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
const list = async (weir: Weir) => (await api<{ messages: Line[] }>(weir, '/messages?limit=200')).messages;
const find = async (weir: Weir, controlId: string) => (await list(weir)).find((line) => line.controlId === controlId);
const detail = async (weir: Weir, controlId: string) => api<Detail>(weir, `/messages/${(await find(weir, controlId))?.id}`);
async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; ) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`waited in vain; last: ${JSON.stringify(value)}\n${near.output()}\n${far.output()}`);
    await sleep(25);
  }
}
const state = (controlId: string, wanted: string, weir = near) =>
  until(
    () => find(weir, controlId),
    (line) => line?.state === wanted,
  );
const take = async ({ text }: { text: string }) => expect((await sender.send(text)).code).toBe('AA');

it('without edits the bytes leave exactly as they came, framed anew', async () => {
  const result = message('ORU^R01', 'bytes');
  await take(result);
  await state(result.controlId, 'delivered');
  const got = played.got.find(({ controlId }) => controlId === result.controlId);
  expect(Buffer.from(got?.bytes ?? []).equals(Buffer.from(result.text, 'latin1'))).toBe(true);
  const shown = await detail(near, result.controlId);
  expect(shown).toMatchObject({ mapping: null, bundle: null });
  expect(shown.deliveries).toMatchObject([
    {
      destination: 'played',
      content: 'message',
      state: 'delivered',
      attempts: [{ status: null, ack: { code: 'AA', errors: [] } }],
    },
  ]);
  expect(shown.deliveries[0]?.sent).toBe(shown.raw);
});

it('one channel delivers the bundle to a FHIR server and the edited message to another Weir', async () => {
  const admission = message('ADT^A01^ADT_A01', 'mixed');
  await take(admission);
  await state(admission.controlId, 'delivered');
  expect(cdr.taken.at(-1)?.type).toBe('transaction');
  await state(admission.controlId, 'filtered', far);
  const edited = Buffer.from(admission.text, 'latin1')
    .toString('latin1')
    .replace('|WEIR|', '|FAR|')
    .replace('PID|1||', 'PID|1|MERCY-mixed|')
    .replace('\rZZZ', `\rZWR|${admission.controlId}\rZZZ`);
  expect((await detail(far, admission.controlId)).raw).toBe(edited.replaceAll('\r', '\n'));
  const shown = await detail(near, admission.controlId);
  expect(shown.deliveries.map(({ destination, content }) => [destination, content])).toEqual([
    ['cdr', 'bundle'],
    ['far', 'message'],
  ]);
  expect(shown.deliveries[1]?.sent).toBe(edited.replaceAll('\r', '\n'));
});

it('says which step changed what, those of the route before those of the destination', async () => {
  const update = message('ADT^A08', 'explained');
  await take(update);
  await state(update.controlId, 'delivered');
  const { id } = await detail(near, update.controlId);
  expect(await api(near, `/messages/${id}/fields`)).toEqual({
    fields: null,
    edits: [
      {
        destination: 'far',
        changes: [
          { step: 'route 2, step 1', kind: 'remove', path: 'PID-19' },
          { step: 'far, step 1', kind: 'set', path: 'MSH-5' },
          { step: 'far, step 2', kind: 'set', path: 'PID-2' },
          { step: 'far, step 3', kind: 'add', path: 'ZWR' },
        ],
      },
    ],
  });
  expect((await detail(far, update.controlId)).raw).not.toContain('123-45-6789');
});

it('an edit that cannot be done parks the message before anything leaves, and tells no content', async () => {
  const discharge = message('ADT^A03', 'parked', { sex: 'Quux' });
  await take(discharge);
  const line = await state(discharge.controlId, 'parked');
  expect(line?.cause?.code).toBe('edit-unlisted');
  expect(line?.cause?.text).toMatch(/step 1 of the edits, at PID-8\[?1?\]?\.1/);
  expect(line?.cause?.text).not.toContain('Quux');
  expect(await find(far, discharge.controlId)).toBeUndefined();
});

describe('what a receiver answers', () => {
  it('AE: sent again until it is taken; each attempt shows the ACK and its ERR codes', async () => {
    const result = message('ORU^R01', 'nak');
    let times = 0;
    played.behave((got) =>
      ++times < 3 ? answer('AE', 'ERR||PID^1|207^x^HL70357|E|||NAME OF A PATIENT\r')(got) : answer('AA')(got),
    );
    await take(result);
    await state(result.controlId, 'delivered');
    const { deliveries } = await detail(near, result.controlId);
    expect(deliveries[0]?.attempts.map(({ ack }) => ack)).toEqual([
      { code: 'AE', errors: ['207'] },
      { code: 'AE', errors: ['207'] },
      { code: 'AA', errors: [] },
    ]);
    expect(JSON.stringify(deliveries[0]?.attempts)).not.toContain('PATIENT');
  });

  it('AR: parked with its code; a replay sends the message again', async () => {
    const result = message('ORU^R01', 'reject');
    played.behave(answer('AR', 'ERR|||203^x^HL70357|E\r'));
    await take(result);
    const line = await state(result.controlId, 'parked');
    expect(line?.cause).toMatchObject({ code: 'deliver-refused' });
    expect(line?.cause?.text).toContain('(AR, ERR 203)');
    played.behave(answer('AA'));
    await api(near, `/messages/${line?.id}/replay`, 'POST');
    await state(result.controlId, 'delivered');
  });

  it('nothing in time: sent again; a slow patient delays nobody else', async () => {
    const slow = message('ORU^R01', 'slow');
    const others = ['a', 'b', 'c'].map((patient) => message('ORU^R01', `quick-${patient}`));
    let asked = 0;
    played.behave((got) => {
      if (got.controlId !== slow.controlId || ++asked > 1) answer('AA')(got);
    });
    await take(slow);
    await until(
      () => asked,
      (times) => times === 1,
    );
    for (const other of others) await take(other);
    for (const other of others) await state(other.controlId, 'delivered');
    expect((await find(near, slow.controlId))?.state).toBe('waiting');
    await state(slow.controlId, 'delivered');
    const { deliveries } = await detail(near, slow.controlId);
    expect(deliveries[0]?.attempts.map(({ ack }) => ack?.code ?? null)).toEqual([null, 'AA']);
  });
});

it('a receiver that is away: its messages wait in order, and leave when it is back', async () => {
  await played.stop();
  const sent = Array.from({ length: 12 }, (_, index) => message('ORU^R01', `away-${index % 3}`));
  for (const one of sent) await take(one);
  await until(
    () => detail(near, sent[0]?.controlId ?? ''),
    ({ deliveries }) => (deliveries[0]?.attempts.length ?? 0) > 0,
  );
  const from = played.got.length;
  await played.start();
  for (const one of sent) await state(one.controlId, 'delivered');
  inOrder(
    sent,
    played.got.slice(from).map(({ controlId }) => controlId),
    3,
  );
});

it('kill -9 of the receiving Weir under load: all arrives, each patient in order (promises 2 and 3)', async () => {
  const sent = Array.from({ length: 120 }, (_, index) => message('ADT^A08', `kill-${index % 8}`));
  const feeding = (async () => {
    for (const one of sent) await take(one);
  })();
  await until(
    () => list(far),
    (lines) => lines.filter(({ controlId }) => sent.some((one) => one.controlId === controlId)).length > 15,
  );
  await far.kill();
  await sleep(300);
  await far.start();
  await feeding;
  for (const one of sent) await state(one.controlId, 'delivered');
  // Near knows them delivered when far has stored them; far takes them up after its start.
  const there = await until(
    () => list(far),
    (lines) => lines.every((line) => line.state !== 'waiting'),
  );
  const arrived = there.filter((line) => line.state === 'filtered').toReversed();
  inOrder(
    sent,
    arrived.map(({ controlId }) => controlId),
    8,
  );
}, 120_000);

it('a stop while an answer is awaited loses nothing: after the start the message is delivered', async () => {
  const result = message('ORU^R01', 'stopped');
  let asked = 0;
  played.behave(() => asked++);
  await take(result);
  await until(
    () => asked,
    (times) => times > 0,
  );
  await near.stop();
  played.behave(answer('AA'));
  await near.start();
  await state(result.controlId, 'delivered');
});

it('received = delivered + filtered + waiting + parked (promise 2)', async () => {
  const { channels } = await api<{ channels: Record<string, number>[] }>(near, '/channels');
  const [{ received = 0, delivered = 0, filtered = 0, waiting = 0, parked = 0 } = {}] = channels;
  expect(received).toBe(number);
  expect(received).toBe(delivered + filtered + waiting + parked);
  expect({ waiting, parked }).toEqual({ waiting: 0, parked: 1 });
});

/** Each came at least once, and for each patient the first time that each came is in the order sent. */
function inOrder(sent: readonly { readonly controlId: string }[], came: readonly string[], patients: number): void {
  const order = [...new Set(came)];
  for (let patient = 0; patient < patients; patient += 1) {
    const of = sent.filter((_, index) => index % patients === patient).map(({ controlId }) => controlId);
    expect(order.filter((controlId) => of.includes(controlId))).toEqual(of);
  }
}
