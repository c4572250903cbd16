/** TLS end to end, on the real engine: who may send as whom, certificates renewed while it runs, delivery over mutual TLS, trouble shown. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame, MllpDecoder } from '../../src/hl7/mllp.ts';
import { type Authority, authority, type Pair, writeAll } from '../support/certificates.ts';
import { dial } from '../support/dial.ts';
import { ackText, type Got, type PlayedReceiver, playReceiver, say } from '../support/receiver.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let folder: TempFolder;
let data: TempFolder;
let hospital: Authority;
let epic: Pair;
let lab: Pair;
let weir: Weir;
let cdr: Server;
/** Where application ACKs go: one with a certificate of the hospital, one with a stranger's. Both want ours. */
let ehr: PlayedReceiver;
let imposter: PlayedReceiver;
let stranger: Authority;
/** Common names of the certificates that the FHIR server was shown. */
const shown: string[] = [];

beforeAll(async () => {
  [folder, data] = await Promise.all([tempFolder('tls-channels'), tempFolder('tls-data')]);
  hospital = await authority('Hospital CA');
  const [ours, server] = await Promise.all([hospital.issue({ cn: 'weir' }), hospital.issue({ cn: 'cdr', dns: ['cdr.example'] })]);
  [epic, lab] = await Promise.all([
    hospital.issue({ cn: 'epic.hospital.example' }),
    hospital.issue({ cn: 'lab.hospital.example' }),
  ]);
  mkdirSync(join(folder.path, 'tls'));
  writeAll(join(folder.path, 'tls'), { 'weir.crt': ours.cert, 'weir.key': ours.key, 'ca.crt': hospital.cert });
  cdr = createServer({ ...server, ca: hospital.cert, requestCert: true, rejectUnauthorized: true }, async (request, response) => {
    shown.push(String((request.socket as TLSSocket).getPeerX509Certificate()?.subject));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { entry = [] } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { entry?: unknown[] };
    response.setHeader('content-type', 'application/fhir+json');
    const entries = entry.map(() => ({ response: { status: '201 Created' } }));
    response.end(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry: entries }));
  }).listen(0, '127.0.0.1');
  await once(cdr, 'listening');
  writeFileSync(
    join(folder.path, 'adt.yaml'),
    `channel: adt
listen:
  mllp: {port: "\${ADT_PORT}", max-frame: 100KiB}
  tls:
    cert: tls/weir.crt
    key: tls/weir.key
    ca: tls/ca.crt
    clients: required
    senders:
      - {cn: epic.hospital.example, from: [EPIC^MAIN]}
      - {san: lab.hospital.example, cn: lab.hospital.example, from: ["LAB^*"]}
route: [{when: ADT^A01, map: ADT_A01}]
deliver:
  - to: cdr
    fhir: https://127.0.0.1:${(cdr.address() as AddressInfo).port}/fhir
    tls: {ca: tls/ca.crt, cert: tls/weir.crt, key: tls/weir.key, server-name: cdr.example, min: "1.3"}
`,
  );
  stranger = await authority('Stranger CA');
  const client = { ca: hospital.cert, requestCert: true, rejectUnauthorized: true };
  ehr = await playReceiver({ ...(await hospital.issue({ cn: 'ehr' })), ...client });
  imposter = await playReceiver({ ...(await stranger.issue({ cn: 'ehr' })), ...client });
  writeAll(join(folder.path, 'tls'), { 'ehr-ca.crt': hospital.cert });
  for (const [name, { port }] of Object.entries({ ehr, imposter })) {
    writeFileSync(
      join(folder.path, `reply-${name}.yaml`),
      `channel: reply-${name}
listen: {mllp: {port: "\${${name.toUpperCase()}_PORT}", max-frame: 1MiB, max-unfinished: 1MiB}}
acknowledge:
  application: after-mapping
  confirm: true
  to: "127.0.0.1:${port}"
  tls: {ca: tls/ehr-ca.crt, cert: tls/weir.crt, key: tls/weir.key}
route: [{when: ADT^A01, filter: the answer is what counts here}]
deliver: [{to: cdr, fhir: sandbox}]
`,
    );
  }
  weir = await prepareWeir({
    channels: folder.path,
    ports: ['ADT_PORT', 'EHR_PORT', 'IMPOSTER_PORT'],
    dataDir: data.path,
    env: { WEIR_LOG: 'info' },
  });
  await weir.start();
}, 90_000);
afterAll(async () => {
  await weir?.stop();
  cdr?.closeAllConnections();
  cdr?.close();
  await Promise.all([ehr?.stop(), imposter?.stop()]);
  await Promise.all([folder?.remove(), data?.remove()]);
});

interface Line {
  readonly socket: TLSSocket;
  /** Sends a message and gives its ACK. */
  send(sender: string, controlId: string): Promise<string>;
}

