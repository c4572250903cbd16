/** The sending side of MLLP against a receiver that behaves as receivers do. HL7 2.9, 2.9 (acknowledgement) and 2.14.10 (MSA). */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { awaitsOf } from '../../src/deliver/mllp-answer.ts';
import { type Awaits, type Exchange, MllpClient, type MllpTarget } from '../../src/deliver/mllp-client.ts';
import { Message } from '../../src/hl7/message.ts';
import { encodeFrame } from '../../src/hl7/mllp.ts';
import { ackText, answer, type PlayedReceiver, playReceiver, say } from '../support/receiver.ts';
import { freePort } from '../support/temp.ts';

const clients: MllpClient[] = [];
const receivers: PlayedReceiver[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close(0)));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});

async function receiver(): Promise<PlayedReceiver> {
  const played = await playReceiver();
  receivers.push(played);
  return played;
}

function client(port: number, more: Partial<MllpTarget> = {}): MllpClient {
  const made = new MllpClient({
    host: '127.0.0.1',
    port,
    tls: null,
    connectTimeout: 5_000,
    ackTimeout: 10_000,
    longestWait: 5_000,
    maxAnswer: 100_000,
    release: 1,
    ...more,
  });
  clients.push(made);
  return made;
}

const message = (controlId: string, header = '') =>
  `MSH|^~\\&|WEIR||LIS||20260101||ADT^A01|${controlId}|P|2.5.1${header}\rPID|1\r`;
const send = (to: MllpClient, controlId: string, awaits: Awaits = 'accept'): Promise<Exchange> =>
  to.send({ bytes: Buffer.from(message(controlId)), controlId, awaits });

