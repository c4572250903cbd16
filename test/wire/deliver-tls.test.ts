/** MLLP destinations over TLS: who is not who they should be gets no message, and what is wrong with certificates passes when they are mended. */
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { openMllpConnector } from '../../src/deliver/mllp.ts';
import { type Authority, authority, type Pair } from '../support/certificates.ts';
import { type PlayedReceiver, playReceiver } from '../support/receiver.ts';

let ours: Authority;
let foreign: Authority;
let server: Pair;
let client: Pair;
beforeAll(async () => {
  [ours, foreign] = await Promise.all([authority(), authority('Somebody Else')]);
  [server, client] = await Promise.all([ours.issue({ cn: 'lis' }), ours.issue({ cn: 'weir' })]);
});

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

const body = Buffer.from('MSH|^~\\&|WEIR||LIS||20260101||ADT^A01|1|P|2.5.1\rPID|1||SECRET\r');

/** A receiver and a connector to it; `tls` is asked at each connection. */
async function between(receiver: TlsOptions | null, tls: (() => ConnectionOptions) | null) {
  const played: PlayedReceiver = await playReceiver(receiver);
  const connector = openMllpConnector({
    host: 'localhost',
    port: played.port,
    tls,
    connections: 1,
    connectTimeout: 5_000,
    ackTimeout: 5_000,
    maxAnswer: 100_000,
    release: 1,
    waitFor: 'accept',
    onError: 'retry',
    charset: null,
  });
  endings.push(
    () => connector.close(),
    () => played.stop(),
  );
  return { played, send: () => connector.send(body) };
}

test('a receiver whose certificate leads to the authority gets the message', async () => {
  const { played, send } = await between(server, () => ({ ca: ours.cert }));
  expect(await send()).toMatchObject({ kind: 'delivered', ack: { code: 'AA' } });
  expect(played.got).toHaveLength(1);
});

test('one whose certificate does not gets nothing: transient, and taken up when the certificates are mended', async () => {
  let ca = foreign.cert;
  const { played, send } = await between(server, () => ({ ca }));
  const said = await send();
  expect(said).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
  expect(said.text).toMatch(/do not agree on TLS, \w+/);
  expect(played.got).toEqual([]);
  ca = ours.cert;
  expect(await send()).toMatchObject({ kind: 'delivered' });
});

test('one of another name gets nothing', async () => {
  const { played, send } = await between(server, () => ({ ca: ours.cert, servername: 'elsewhere.example' }));
  expect(await send()).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
  expect(played.got).toEqual([]);
});

test('one that wants a certificate of ours gets it; without one the message waits', async () => {
  const wants: TlsOptions = { ...server, ca: ours.cert, requestCert: true, rejectUnauthorized: true };
  let mine: Partial<Pair> = {};
  const { played, send } = await between(wants, () => ({ ca: ours.cert, ...mine }));
  expect(await send()).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
  expect(played.got).toEqual([]);
  mine = client;
  expect(await send()).toMatchObject({ kind: 'delivered' });
});

test('where one side speaks TLS and the other does not, nothing of the message leaves', async () => {
  const plain = await between(null, () => ({ ca: ours.cert }));
  plain.played.behave(({ socket }) => socket.destroy());
  expect(await plain.send()).toMatchObject({ kind: 'transient' });
  // Once in fifty times the random bytes of a handshake have the bytes of a frame among them.
  expect(plain.played.got.filter(({ bytes }) => Buffer.from(bytes).includes('MSH'))).toEqual([]);
  const encrypted = await between(server, null);
  expect(await encrypted.send()).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
  expect(encrypted.played.got).toEqual([]);
});

test('options that cannot be used are told, and end nothing', async () => {
  const { send } = await between(server, () => ({ ca: ours.cert, cert: client.cert, key: server.key }));
  expect(await send()).toMatchObject({ kind: 'transient', code: 'deliver-unreachable' });
});
