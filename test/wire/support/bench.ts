/** A listener under test and the senders that torment it. */
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { encodeFrame, MllpDecoder } from '../../../src/hl7/mllp.ts';
import {
  type Answer,
  type Listener,
  type ListenerOptions,
  type ListenTrouble,
  type ReceivedFrame,
  startListener,
} from '../../../src/listen/listener.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const frame = (text: string): Uint8Array => encodeFrame(bytes(text));
export const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

/** What happened at a listener under test. */
export interface Bench {
  readonly listener: Listener;
  readonly frames: ReceivedFrame[];
  readonly troubles: ListenTrouble[];
  readonly outcomes: string[];
}

const running: Listener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((listener) => listener.stop(0)));
});

/** A listener that answers each frame with `ack:` and its text, when `wait` lets it. */
export async function bench(
  options: Partial<ListenerOptions> = {},
  wait: (text: string) => Promise<unknown> = async () => {},
): Promise<Bench> {
  const frames: ReceivedFrame[] = [];
  const troubles: ListenTrouble[] = [];
  const outcomes: string[] = [];
  const listener = await startListener({
    channel: 'test',
    host: '127.0.0.1',
    port: 0,
    maxFrame: 1_000_000,
    frameTimeout: 60_000,
    idleTimeout: 0,
    async receive(received): Promise<Answer> {
      frames.push(received);
      const text = textOf(received.bytes);
      await wait(text);
      return { bytes: bytes(`ack:${text}`), sent: (outcome) => outcomes.push(`${text} ${outcome}`) };
    },
    trouble: (event) => troubles.push(event),
    ...options,
  });
  running.push(listener);
  return { listener, frames, troubles, outcomes };
}

export interface Peer {
  readonly socket: Socket;
  received(): string[];
  readonly closed: Promise<void>;
}

export async function peer(listener: Listener): Promise<Peer> {
  const socket = connect({ port: listener.port, host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  const decoder = new MllpDecoder(1_000_000);
  const answers: string[] = [];
  socket.on('data', (data) => {
    for (const event of decoder.push(data))
      answers.push(event.kind === 'frame' ? textOf(event.bytes) : `trouble: ${event.trouble}`);
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, closed, received: () => answers };
}

export async function until(what: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it never came to that');
}

export const settled = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A gate that each frame waits at. */
export function gates(): { wait(text: string): Promise<void>; open(text: string): void; waiting: Map<string, () => void> } {
  const waiting = new Map<string, () => void>();
  return { waiting, wait: (text) => new Promise((resolve) => waiting.set(text, resolve)), open: (text) => waiting.get(text)?.() };
}