describe('one message in flight', () => {
  test('messages leave one by one over one connection, each behind the ACK of the one before, byte for byte', async () => {
    const to = await receiver();
    let inFlight = 0;
    let most = 0;
    to.behave((got) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        answer('AA')(got);
      }, 5);
    });
    const one = client(to.port);
    const exchanges = await Promise.all(['1', '2', '3', '4', '5'].map((id) => send(one, id)));
    expect(exchanges.map((exchange) => exchange.kind === 'answered' && exchange.code)).toEqual(['AA', 'AA', 'AA', 'AA', 'AA']);
    expect(to.got.map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5'].map((id) => message(id)));
    expect([most, to.opened()]).toEqual([1, 1]);
  });

  test('an answer is read however it is cut into pieces', async () => {
    const to = await receiver();
    to.behave(async ({ socket, controlId }) => {
      for (const byte of encodeFrame(Buffer.from(ackText('AA', controlId)))) {
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(await send(client(to.port), 'BYTES')).toMatchObject({ kind: 'answered', code: 'AA' });
  });

  test.each([
    ['without the carriage return of its end block', false],
    ['that ends with the connection', true],
  ])('an answer %s counts', async (_, ends) => {
    const to = await receiver();
    to.behave(({ socket, controlId }) => {
      socket.write(`\x0b${ackText('AA', controlId)}\x1c`);
      if (ends) socket.end();
    });
    expect(await send(client(to.port), 'NOCR')).toMatchObject({ kind: 'answered', code: 'AA' });
  });
});

describe('an answer is of the message that MSA-2 names', () => {
  test('one of another message is noted and waited past', async () => {
    const to = await receiver();
    to.behave(({ socket, controlId }) => {
      say(socket, ackText('AR', 'SOMEONE-ELSE'));
      say(socket, ackText('AA', ''));
      say(socket, ackText('AA', controlId));
    });
    expect(await send(client(to.port), 'MINE')).toMatchObject({ kind: 'answered', code: 'AA', strays: 2 });
  });

  test('a refusal that could not read the control id counts', async () => {
    const to = await receiver();
    to.behave(({ socket }) => say(socket, ackText('AR', '')));
    expect(await send(client(to.port), 'UNREAD')).toMatchObject({ kind: 'answered', code: 'AR' });
  });

  test('a late answer never counts for the next message: the connection is closed after a time-out', async () => {
    const to = await receiver();
    const one = client(to.port, { ackTimeout: 1_000 });
    let late = (): void => {};
    to.behave(({ socket }) => (late = () => say(socket, ackText('AA', ''))));
    expect(await send(one, 'SLOW')).toMatchObject({ kind: 'failed', failure: 'timeout' });
    to.behave((got) => {
      late();
      answer('AE')(got);
    });
    expect(await send(one, 'NEXT')).toMatchObject({ kind: 'answered', code: 'AE' });
    expect(to.opened()).toBe(2);
  });

  test.each([
    ['not-hl7', 'HELLO'],
    ['no-msa', 'MSH|^~\\&|LIS||WEIR||20260101||ACK|1|P|2.5.1\rPID|1\r'],
    ['too-large', `MSH|${'x'.repeat(200_000)}`],
  ])('%s is no answer: the connection is given up', async (reason, text) => {
    const to = await receiver();
    to.behave(({ socket }) => say(socket, text));
    const one = client(to.port);
    expect(await send(one, 'X')).toMatchObject({ kind: 'garbage', reason });
    to.behave(answer('AA'));
    expect(await send(one, 'Y')).toMatchObject({ kind: 'answered', code: 'AA' });
    expect(to.opened()).toBe(2);
  });
});

describe('enhanced mode', () => {
  test('who waits for the application ACK goes past the accept ACK, and takes a negative one for the end', async () => {
    const to = await receiver();
    to.behave((got) => {
      answer('CA')(got);
      answer('AE')(got);
    });
    const one = client(to.port);
    expect(await send(one, '1', 'application')).toMatchObject({ code: 'AE', strays: 0 });
    to.behave(answer('CR'));
    expect(await send(one, '2', 'application')).toMatchObject({ code: 'CR' });
  });

  test('who waits for the accept ACK takes the application ACK that comes later for no answer of the next message', async () => {
    const to = await receiver();
    const one = client(to.port);
    let application = (): void => {};
    to.behave((got) => {
      answer('CA')(got);
      application = () => answer('AE')(got);
    });
    expect(await send(one, '1')).toMatchObject({ code: 'CA' });
    to.behave((got) => {
      application();
      answer('CA')(got);
    });
    expect(await send(one, '2')).toMatchObject({ code: 'CA', strays: 1 });
    expect(to.opened()).toBe(1);
  });

  test.each<[string, 'accept' | 'application' | 'commit', string, Awaits]>([
    ['original mode', 'accept', '', 'accept'],
    ['original mode', 'application', '', 'accept'],
    ['MSH-15 AL, MSH-16 AL', 'accept', '|||AL|AL', 'accept'],
    ['MSH-15 AL, MSH-16 AL', 'application', '|||AL|AL', 'application'],
    ['MSH-15 AL, MSH-16 NE', 'application', '|||AL|NE', 'accept'],
    ['MSH-15 AL alone', 'application', '|||AL', 'accept'],
    ['MSH-15 NE, MSH-16 AL', 'accept', '|||NE|AL', 'application'],
    ['MSH-15 NE, MSH-16 NE', 'accept', '|||NE|NE', 'nothing'],
    ['MSH-15 ER', 'accept', '|||ER', 'errors'],
    ['MSH-15 AL, MSH-16 ER', 'application', '|||AL|ER', 'errors'],
    ['release 2', 'commit', '|||AL|AL', 'commit'],
  ])('%s, wanted %s: which answer is waited for', (_, wanted, header, awaits) => {
    expect(awaitsOf(Message.parse(Buffer.from(message('1', header))), wanted)).toBe(awaits);
  });

  test('no answer is waited for where none is owed: to an ACK, or by MSH-15', async () => {
    expect(awaitsOf(Message.parse(Buffer.from(ackText('AA', '1'))), 'accept')).toBe('nothing');
    const to = await receiver();
    to.behave(() => {});
    const one = client(to.port);
    expect(await send(one, 'QUIET', 'nothing')).toMatchObject({ kind: 'sent' });
    expect(await send(one, 'ERRORS', 'nothing')).toMatchObject({ kind: 'sent' });
    expect(
      await client(to.port, { ackTimeout: 50 }).send({ bytes: Buffer.from(message('E')), controlId: 'E', awaits: 'errors' }),
    ).toMatchObject({
      kind: 'sent',
    });
  });
});

describe('MLLP release 2', () => {
  test('the commit block is enough for who waits for it, and 0x15 says no', async () => {
    const to = await receiver();
    to.behave(({ socket }) => socket.write(encodeFrame(Uint8Array.of(0x06))));
    const one = client(to.port, { release: 2 });
    expect(await send(one, '1', 'commit')).toMatchObject({ kind: 'committed', positive: true });
    to.behave(({ socket }) => socket.write(encodeFrame(Uint8Array.of(0x15))));
    expect(await send(one, '2', 'commit')).toMatchObject({ kind: 'committed', positive: false });
    expect(await send(one, '3', 'accept')).toMatchObject({ kind: 'committed', positive: false });
  });

  test('the ACK that follows is waited for, and committed by us with one byte and no more', async () => {
    const to = await receiver();
    to.behave((got) => {
      got.socket.write(encodeFrame(Uint8Array.of(0x06)));
      answer('AA')(got);
    });
    const one = client(to.port, { release: 2 });
    expect(await send(one, '1')).toMatchObject({ kind: 'answered', code: 'AA' });
    expect(await send(one, '2')).toMatchObject({ kind: 'answered', code: 'AA' });
    expect(to.other[0]).toEqual(Uint8Array.of(0x06));
    expect(to.got.map(({ controlId }) => controlId)).toEqual(['1', '2']);
  });
});

describe('never answers an ACK', () => {
  test('nothing but messages leaves, whatever comes in', async () => {
    const to = await receiver();
    to.behave((got) => {
      say(got.socket, ackText('AA', 'ANOTHER'));
      say(got.socket, ackText('AA', got.controlId));
      say(got.socket, ackText('AA', got.controlId));
    });
    const one = client(to.port);
    await send(one, '1');
    await send(one, '2');
    expect(to.got.map(({ controlId }) => controlId)).toEqual(['1', '2']);
    expect(to.other).toEqual([]);
  });
});

describe('connections that end', () => {
  test('one that the receiver closed while it was idle is noticed, and another is opened', async () => {
    const to = await receiver();
    const one = client(to.port);
    await send(one, '1');
    const socket = to.got[0]?.socket as Socket;
    socket.end();
    await once(socket, 'close');
    expect(await send(one, '2')).toMatchObject({ code: 'AA' });
    expect(to.opened()).toBe(2);
    expect(to.got.map(({ controlId }) => controlId)).toEqual(['1', '2']);
  });

  test.each(['end', 'resetAndDestroy'] as const)(
    'one that ends (%s) while the next message is on its way: it goes out again',
    async (how) => {
      const to = await receiver();
      const one = client(to.port);
      await send(one, '1');
      to.behave(({ socket }) => {
        to.behave(answer('AA'));
        socket[how]();
      });
      expect(await send(one, '2')).toMatchObject({ code: 'AA' });
      expect(to.got.map(({ controlId }) => controlId)).toEqual(['1', '2', '2']);
    },
  );

  test.each([
    ['closed', 'end'],
    ['reset', 'resetAndDestroy'],
  ] as const)('%s on a new connection is told', async (failure, how) => {
    const to = await receiver();
    to.behave(({ socket }) => socket[how]());
    expect(await send(client(to.port), '1')).toMatchObject({ kind: 'failed', failure });
    expect(to.got).toHaveLength(1);
  });

  test('nobody listens: told at once, and found when it comes back', async () => {
    const to = await receiver();
    await to.stop();
    const one = client(to.port);
    expect(await send(one, '1')).toMatchObject({ kind: 'failed', failure: 'refused', code: 'ECONNREFUSED' });
    expect(await send(one, '1')).toMatchObject({ kind: 'failed', failure: 'refused' });
    await to.start();
    expect(await send(one, '1')).toMatchObject({ code: 'AA' });
  });

  test('there is no such host', async () => {
    expect(await send(client(2575, { host: 'nowhere.invalid' }), '1')).toMatchObject({ kind: 'failed', failure: 'unknown-host' });
  });

  test('a connection that does not come about is given up in its time: here the TLS handshake never ends', async () => {
    const to = await receiver();
    // A hello is full of random bytes, which may look like a frame.
    to.behave(() => {});
    const one = client(to.port, { tls: () => ({}), connectTimeout: 100 });
    expect(await send(one, '1')).toMatchObject({ kind: 'failed', failure: 'connect-timeout' });
  });

  test('closing lets the answer in flight come, and what waits is told', async () => {
    const to = await receiver();
    let release = (): void => {};
    const came = new Promise<void>((resolve) => {
      to.behave((got) => {
        release = () => answer('AA')(got);
        resolve();
      });
    });
    const one = client(to.port);
    const [first, second] = [send(one, '1'), send(one, '2')];
    await came;
    const closed = one.close();
    release();
    expect(await first).toMatchObject({ code: 'AA' });
    expect(await second).toMatchObject({ kind: 'failed', failure: 'stopped' });
    await closed;
    expect(to.got).toHaveLength(1);
  });

  test('closing does not wait for the next try of a receiver that is down', async () => {
    const one = client(await freePort());
    for (let turn = 0; turn < 4; turn += 1) await send(one, '1');
    const waiting = send(one, '2');
    await one.close();
    expect(await waiting).toMatchObject({ kind: 'failed', failure: 'stopped' });
  });
});
