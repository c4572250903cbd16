/**
 * One contract for every connector: what becomes of a body is told in terms that do not depend on the destination, whatever the destination does.
 * Promise 2 rests on it: only what may pass by itself is transient, and nothing rejects.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Connector } from '../../src/deliver/connector.ts';
import { openFhirConnector } from '../../src/deliver/fhir.ts';
import { type MllpDestination, openMllpConnector } from '../../src/deliver/mllp.ts';
import { ackText, answer, playReceiver, say } from '../support/receiver.ts';
import { freePort } from '../support/temp.ts';

/** What the other side does with the next bodies. `hold`: answers nothing until `release`. */
type Behaviour = 'ok' | 'transient' | 'permanent' | 'garbage' | 'hang' | 'reset' | 'half' | 'hold';

interface Bench {
  readonly connector: Connector;
  readonly body: (id: string) => Uint8Array;
  /** Ids of the bodies that came, in order. */
  readonly got: string[];
  /** The most that were in flight at once. */
  most(): number;
  behave(behaviour: Behaviour): void;
  /** Answers what is held. */
  release(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
});

/** Counts what is in flight, and holds it back where it is told to. */
function holding() {
  const held: (() => void)[] = [];
  let inFlight = 0;
  let most = 0;
  return {
    begin: () => (most = Math.max(most, ++inFlight)),
    end: (): void => void inFlight--,
    hold: (go: () => void) => void held.push(go),
    release: () => {
      for (const go of held.splice(0)) go();
    },
    most: () => most,
  };
}

const timeout = 1_500;

async function fhirBench(concurrency: number): Promise<Bench> {
  const port = await freePort();
  const got: string[] = [];
  const flight = holding();
  let behaviour: Behaviour = 'ok';
  const respond = (response: ServerResponse, status: number, body: string): void => {
    flight.end();
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(body);
  };
  const ok = JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction-response',
    entry: [{ response: { status: '200 OK' } }],
  });
  const outcome = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing' }] });
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push((JSON.parse(Buffer.concat(chunks).toString()) as { id: string }).id);
      flight.begin();
      switch (behaviour) {
        case 'ok':
          return respond(response, 200, ok);
        case 'transient':
          return respond(response, 503, outcome);
        case 'permanent':
          return respond(response, 422, outcome);
        case 'garbage':
          return respond(response, 200, 'hello');
        case 'reset':
          flight.end();
          return (request.socket as Socket).resetAndDestroy();
        case 'half':
          flight.end();
          response.writeHead(200, { 'content-length': '1000' }).write('{"resourceType"');
          return void setImmediate(() => (request.socket as Socket).resetAndDestroy());
        case 'hold':
          return flight.hold(() => respond(response, 200, ok));
        case 'hang':
          return undefined;
      }
    });
  });
  const start = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  const connector = openFhirConnector({
    url: `http://127.0.0.1:${port}/fhir`,
    concurrency,
    timeout,
    headers: {},
    tls: () => null,
  });
  endings.push(stop);
  return {
    connector,
    body: (id) => Buffer.from(JSON.stringify({ resourceType: 'Bundle', id, type: 'transaction' })),
    got,
    most: flight.most,
    behave: (next) => (behaviour = next),
    release: flight.release,
    start,
    stop,
  };
}

const mllpDefaults = {
  host: '127.0.0.1',
  tls: null,
  connectTimeout: timeout,
  ackTimeout: timeout,
  release: 1,
  maxAnswer: 100_000,
  waitFor: 'accept',
  onError: 'retry',
  charset: null,
} as const;

async function mllpBench(connections: number): Promise<Bench> {
  const receiver = await playReceiver();
  const got: string[] = [];
  const flight = holding();
  let behaviour: Behaviour = 'ok';
  receiver.behave((one) => {
    got.push(one.controlId);
    flight.begin();
    const reply = (code: string): void => {
      flight.end();
      answer(code)(one);
    };
    switch (behaviour) {
      case 'ok':
        return reply('AA');
      case 'transient':
        return reply('AE');
      case 'permanent':
        return reply('AR');
      case 'garbage':
        flight.end();
        return say(one.socket, 'hello');
      case 'reset':
        flight.end();
        return void one.socket.resetAndDestroy();
      case 'half':
        flight.end();
        one.socket.write(`\x0b${ackText('AA', one.controlId).slice(0, 20)}`);
        return void setImmediate(() => one.socket.resetAndDestroy());
      case 'hold':
        return flight.hold(() => reply('AA'));
      case 'hang':
        return undefined;
    }
  });
  const destination: MllpDestination = { ...mllpDefaults, port: receiver.port, connections };
  endings.push(() => receiver.stop());
  return {
    connector: openMllpConnector(destination),
    body: (id) => Buffer.from(`MSH|^~\\&|WEIR||LIS||20260101||ADT^A01|${id}|P|2.5.1\rPID|1\r`),
    got,
    most: flight.most,
    behave: (next) => (behaviour = next),
    release: flight.release,
    start: receiver.start,
    stop: receiver.stop,
  };
}

