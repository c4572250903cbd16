/** A sending system for tests: one connection, one message at a time, sent again until it is answered. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame, MllpDecoder } from '../../src/hl7/mllp.ts';

export interface Sender {
  /** Sends until an ACK comes, over as many connections as it takes; gives the ACK's code (MSA-1) and how often it was sent. */
  send(message: string): Promise<{ code: string; sent: number }>;
  close(): void;
}

/** `address` is asked at each connection: an engine may come back elsewhere. */
export function openSender(address: () => { host: string; port: number }, patience = 5_000): Sender {
  let socket: Socket | null = null;
  let closed = false;

  async function once(message: string): Promise<string | null> {
    socket ??= await open(address());
    const current = socket;
    if (!current) return null;
    return new Promise((resolve) => {
      const decoder = new MllpDecoder(1 << 20);
      const done = (code: string | null): void => {
        clearTimeout(timer);
        current.removeAllListeners('data');
        current.off('close', lost);
        if (code === null) {
          current.destroy();
          socket = null;
        }
        resolve(code);
      };
      const lost = (): void => done(null);
      const timer = setTimeout(lost, patience);
      current.on('close', lost);
      current.on('data', (chunk: Buffer) => {
        for (const event of decoder.push(chunk)) {
          if (event.kind === 'frame')
            done(/^MSA\|(\w+)/m.exec(Buffer.from(event.bytes).toString('latin1').replaceAll('\r', '\n'))?.[1] ?? 'none');
        }
      });
      current.write(encodeFrame(Buffer.from(message, 'latin1')));
    });
  }

  return {
    async send(message) {
      for (let sent = 1; ; sent++) {
        const code = await once(message);
        // AE asks for the message to be sent again.
        if (code !== null && code !== 'AE') return { code, sent };
        if (closed) throw new Error('the sender was closed');
        await sleep(50);
      }
    },
    close() {
      closed = true;
      socket?.destroy();
    },
  };
}

function open({ host, port }: { host: string; port: number }): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.off('error', refused);
      socket.on('error', () => {});
      resolve(socket);
    });
    const refused = (): void => resolve(null);
    socket.once('error', refused);
  });
}
