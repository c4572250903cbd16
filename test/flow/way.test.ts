/** The way of a message, from a socket to a FHIR server, on both kinds of store and queue. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle, Patient } from 'fhir/r4';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDebianPostgres } from '../support/debian-postgres.ts';
import { type PlayedDestination, playDestination } from '../support/destination.ts';
import { startRedis } from '../support/redis.ts';
import { openSender, type Sender } from '../support/sender.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

const servers = [await startDebianPostgres(), await startRedis()] as const;
afterAll(() => Promise.all(servers.map((server) => server?.stop())));
const [postgres, redis] = servers;

const ways: { name: string; env: Record<string, string> | null }[] = [
  { name: 'embedded PostgreSQL alone', env: {} },
  { name: 'PostgreSQL and Redis', env: postgres && redis ? { DATABASE_URL: postgres.url, REDIS_URL: redis.url } : null },
];

for (const { name, env } of ways) {
  // Debian's PostgreSQL or redis-server is not on this machine.
  describe.skipIf(env === null)(`on ${name}`, () => flow(env ?? {}));
}

function flow(env: Record<string, string>): void {
  let destination: PlayedDestination;
  let weir: Weir;
  let sender: Sender;
  let number = 0;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const data = await tempFolder('way');
    remove = data.remove;
    destination = await playDestination();
    const channels = join(import.meta.dirname, 'channels');
    weir = await prepareWeir({ channels, ports: ['ADT_PORT'], dataDir: data.path, env: { ...env, FLOW_FHIR: destination.url } });
    await weir.start();
    sender = openSender(() => ({ host: '127.0.0.1', port: weir.ports.ADT_PORT ?? 0 }));
  }, 90_000);
  afterAll(async () => {
    sender?.close();
    await weir?.stop();
    await destination?.stop();
    await remove?.();
  });
  beforeEach(() => destination.behave(() => 'ok'));

  /** An ADT of a patient; gives its control id. */
  function adt(
    event: string,
    patient: string,
    change: { facility?: string; patientClass?: string } = {},
  ): { controlId: string; text: string } {
    const controlId = `F${++number}`;
    const text = [
      `MSH|^~\\&|EHR|${change.facility ?? 'MERCY'}|WEIR|X|20260301120000||ADT^${event}^ADT_A01|${controlId}|P|2.5.1`,
      'EVN|A01|20260301120000',
      `PID|1||${patient}^^^MERCY^MR||Zebrafink^Given${number}||19800101|F`,
      `PV1|1|${change.patientClass ?? 'I'}|||||||||||||||||V${number}^^^MERCY^VN`,
      '',
    ].join('\r');
    return { controlId, text };
  }

  async function api<T>(path: string, method = 'GET'): Promise<T> {
    const response = await fetch(`${weir.http}/api${path}`, { method });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  interface Line {
    readonly id: string;
    readonly controlId: string;
    readonly state: string;
    readonly ack: string;
    readonly cause: { code: string; text: string } | null;
  }
  async function find(controlId: string): Promise<Line | undefined> {
    const { messages } = await api<{ messages: Line[] }>('/messages?limit=100');
    return messages.find((line) => line.controlId === controlId);
  }
  async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
    for (const deadline = Date.now() + 20_000; ; ) {
      const value = await read();
      if (holds(value)) return value;
      if (Date.now() > deadline) throw new Error(`waited in vain; last: ${JSON.stringify(value)}\n${weir.output()}`);
      await sleep(25);
    }
  }
  const state = (controlId: string, wanted: string) =>
    until(
      () => find(controlId),
      (line) => line?.state === wanted,
    );

  it('stores, acknowledges, maps and delivers', async () => {
    const { controlId, text } = adt('A01', 'flow-1');
    expect(await sender.send(text)).toEqual({ code: 'AA', sent: 1 });
    await state(controlId, 'delivered');
    const bundle = destination.taken.at(-1);
    expect(bundle?.type).toBe('transaction');
    expect(nameIn(bundle)).toBe(`Given${number}`);
    await until(
      () => find(controlId),
      (line) => line?.ack === 'sent',
    );
  });

  it('refuses another sender and another type with AR, and keeps what it refused', async () => {
    const foreign = adt('A01', 'flow-2', { facility: 'ELSEWHERE' });
    expect((await sender.send(foreign.text)).code).toBe('AR');
    expect((await state(foreign.controlId, 'refused'))?.cause?.code).toBe('listen-sender');
    const order = {
      controlId: 'F-ORM',
      text: foreign.text.replace('ELSEWHERE', 'MERCY').replace(/ADT\^A01\^ADT_A01\|F\d+/, 'ORM^O01^ORM_O01|F-ORM'),
    };
    expect((await sender.send(order.text)).code).toBe('AR');
    expect((await state(order.controlId, 'refused'))?.cause?.code).toBe('listen-type');
  });

  it('keeps bytes that are no message, and answers AR', async () => {
    expect((await sender.send('this is no HL7')).code).toBe('AR');
  });

  it('filters by a named rule, and parks what no route takes', async () => {
    const filtered = adt('A08', 'flow-3', { patientClass: 'P' });
    await sender.send(filtered.text);
    expect((await state(filtered.controlId, 'filtered'))?.cause?.text).toBe('pre-admit updates stay in the EHR');
    const parked = adt('A99', 'flow-3');
    expect((await sender.send(parked.text)).code).toBe('AA');
    expect((await state(parked.controlId, 'parked'))?.cause?.code).toBe('route-none');
  });

  it('answers the same message again without delivering it again', async () => {
    const { controlId, text } = adt('A01', 'flow-4');
    await sender.send(text);
    await state(controlId, 'delivered');
    const before = destination.asked();
    expect((await sender.send(text)).code).toBe('AA');
    await sleep(200);
    expect(destination.asked()).toBe(before);
  });

  it('retries what may pass, holding only its lane', async () => {
    const [held, behind, free] = [adt('A01', 'flow-5'), adt('A08', 'flow-5'), adt('A01', 'flow-6')];
    let failing = true;
    destination.behave((bundle) => (failing && patientIn(bundle) === 'flow-5' ? { status: 503 } : 'ok'));
    for (const { text } of [held, behind, free]) await sender.send(text);
    await state(free.controlId, 'delivered');
    expect((await find(held.controlId))?.state).toBe('waiting');
    expect((await find(behind.controlId))?.state).toBe('waiting');
    failing = false;
    await state(behind.controlId, 'delivered');
    const names = destination.taken.filter((bundle) => patientIn(bundle) === 'flow-5').map(nameIn);
    expect(names).toEqual([`Given${number - 2}`, `Given${number - 1}`]);
  });

  it('delivers in order after a destination was away', async () => {
    await destination.stop();
    const messages = [1, 2, 3].map(() => adt('A08', 'flow-7'));
    for (const { text } of messages) expect((await sender.send(text)).code).toBe('AA');
    await sleep(300);
    await destination.start();
    for (const { controlId } of messages) await state(controlId, 'delivered');
    const names = destination.taken.filter((bundle) => patientIn(bundle) === 'flow-7').map(nameIn);
    expect(names).toEqual([number - 2, number - 1, number].map((at) => `Given${at}`));
  });

  it('a destination that never answers is a time-out, and tried again', async () => {
    const { controlId, text } = adt('A01', 'flow-8');
    let hang = true;
    destination.behave(() => (hang ? 'hang' : 'ok'));
    await sender.send(text);
    const id = (
      await until(
        () => find(controlId),
        (line) => line !== undefined,
      )
    )?.id;
    const waiting = await until(
      () => api<{ deliveries: { attempts: { error: { code: string } | null }[] }[] }>(`/messages/${id}`),
      (message) => (message.deliveries[0]?.attempts.length ?? 0) > 0,
    );
    expect(waiting.deliveries[0]?.attempts[0]?.error?.code).toBe('deliver-timeout');
    hang = false;
    await state(controlId, 'delivered');
  });

  it('parks what is refused, also inside a 200 answer, lets the lane go on, and replays', async () => {
    const [refused, next] = [adt('A01', 'flow-9'), adt('A08', 'flow-9')];
    let mended = false;
    destination.behave((bundle) => {
      if (mended || nameIn(bundle) !== `Given${number - 1}`) return 'ok';
      const entry = [
        {
          response: {
            status: '400 Bad Request',
            outcome: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid' }] },
          },
        },
      ];
      return { status: 200, body: { resourceType: 'Bundle', type: 'transaction-response', entry } };
    });
    await sender.send(refused.text);
    await sender.send(next.text);
    const line = await state(refused.controlId, 'parked');
    expect(line?.cause?.code).toBe('deliver-refused');
    await state(next.controlId, 'delivered');
    mended = true;
    await api(`/messages/${line?.id}/replay`, 'POST');
    await state(refused.controlId, 'delivered');
  });

  it('the conservation sum holds, and weir status tells it', async () => {
    const { channels } = await api<{ channels: Record<string, number>[] }>('/channels');
    const [figures] = channels as [Record<string, number>];
    expect(figures.received).toBe(
      (figures.delivered ?? 0) + (figures.filtered ?? 0) + (figures.waiting ?? 0) + (figures.parked ?? 0),
    );
    expect(figures.refused).toBe(3);
    expect(figures.duplicates).toBe(1);
    let printed = '';
    try {
      execFileSync(process.execPath, ['bin/weir.js', 'status', '--json', '--url', weir.http], { encoding: 'utf8' });
    } catch (error) {
      // Exit 1: something is parked.
      printed = (error as { stdout: string }).stdout;
    }
    expect(JSON.parse(printed)).toMatchObject({ channels: [{ name: 'adt', parked: 1, refused: 3 }] });
  });

  it('promise 7: no patient in logs, metrics, Redis or a list', async () => {
    const places = [
      weir.output(),
      await (await fetch(`${weir.http}/metrics`)).text(),
      JSON.stringify(await api('/messages?limit=100')),
    ];
    if (env.REDIS_URL) places.push(execFileSync('redis-cli', ['-u', env.REDIS_URL, '--scan']).toString());
    for (const place of places) expect(place).not.toMatch(/Zebrafink|flow-\d/);
  });

  it('stops cleanly with work in flight, and goes on where it was', async () => {
    destination.behave(() => ({ status: 503 }));
    const { controlId, text } = adt('A01', 'flow-10');
    expect((await sender.send(text)).code).toBe('AA');
    expect(await weir.stop()).toBe(0);
    destination.behave(() => 'ok');
    await weir.start();
    await state(controlId, 'delivered');
  });
}

function patientIn(bundle: Bundle | undefined): string | undefined {
  return patientOf(bundle)?.identifier?.[0]?.value;
}

function nameIn(bundle: Bundle | undefined): string | undefined {
  return patientOf(bundle)?.name?.[0]?.given?.[0];
}

function patientOf(bundle: Bundle | undefined): Patient | undefined {
  return bundle?.entry?.map((entry) => entry.resource as Patient).find((resource) => resource.resourceType === 'Patient');
}
