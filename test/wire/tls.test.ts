/** TLS and mutual TLS on a listener: what must work, and what must fail without costing anyone else anything. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { serverOptions } from '../../src/tls.ts';
import { bench, frame, gates, peer, textOf, until } from './support/bench.ts';
import { credentials, declared, epic, hospital, ours, refusedWith, stranger, tlsBench, tlsPeer } from './support/tls-bench.ts';

const soon = { timeout: 20_000 };

describe('handshakes that must work', () => {
  test('TLS 1.3 with the hybrid key exchange, where a sender does not say otherwise', async () => {
    const { listener, frames } = await tlsBench();
    const { socket, received } = await tlsPeer(listener);
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'X25519MLKEM768' });
    socket.write(frame('MSH|one'));
    await until(() => received().length === 1);
    expect(received()).toEqual(['ack:MSH|one']);
    expect(frames[0]?.certificate).toBeNull();
    expect(frames[0]?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('TLS 1.2, and key exchanges of before', async () => {
    const { listener } = await tlsBench();
    const old = await tlsPeer(listener, { maxVersion: 'TLSv1.2' });
    const classic = await tlsPeer(listener, { ecdhCurve: 'X25519' });
    for (const { socket, received } of [old, classic]) {
      socket.write(frame('a'));
      await until(() => received().length === 1);
    }
  });

  test('mutual TLS: who the sender is by its certificate comes with each message', async () => {
    const { listener, frames } = await tlsBench({ clients: 'required' });
    const { socket, received } = await tlsPeer(listener, epic);
    socket.write(frame('a'));
    await until(() => received().length === 1);
    expect(frames[0]?.certificate).toMatchObject({ cn: 'epic.hospital.example', names: ['localhost', '127.0.0.1'] });
    const shown = socket.getX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
    expect(frames[0]?.certificate?.fingerprint).toBe(shown);
  });

  test('where certificates are optional, with one and without', async () => {
    const { listener, frames } = await tlsBench({ clients: 'optional' });
    for (const options of [{}, epic]) {
      const { socket, received } = await tlsPeer(listener, options);
      socket.write(frame('a'));
      await until(() => received().length === 1);
    }
    expect(frames.map(({ certificate }) => certificate?.cn ?? null)).toEqual([null, 'epic.hospital.example']);
  });

  test('a sender that closes its side still gets its last answers', async () => {
    const gate = gates();
    const { listener, frames, outcomes } = await tlsBench({}, gate.wait);
    const { socket, received, closed } = await tlsPeer(listener, { allowHalfOpen: true } as object);
    socket.write(Uint8Array.from([...frame('a'), ...frame('b')]));
    socket.end();
    await until(() => frames.length === 2);
    gate.open('b');
    gate.open('a');
    await closed;
    expect(received()).toEqual(['ack:a', 'ack:b']);
    expect(outcomes).toEqual(['a sent', 'b sent']);
  });

  test('a message split at any byte boundary, behind another one, arrives whole', async () => {
    const { listener } = await tlsBench();
    const stream = new Uint8Array([...frame('MSH|one'), ...frame('MSH|two')]);
    const { socket, received } = await tlsPeer(listener);
    for (let cut = 1; cut < stream.length; cut += 1) {
      socket.write(stream.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(stream.subarray(cut));
      await until(() => received().length === 2 * cut);
    }
    expect(new Set(received())).toEqual(new Set(['ack:MSH|one', 'ack:MSH|two']));
  });
});

test('a sender whose bytes come one by one, those of the handshake too', async () => {
  const { listener } = await tlsBench({ clients: 'required' });
  const relay = createServer((from) => {
    const to = connect({ port: listener.port, host: '127.0.0.1', noDelay: true });
    from.on('data', (chunk: Uint8Array) => {
      for (const byte of chunk) to.write(Uint8Array.of(byte));
    });
    to.pipe(from);
    to.on('error', () => {});
    from.on('error', () => {}).on('close', () => to.destroy());
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { socket, received } = await tlsPeer({ ...listener, port: (relay.address() as AddressInfo).port }, epic);
  socket.write(frame('slowly'));
  await until(() => received().length === 1);
  socket.destroy();
  relay.close();
});

describe('handshakes that must fail', soon, () => {
  const late = hospital.issue({ cn: 'epic', to: new Date(Date.now() - 86_400_000) });
  const cases: [string, Parameters<typeof tlsBench>[0], () => Promise<object>, string, RegExp | null][] = [
    ['no certificate', { clients: 'required' }, async () => ({}), 'no-certificate', null],
    [
      'one of another authority',
      { clients: 'required' },
      () => stranger.issue({ cn: 'epic' }),
      'certificate',
      /SIGNED|VERIFY|ISSUER/,
    ],
    [
      'one of another authority where none is needed',
      { clients: 'optional' },
      () => stranger.issue({ cn: 'epic' }),
      'certificate',
      null,
    ],
    ['an expired one', { clients: 'required' }, () => late, 'certificate', /CERT_HAS_EXPIRED/],
    ['TLS 1.1', {}, async () => old('TLSv1.1'), 'version', null],
    ['TLS 1.0', {}, async () => old('TLSv1'), 'version', null],
    ['TLS 1.2 where 1.3 is the least', { min: '1.3' }, async () => ({ maxVersion: 'TLSv1.2' }), 'version', null],
    [
      'a classic key exchange where hybrid is required',
      { postQuantum: 'required' },
      async () => ({ ecdhCurve: 'X25519' }),
      'key-exchange',
      null,
    ],
    ['TLS 1.2 where hybrid is required', { postQuantum: 'required' }, async () => ({ maxVersion: 'TLSv1.2' }), 'version', null],
  ];
  test.each(cases)('%s', async (_, parts, sender, reason, detail) => {
    const { listener, troubles, frames } = await tlsBench(parts);
    await refusedWith(listener, await sender());
    await until(() => troubles.length === 1);
    expect(troubles[0]).toMatchObject({ kind: 'handshake', reason, peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    if (detail !== null) expect(troubles[0]?.detail).toMatch(detail);
    expect(troubles[0]?.bytes[0]).toBe(0x16);
    expect(frames).toEqual([]);
    await works(listener, parts?.clients === 'required');
  });

  test('a sender without a certificate is told so by an alert', async () => {
    const { listener } = await tlsBench({ clients: 'required' });
    expect(await refusedWith(listener, {})).toMatch(/CERTIFICATE_REQUIRED/);
  });

  test('a sender that does not trust our certificate', async () => {
    const { listener, troubles } = await tlsBench();
    expect(await refusedWith(listener, { ca: stranger.cert })).toMatch(/SIGNATURE|ISSUER|SIGNED/);
    expect(await refusedWith(listener, { checkServerIdentity: () => new Error('no') })).not.toBe('');
    await works(listener);
    for (const { kind } of troubles) expect(kind).toBe('handshake');
  });

  test('plain MLLP to a port that speaks TLS: recorded with its bytes, closed, never acknowledged', async () => {
    const { listener, troubles, frames } = await tlsBench();
    const { socket, closed, received } = await peer(listener);
    socket.write(frame('MSH|secret'));
    await closed;
    await until(() => troubles.length === 1);
    expect(troubles[0]).toMatchObject({ kind: 'handshake', reason: 'plain-text', size: frame('MSH|secret').length });
    expect([...(troubles[0]?.bytes ?? [])]).toEqual([...frame('MSH|secret')]);
    expect([received(), frames]).toEqual([[], []]);
    await works(listener);
  });

  test('TLS to a plain port is closed at once, not waited for', async () => {
    const { listener, troubles } = await bench();
    await refusedWith(listener, {});
    await until(() => troubles.length === 1);
    expect(troubles[0]).toMatchObject({ kind: 'handshake', reason: 'tls-to-plain' });
    const { socket, received } = await peer(listener);
    socket.write(frame('a'));
    await until(() => received().length === 1);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['half a greeting', Uint8Array.of(0x16, 3, 1, 2, 0, 1)],
  ])('%s, for longer than a handshake may take', async (_, sent) => {
    const { listener, troubles } = await tlsBench({ handshakeTimeout: 150 });
    const { socket, closed } = await peer(listener);
    if (sent.length > 0) socket.write(sent);
    await closed;
    await until(() => troubles.length === 1);
    expect(troubles[0]).toMatchObject({ kind: 'handshake', reason: 'slow', bytes: sent });
    await works(listener);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['half a greeting', Uint8Array.of(0x16, 3, 1, 2, 0, 1)],
    ['what is no greeting', Uint8Array.of(0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5)],
  ])('a reset behind %s', async (_, sent) => {
    const { listener, troubles } = await tlsBench();
    const { socket } = await peer(listener);
    if (sent.length > 0) socket.write(sent);
    await until(() => socket.bytesWritten === sent.length);
    socket.resetAndDestroy();
    await until(() => troubles.length === 1);
    expect(troubles[0]?.kind).toBe('handshake');
    await works(listener);
  });

  test('a hundred at once that go no further cost the one that works nothing', async () => {
    const { listener } = await tlsBench();
    const stuck = Array.from({ length: 100 }, () => {
      const socket = connect({ port: listener.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1));
      return socket;
    });
    await works(listener);
    await until(() => listener.connections === 0);
    for (const socket of stuck) socket.destroy();
  });
});

describe('new certificates', () => {
  test('are shown to connections to come, while those that are open go on, also with an answer under way', async () => {
    const gate = gates();
    const { listener, frames } = await tlsBench({}, gate.wait);
    const before = await tlsPeer(listener);
    before.socket.write(frame('a'));
    await until(() => frames.length === 1);
    const renewed = await hospital.issue({ cn: 'weir.renewed.example' });
    listener.renew(serverOptions(declared(), credentials(renewed)));
    const after = await tlsPeer(listener);
    expect(after.socket.getPeerX509Certificate()?.subject).toBe('CN=weir.renewed.example');
    gate.open('a');
    await until(() => before.received().length === 1);
    before.socket.write(frame('b'));
    await until(() => gate.waiting.has('b'));
    gate.open('b');
    await until(() => before.received().length === 2);
    expect(before.received()).toEqual(['ack:a', 'ack:b']);
  });

  test('that are no good are refused and change nothing', async () => {
    const { listener } = await tlsBench();
    const mismatch = { ...credentials(ours), key: Buffer.from(epic.key) };
    expect(() => listener.renew(serverOptions(declared(), mismatch))).toThrow();
    await works(listener);
  });

  test('under load: no message is lost, none answered twice', soon, async () => {
    const { listener, frames } = await tlsBench();
    const pairs = await Promise.all([1, 2, 3].map((n) => hospital.issue({ cn: `weir-${n}.example` })));
    let running = true;
    let sent = 0;
    const answers: string[] = [];
    const sender = async (): Promise<void> => {
      while (running) {
        const { socket, received, closed } = await tlsPeer(listener);
        for (let turn = 0; turn < 10; turn += 1) {
          sent += 1;
          socket.write(frame(`m${sent}`));
          await until(() => received().length === turn + 1);
        }
        answers.push(...received());
        socket.end();
        await closed;
      }
    };
    const senders = [sender(), sender(), sender()];
    for (let turn = 0; turn < 12; turn += 1) {
      const before = frames.length;
      listener.renew(serverOptions(declared(), credentials(pairs[turn % 3] ?? ours)));
      await until(() => frames.length > before);
    }
    running = false;
    await Promise.all(senders);
    expect(answers.toSorted()).toEqual(frames.map((one) => `ack:${textOf(one.bytes)}`).toSorted());
    expect(answers).toHaveLength(sent);
  });
});

describe('stop', () => {
  test('with an answer under way: it leaves, encrypted, before the connection closes; handshakes under way end', async () => {
    const gate = gates();
    const { listener, frames, outcomes, troubles } = await tlsBench({}, gate.wait);
    const { socket, received, closed } = await tlsPeer(listener);
    const half = await peer(listener);
    half.socket.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1));
    socket.write(frame('a'));
    await until(() => frames.length === 1);
    const stopped = listener.stop(5000);
    await half.closed;
    socket.write(frame('too late'));
    gate.open('a');
    await stopped;
    await closed;
    expect(received()).toEqual(['ack:a']);
    expect(outcomes).toEqual(['a sent']);
    expect([frames.length, troubles]).toEqual([1, []]);
  });
});

async function works(listener: Parameters<typeof tlsPeer>[0], mutual = false): Promise<void> {
  const { socket, received } = await tlsPeer(listener, mutual ? epic : {});
  socket.write(frame('works'));
  await until(() => received().length === 1);
  expect(received()).toEqual(['ack:works']);
  socket.destroy();
}

function old(version: 'TLSv1' | 'TLSv1.1'): object {
  return { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
}