async function open(pair: Pair): Promise<Line> {
  const socket = connect({ port: weir.ports.ADT_PORT ?? 0, host: '127.0.0.1', ca: hospital.cert, ...pair });
  await once(socket, 'secureConnect');
  const decoder = new MllpDecoder(1_000_000);
  return {
    socket,
    send(sender, controlId) {
      const text = [
        `MSH|^~\\&|${sender.replace('^', '|')}|WEIR|X|20260301120000||ADT^A01^ADT_A01|${controlId}|P|2.5.1`,
        'EVN|A01|20260301120000',
        `PID|1||P${controlId}^^^MERCY^MR||Zebrafink^Given||19800101|F`,
        `PV1|1|I|||||||||||||||||V${controlId}^^^MERCY^VN`,
        '',
      ].join('\r');
      return new Promise((resolve) => {
        const read = (chunk: Uint8Array): void => {
          for (const event of decoder.push(chunk)) {
            if (event.kind !== 'frame') continue;
            socket.off('data', read);
            resolve(Buffer.from(event.bytes).toString('latin1'));
          }
        };
        socket.on('data', read);
        socket.write(encodeFrame(Buffer.from(text)));
      });
    },
  };
}

async function api<T>(path: string): Promise<T> {
  return (await (await fetch(`${weir.http}/api${path}`)).json()) as T;
}

