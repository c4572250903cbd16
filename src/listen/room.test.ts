import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Connection } from './connection.ts';
import { ownRoom, Room } from './room.ts';
import type { Answer, ListenerOptions, ListenTrouble } from './types.ts';

test('what a connection holds beyond its own is shared, and given back', () => {
  const room = new Room(1_000);
  const [one, other] = [room.share(), room.share()];
  expect(one.set(ownRoom)).toBe(true);
  expect(room.held).toBe(0);
  expect(one.set(ownRoom + 900)).toBe(true);
  expect(other.set(ownRoom)).toBe(true);
  expect(other.set(ownRoom + 101)).toBe(false);
  // Whoever asks for nothing more is not refused for what another has.
  expect(one.set(ownRoom + 900)).toBe(true);
  expect(one.set(ownRoom + 899)).toBe(true);
  expect(other.set(0)).toBe(true);
  expect(room.held).toBe(899);
  one.set(0);
  expect(room.held).toBe(0);
});

/** A connection over a socket that is none. Frames wait until they are told what became of them. */
class Played {
  readonly socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  readonly connection: Connection;
  readonly troubles: ListenTrouble[] = [];
  readonly #waiting: ((stored: boolean) => void)[] = [];

  constructor(room: Room) {
    this.socket.on('error', () => {});
    const options: ListenerOptions = {
      ...{ channel: 'test', host: '', port: 0, maxFrame: 200_000, frameTimeout: 0x7fffffff, idleTimeout: 0, maxUnanswered: 2 },
      receive: () =>
        new Promise<Answer>((resolve, reject) => {
          const answer = { bytes: Buffer.from('ACK') };
          this.#waiting.push((stored) => (stored ? resolve(answer) : reject(new Error('not stored'))));
        }),
      trouble: (event) => this.troubles.push(event),
    };
    const sender = { peer: '', certificate: null, share: room.share() };
    this.connection = new Connection(this.socket as unknown as Socket, options, sender);
  }

  do(act: Act): void {
    if (act.kind === 'settle') this.#waiting.shift()?.(act.stored);
    else if (act.kind === 'drain') this.connection.drain();
    else if (act.kind === 'cut') this.connection.cut();
    else if (this.socket.destroyed || this.#ended) return;
    else if (act.kind === 'end') this.#end();
    else this.socket.push(Buffer.from(act.parts.map((part) => (typeof part === 'number' ? 'x'.repeat(part) : part)).join('')));
  }

  /** Frames come to their end, and every one is answered. */
  async finish(): Promise<void> {
    if (!this.socket.destroyed && !this.#ended) this.socket.push('\x0b\x1c\r');
    for (let still = 0; still < 5; still += 1) {
      if (this.#waiting.length > 0) still = 0;
      for (const settle of this.#waiting.splice(0)) settle(true);
      await turn();
    }
  }

  #ended = false;
  #end(): void {
    this.#ended = true;
    this.socket.push(null);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Act =
  | { readonly kind: 'push'; readonly parts: readonly (string | number)[] }
  | { readonly kind: 'settle'; readonly stored: boolean }
  | { readonly kind: 'end' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'cut' };

const piece = fc.oneof(
  fc.constantFrom('\x0b', '\x0b', '\x1c\r', '\x1c', '\x0bshort\x1c\r'),
  // Around what is free, and what is too large for a frame.
  fc.constantFrom(1, 60_000, 70_000, 150_000, 250_000),
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('push' as const), parts: fc.array(piece, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const), stored: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constantFrom<Act[]>({ kind: 'end' }, { kind: 'drain' }, { kind: 'cut' }) },
);

const begun: Act = { kind: 'push', parts: ['\x0b', 150_000] };

test('whatever comes, and however it ends, gives back exactly what it took', async () => {
  const seen = new Set<string>();
  let highest = 0;
  const acts = fc.array(fc.tuple(fc.nat(3), act), { maxLength: 40, size: 'max' });
  await fc.assert(
    fc.asyncProperty(acts, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), async (all, cut) => {
      // Nothing is free here, so that no byte of it goes unseen.
      const room = new Room(250_000, 0);
      const connections = Array.from({ length: 4 }, () => new Played(room));
      for (const [which, one] of all) {
        connections[which]?.do(one);
        await turn();
        expect(room.held).toBeGreaterThanOrEqual(0);
        highest = Math.max(highest, room.held);
      }
      // Some are cut off as they stand; the others have all they began taken and answered, and stay open where they were.
      for (const [at, one] of connections.entries()) if (cut[at]) one.connection.cut();
      for (const one of connections) await one.finish();
      expect(room.held).toBeLessThanOrEqual(connections.filter(({ socket }) => !socket.destroyed).length * ownRoom);
      for (const one of connections) {
        for (const { kind } of one.troubles) seen.add(kind);
        one.connection.cut();
      }
      await turn();
      expect(room.held).toBe(0);
    }),
    { numRuns: 200, examples: [[[0, 1, 2, 3].map((which): [number, Act] => [which, begun]), [false, false, true, true]]] },
  );
  // The property is worth something only where all of this came to pass.
  expect([...seen]).toEqual(expect.arrayContaining(['no-room', 'too-large', 'cut-off', 'no-end', 'junk']));
  expect(highest).toBeGreaterThan(250_000 / 2);
});