describe.each([
  ['fhir', fhirBench],
  ['mllp', mllpBench],
] as const)('the connector %s', (_, open) => {
  const bench = async (concurrency = 2): Promise<Bench> => {
    const made = await open(concurrency);
    endings.unshift(() => made.connector.close());
    return made;
  };

  test('delivers, one after the other, and says how long it took', async () => {
    const { connector, body, got } = await bench();
    for (const id of ['a', 'b', 'c']) {
      const said = await connector.send(body(id));
      expect(said).toMatchObject({ kind: 'delivered', code: null, text: '' });
      expect(said.milliseconds).toBeGreaterThanOrEqual(0);
    }
    expect(got).toEqual(['a', 'b', 'c']);
  });

  test('what may pass by itself is transient', async () => {
    const { connector, body, behave } = await bench();
    behave('transient');
    const said = await connector.send(body('a'));
    expect(said.kind).toBe('transient');
    expect(['deliver-busy', 'deliver-error']).toContain(said.code);
    behave('ok');
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'delivered' });
  });

  test('a refusal is permanent', async () => {
    const { connector, body, behave } = await bench();
    behave('permanent');
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'permanent', code: 'deliver-refused' });
  });

  test('an answer that is none is permanent: nobody knows what is there', async () => {
    const { connector, body, behave } = await bench();
    behave('garbage');
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'permanent', code: 'deliver-bad-answer' });
    behave('ok');
    expect(await connector.send(body('b'))).toMatchObject({ kind: 'delivered' });
  });

  test('no answer in time is transient, and the next body is none the worse for it', async () => {
    const { connector, body, behave } = await bench();
    behave('hang');
    expect(await connector.send(body('a'))).toMatchObject({
      kind: 'transient',
      status: null,
      ack: null,
      code: 'deliver-timeout',
    });
    behave('ok');
    expect(await connector.send(body('b'))).toMatchObject({ kind: 'delivered' });
  });

  test('nobody listens: transient, and found when it comes back', async () => {
    const { connector, body, stop, start } = await bench();
    await stop();
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
    await start();
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'delivered' });
  });

  test('a destination that goes away between two bodies and comes back is no failure, or a transient one', async () => {
    const { connector, body, stop, start } = await bench();
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'delivered' });
    await stop();
    await start();
    const kinds = [await connector.send(body('b')), await connector.send(body('b'))].map(({ kind }) => kind);
    expect(kinds).toContain('delivered');
    expect(kinds).not.toContain('permanent');
  });

  test.each(['reset', 'half'] as const)('a connection that is lost (%s) is transient', async (how) => {
    const { connector, body, behave } = await bench();
    behave(how);
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
    behave('ok');
    expect(await connector.send(body('a'))).toMatchObject({ kind: 'delivered' });
  });

  test('no more are in flight than may be; the others wait their turn', async () => {
    const { connector, body, behave, release, got, most } = await bench(2);
    behave('hold');
    const said = ['a', 'b', 'c', 'd', 'e'].map((id) => connector.send(body(id)));
    const sent = Promise.all(said);
    while (got.length < 5) {
      release();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    release();
    expect((await sent).every(({ kind }) => kind === 'delivered')).toBe(true);
    expect(most()).toBe(2);
  });

  test('closing lets what is in flight be answered', async () => {
    const { connector, body, behave, release, got } = await bench();
    behave('hold');
    const said = connector.send(body('a'));
    while (got.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const closed = connector.close();
    release();
    expect(await said).toMatchObject({ kind: 'delivered' });
    await closed;
    expect(await connector.send(body('b'))).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
  });
});

describe('what an ACK means', () => {
  async function mllp(code: string, more = '', options: Partial<MllpDestination> = {}) {
    const receiver = await playReceiver();
    receiver.behave(answer(code, more));
    const connector = openMllpConnector({ ...mllpDefaults, port: receiver.port, connections: 1, ...options });
    endings.push(
      () => connector.close(),
      () => receiver.stop(),
    );
    return connector.send(Buffer.from('MSH|^~\\&|WEIR||LIS||20260101||ADT^A01|1|P|2.5.1\rPID|1\r'));
  }

  test.each([
    ['AA', 'delivered', null],
    ['CA', 'delivered', null],
    ['AE', 'transient', 'deliver-error'],
    ['CE', 'transient', 'deliver-error'],
    ['AR', 'permanent', 'deliver-refused'],
    ['CR', 'permanent', 'deliver-refused'],
    ['OK', 'permanent', 'deliver-bad-answer'],
    ['', 'permanent', 'deliver-bad-answer'],
  ])('MSA-1 "%s" is %s (table 0008)', async (msa, kind, code) => {
    expect(await mllp(msa)).toMatchObject({ kind, code, ack: { code: msa || '?' } });
  });

  test('AE is for good where the destination is said to mean it so', async () => {
    expect(await mllp('AE', '', { onError: 'park' })).toMatchObject({
      kind: 'permanent',
      code: 'deliver-refused',
      ack: { code: 'AE' },
    });
  });

  test('ERR codes are told, and nothing of its texts (promise 7)', async () => {
    const err = 'ERR||PID^1^3|101^Required field missing^HL70357|E||||MRN 4711 OF JANE DOE\rERR|||204|W|Z17^DOE JANE\r';
    const said = await mllp('AR', err);
    expect(said.ack).toEqual({ code: 'AR', errors: ['101', '204'] });
    expect(said.text).toBe(
      'The destination refused what it was sent; read its answer, correct the cause, then replay (AR, ERR 101 204)',
    );
    expect(JSON.stringify(said)).not.toMatch(/DOE|4711/);
  });

  test('ERR-1.4 of versions before 2.5 counts too, and what is no code is left out', async () => {
    expect((await mllp('AE', 'ERR|PID^1^3^103&Table value not found\r')).ack).toEqual({ code: 'AE', errors: ['103'] });
    expect((await mllp('AE', 'ERR|||JANE DOE\r')).ack).toEqual({ code: 'AE', errors: [] });
    expect((await mllp('JANE DOE 4711')).text).toMatch(/\(\?, MSA-1 is none of/);
  });
});
