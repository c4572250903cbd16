import { describe, expect, test } from 'vitest';
import { bench, bytes, frame, gates, peer, settled, textOf, until } from './support/bench.ts';

describe('framing on the wire', () => {
  test('a message split at any byte boundary, behind another one, arrives whole', async () => {
    const { listener, frames } = await bench();
    const stream = new Uint8Array([...frame('MSH|one'), ...frame('MSH|two')]);
    for (let cut = 1; cut < stream.length; cut += 1) {
      const { socket, received } = await peer(listener);
      socket.write(stream.subarray(0, cut));
      await settled(1);
      socket.write(stream.subarray(cut));
      await until(() => received().length === 2);
      expect(received()).toEqual(['ack:MSH|one', 'ack:MSH|two']);
      socket.destroy();
    }
    expect(frames.map((one) => textOf(one.bytes))).toEqual(
      Array.from({ length: stream.length - 1 }, () => ['MSH|one', 'MSH|two']).flat(),
    );
  });

  test('a frame byte by byte arrives whole', async () => {
    const { listener } = await bench();
    const { socket, received } = await peer(listener);
    for (const byte of frame('MSH|slowly')) {
      socket.write(Uint8Array.of(byte));
      await settled(1);
    }
    await until(() => received().length === 1);
    expect(received()).toEqual(['ack:MSH|slowly']);
  });

  test('a bad frame between good ones takes neither along, and is reported with its bytes and peer', async () => {
    const { listener, troubles } = await bench();
    const { socket, received } = await peer(listener);
    socket.write(Uint8Array.from([...frame('one'), ...bytes('GET / HTTP/1.1\r\n'), ...bytes('\x0bhalf'), ...frame('two')]));
    await until(() => received().length === 2);
    expect(received()).toEqual(['ack:one', 'ack:two']);
    expect(troubles.map((one) => [one.kind, textOf(one.bytes)])).toEqual([
      ['junk', 'GET / HTTP/1.1\r\n'],
      ['no-end', 'half'],
    ]);
    expect(troubles[0]?.peer).toBe(`127.0.0.1:${socket.localPort}`);
  });

  test('a sender that leaves out the last 0x0D and waits is answered', async () => {
    const { listener } = await bench();
    const { socket, received } = await peer(listener);
    socket.write(frame('one').subarray(0, -1));
    await until(() => received().length === 1);
    socket.write(frame('two').subarray(0, -1));
    await until(() => received().length === 2);
  });

  test('a connection that ends within a frame leaves the half frame reported and unanswered', async () => {
    const { listener, troubles, frames } = await bench();
    const { socket, received, closed } = await peer(listener);
    socket.end(Uint8Array.from([...frame('one'), ...bytes('\x0bhalf')]));
    await closed;
    expect(received()).toEqual(['ack:one']);
    expect(frames).toHaveLength(1);
    expect(troubles.map((one) => [one.kind, textOf(one.bytes)])).toEqual([['cut-off', 'half']]);
  });
});

describe('answers', () => {
  test('receive is called for pipelined frames without waiting, and answers leave in the order of the frames', async () => {
    const gate = gates();
    const { listener, frames, outcomes } = await bench({}, gate.wait);
    const { socket, received } = await peer(listener);
    socket.write(Uint8Array.from(['a', 'b', 'c'].flatMap((name) => [...frame(name)])));
    await until(() => frames.length === 3);
    gate.open('c');
    gate.open('b');
    await settled(20);
    expect(received()).toEqual([]);
    gate.open('a');
    await until(() => received().length === 3);
    expect(received()).toEqual(['ack:a', 'ack:b', 'ack:c']);
    await until(() => outcomes.length === 3);
    expect(outcomes).toEqual(['a sent', 'b sent', 'c sent']);
  });

  test('a frame that could not be taken closes the connection without an answer; the answers before it leave, those behind it do not', async () => {
    const gate = gates();
    const { listener, frames, outcomes } = await bench({}, async (text) => {
      await gate.wait(text);
      if (text === 'b') throw new Error('the store is down');
    });
    const { socket, received, closed } = await peer(listener);
    socket.write(Uint8Array.from(['a', 'b', 'c'].flatMap((name) => [...frame(name)])));
    await until(() => frames.length === 3);
    gate.open('c');
    gate.open('b');
    await settled(10);
    gate.open('a');
    await closed;
    expect(received()).toEqual(['ack:a']);
    expect(outcomes.sort()).toEqual(['a sent', 'c lost']);
  });

  test('a receive that throws at once is a rejection too', async () => {
    const { listener } = await bench({
      receive: () => {
        throw new Error('broken');
      },
    });
    const { socket, received, closed } = await peer(listener);
    socket.write(frame('a'));
    await closed;
    expect(received()).toEqual([]);
  });

  test('no answer is written where none is owed, and the order of the others holds', async () => {
    const { listener } = await bench({
      receive: async ({ bytes: body }) => ({ bytes: textOf(body) === 'quiet' ? null : bytes(`ack:${textOf(body)}`) }),
    });
    const { socket, received } = await peer(listener);
    socket.write(Uint8Array.from(['quiet', 'loud', 'quiet', 'loud'].flatMap((name) => [...frame(name)])));
    await until(() => received().length === 2);
    expect(received()).toEqual(['ack:loud', 'ack:loud']);
  });

  test('an answer whose connection is gone is told as lost', async () => {
    const gate = gates();
    const { listener, frames, outcomes } = await bench({}, gate.wait);
    const { socket } = await peer(listener);
    socket.write(frame('a'));
    await until(() => frames.length === 1);
    socket.resetAndDestroy();
    await until(() => listener.connections === 0);
    gate.open('a');
    await until(() => outcomes.length === 1);
    expect(outcomes).toEqual(['a lost']);
  });

  test('a callback that throws hurts no other answer', async () => {
    const { listener } = await bench({
      receive: async ({ bytes: body }) => ({
        bytes: bytes(`ack:${textOf(body)}`),
        sent: () => {
          throw new Error('careless');
        },
      }),
    });
    const { socket, received } = await peer(listener);
    socket.write(Uint8Array.from([...frame('a'), ...frame('b')]));
    await until(() => received().length === 2);
  });

  test('a sender that closes its side still gets its answers', async () => {
    const gate = gates();
    const { listener, frames } = await bench({}, gate.wait);
    const { socket, received, closed } = await peer(listener);
    socket.end(Uint8Array.from([...frame('a'), ...frame('b')]));
    await until(() => frames.length === 2);
    await settled(20);
    gate.open('b');
    gate.open('a');
    await closed;
    expect(received()).toEqual(['ack:a', 'ack:b']);
  });
});