async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it never came to that:\n${weir.output()}`);
}

interface MessageLine {
  readonly controlId: string;
  readonly state: string;
  readonly cause: { readonly code: string } | null;
}
interface ChannelLine {
  readonly connections: number;
  readonly tls: { readonly problem: string | null } | null;
  readonly troubles: { readonly kind: string; readonly count: number }[];
}
const message = async (controlId: string) =>
  (await api<{ messages: MessageLine[] }>('/messages')).messages.find((line) => line.controlId === controlId);
const channel = async () => (await api<{ channels: ChannelLine[] }>('/channels')).channels[0];

describe('a channel with mutual TLS', () => {
  test('takes of each certificate the senders that are named for it, refuses and keeps the others', async () => {
    const fromEpic = await open(epic);
    expect(await fromEpic.send('EPIC^MAIN', 'T1')).toMatch(/MSA\|AA\|T1/);
    expect(await fromEpic.send('LAB^WEST', 'T2')).toMatch(/MSA\|AR\|T2[\s\S]*ERR\|.*MSH\^1\^3/);
    fromEpic.socket.destroy();
    const fromLab = await open(lab);
    expect(await fromLab.send('EPIC^MAIN', 'T3')).toMatch(/MSA\|AR\|T3/);
    fromLab.socket.destroy();
    expect(await message('T2')).toMatchObject({ state: 'refused', cause: { code: 'listen-certificate' } });
    expect(await message('T3')).toMatchObject({ state: 'refused' });
  });

  test('delivers over mutual TLS, by a name of its own', async () => {
    await until(async () => (await message('T1'))?.state === 'delivered');
    expect(shown).toContain('CN=weir');
  });

  test.skipIf(process.platform === 'win32')(
    'takes renewed certificates while a connection goes on; half of a pair changes nothing and is told',
    async () => {
      const before = await open(epic);
      const renewed = await hospital.issue({ cn: 'weir-renewed' });
      writeFileSync(join(folder.path, 'tls', 'weir.crt'), renewed.cert);
      weir.signal('SIGHUP');
      await until(async () => ((await channel())?.tls?.problem ?? '').includes('does not belong'));
      await until(() => /does not belong to the certificate/.test(weir.output()));
      const during = await open(epic);
      expect(during.socket.getPeerX509Certificate()?.subject).toBe('CN=weir');
      during.socket.destroy();
      writeFileSync(join(folder.path, 'tls', 'weir.key'), renewed.key);
      weir.signal('SIGHUP');
      await until(async () => (await channel())?.tls?.problem === null);
      const after = await open(epic);
      expect(after.socket.getPeerX509Certificate()?.subject).toBe('CN=weir-renewed');
      expect(await before.send('EPIC^MAIN', 'T4')).toMatch(/MSA\|AA\|T4/);
      expect(await after.send('EPIC^MAIN', 'T5')).toMatch(/MSA\|AA\|T5/);
      for (const { socket } of [before, after]) socket.destroy();
    },
  );

  test('records what was no message with its bytes, on disk, counted in the metrics, and nowhere in the log (promise 7)', async () => {
    const plain = connectPlain({ port: weir.ports.ADT_PORT ?? 0, host: '127.0.0.1' });
    plain.on('error', () => {});
    plain.write('\x0bMSH|^~\\&|EPIC|MAIN|||||ADT^A01|T6|P|2.5.1\rPID|1||Secretfink\r\x1c\r');
    await once(plain, 'close');
    const { socket } = await open(epic);
    socket.write('GET /Secretfink HTTP/1.1\r\n\r\n');
    socket.end();
    await until(async () => ((await channel())?.troubles.length ?? 0) === 2);
    interface Trouble {
      readonly id: string;
      readonly kind: string;
      readonly reason: string | null;
      readonly bytes?: string;
    }
    const { troubles } = await api<{ troubles: Trouble[] }>('/troubles?channel=adt');
    expect(troubles.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['junk', null],
      ['handshake', 'plain-text'],
    ]);
    expect(JSON.stringify(troubles)).not.toMatch(/Secretfink/);
    const { bytes = '' } = await api<Trouble>(`/troubles/${troubles[1]?.id}`);
    expect(Buffer.from(bytes, 'base64').toString('latin1')).toMatch(/^\vMSH.*\rPID\|1\|\|Secretfink/);
    const metrics = await (await fetch(`${weir.http}/metrics`)).text();
    expect(metrics).toMatch(/weir_listen_troubles_total\{channel="adt",kind="handshake"\} 1/);
    expect(metrics).toMatch(/weir_certificate_expiry_timestamp_seconds\{channel="adt"\} \d{10}/);
    expect(weir.output()).not.toMatch(/Secretfink/);
    expect(await message('T6')).toBeUndefined();
  });
});

/** Sends a message that asks for both ACKs, over plain TCP; gives the first. */
const ask = async (port: string, controlId: string): Promise<string> => {
  const peer = await dial(weir.ports[port] ?? 0);
  peer.send(`MSH|^~\\&|EHR|MERCY|WEIR|X|20260301120000||ADT^A01^ADT_A01|${controlId}|P|2.5.1|||AL|AL\rPID|1||1^^^MERCY^MR\r`);
  const answer = await peer.next();
  peer.close();
  return answer;
};

describe('application ACKs to an address that speaks TLS', () => {
  interface Reply {
    readonly state: string;
    readonly cause: { readonly code: string; readonly text: string } | null;
  }
  const replyTo = async (controlId: string): Promise<Reply | undefined> => {
    const { messages } = await api<{ messages: (MessageLine & { readonly id: string })[] }>('/messages');
    const line = messages.find((one) => one.controlId === controlId);
    return line && (await api<{ reply: Reply }>(`/messages/${line.id}`)).reply;
  };
  const owed = async (name: string) =>
    (await api<{ channels: { name: string; unanswered: number }[] }>('/channels')).channels.find((one) => one.name === name)
      ?.unanswered;
  /** An accept ACK to an application ACK, which names it. */
  const take = ({ socket, controlId }: Got): void => say(socket, ackText('CA', controlId));
  test('arrive over mutual TLS at a receiver that wants our certificate', async () => {
    const subjects: unknown[] = [];
    ehr.behave((got) => {
      subjects.push((got.socket as TLSSocket).getPeerX509Certificate()?.subject);
      take(got);
    });
    expect(await ask('EHR_PORT', 'R1')).toMatch(/MSA\|CA\|R1/);
    await until(async () => (await replyTo('R1'))?.state === 'confirmed');
    expect(await replyTo('R1')).toMatchObject({ cause: null });
    expect(ehr.got.map(({ text }) => text)).toEqual([expect.stringMatching(/\rMSA\|AA\|R1\r/)]);
    expect(subjects).toEqual([expect.stringMatching(/^CN=weir/)]);
  });

  test('are kept from a receiver of another authority, stay owed with the reason, and leave when the authority is added', async () => {
    imposter.behave(take);
    expect(await ask('IMPOSTER_PORT', 'R2')).toMatch(/MSA\|CA\|R2/);
    await until(async () => (await replyTo('R2'))?.cause !== null);
    expect(await replyTo('R2')).toMatchObject({
      state: 'ready',
      cause: {
        code: 'deliver-unreachable',
        text: expect.stringMatching(/do not agree on TLS, UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/),
      },
    });
    expect(await owed('reply-imposter')).toBe(1);
    expect(imposter.got).toEqual([]);
    writeFileSync(join(folder.path, 'tls', 'ehr-ca.crt'), hospital.cert + stranger.cert);
    if (process.platform !== 'win32') weir.signal('SIGHUP');
    await until(async () => (await replyTo('R2'))?.state === 'confirmed');
    expect(imposter.got.map(({ text }) => text)).toEqual([expect.stringMatching(/\rMSA\|AA\|R2\r/)]);
    expect(await replyTo('R2')).toMatchObject({ cause: null });
    expect(await owed('reply-imposter')).toBe(0);
  }, 90_000);
});

test('what connections begin and do not end is bounded together: one too many is closed, recorded, counted, and others go on', async () => {
  const hogs = [1, 2].map(() => {
    const socket = connectPlain({ port: weir.ports.EHR_PORT ?? 0, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.write(`\x0bMSH|${'x'.repeat(900_000)}`);
    return socket;
  });
  await Promise.race(hogs.map((socket) => once(socket, 'close')));
  expect(await ask('EHR_PORT', 'R3')).toMatch(/MSA\|CA\|R3/);
  interface Line {
    readonly kind: string;
    readonly size: number;
    readonly kept: number;
  }
  const troubles = async () => (await api<{ troubles: Line[] }>('/troubles?channel=reply-ehr')).troubles;
  await until(async () => (await troubles()).length === 1);
  expect(await troubles()).toMatchObject([{ kind: 'no-room', kept: 65_536 }]);
  const metrics = await (await fetch(`${weir.http}/metrics`)).text();
  expect(metrics).toMatch(/weir_listen_troubles_total\{channel="reply-ehr",kind="no-room"\} 1/);
  for (const socket of hogs) socket.destroy();
});
