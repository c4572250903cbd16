/** A sending system that hears everything: one connection, and each frame that comes on it. */
import { connect, type Socket } from 'node:net';
import { encodeFrame, MllpDecoder } from '../../src/hl7/mllp.ts';

export interface Dialled {
  readonly socket: Socket;
  /** Every frame that came, in order; CR shown as a line end. */
  readonly frames: readonly string[];
  send(message: string | Uint8Array): void;
  /** The next frame that was not asked for yet. Rejects after a while, with what came. */
  next(): Promise<string>;
  /** Resolves when the other side has ended or reset the connection. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects. */
export async function dial(port: number): Promise<Dialled> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const decoder = new MllpDecoder(1 << 24);
  const frames: string[] = [];
  let asked = 0;
  let wake: () => void = () => {};
  socket.on('data', (data) => {
    for (const event of decoder.push(data)) {
      const text = Buffer.from(event.bytes).toString('latin1').replaceAll('\r', '\n');
      frames.push(event.kind === 'frame' ? text : `trouble: ${event.trouble}`);
    }
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    socket,
    frames,
    closed,
    send: (message) => socket.write(encodeFrame(typeof message === 'string' ? Buffer.from(message, 'latin1') : message)),
    async next() {
      const deadline = Date.now() + 20_000;
      while (frames.length <= asked) {
        if (Date.now() > deadline) throw new Error(`no frame came; so far:\n${frames.join('\n--\n')}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 200);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      return frames[asked++] as string;
    },
    close: () => socket.destroy(),
  };
}
