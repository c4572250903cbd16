/** An MLLP receiver that a test plays: it keeps what it is sent, and answers as it is told. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { encodeFrame, MllpDecoder } from '../../src/hl7/mllp.ts';
import { freePort } from './temp.ts';

export interface Got {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly controlId: string;
  readonly socket: Socket;
}

export interface PlayedReceiver {
  readonly port: number;
  /** Every frame that came, in order. */
  readonly got: readonly Got[];
  /** Bytes that were no message, such as commit blocks. */
  readonly other: readonly Uint8Array[];
  /** Connections that were opened so far, and how many are open. */
  opened(): number;
  open(): number;
  /** Decides what happens when the next frames come. At first each is answered AA. */
  behave(behaviour: (got: Got) => void): void;
  /** Nobody listens any more, and every connection is reset; `start` again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Writes a framed text. */
export function say(socket: Socket, text: string): void {
  socket.write(encodeFrame(Buffer.from(text, 'latin1')));
}

/** The text of an ACK. `more`: further segments. */
export function ackText(code: string, controlId: string, more = ''): string {
  return `MSH|^~\\&|LIS||WEIR||20260101||ACK|A-${controlId}|P|2.5.1\rMSA|${code}|${controlId}\r${more}`;
}

/** Answers with a code. */
export const answer =
  (code: string, more = '') =>
  ({ socket, controlId }: Got): void =>
    say(socket, ackText(code, controlId, more));

/** Starts one that answers everything AA. */
export async function playReceiver(tls: TlsOptions | null = null): Promise<PlayedReceiver> {
  const port = await freePort();
  const got: Got[] = [];
  const other: Uint8Array[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  let behaviour: (one: Got) => void = answer('AA');
  const serve = (socket: Socket): void => {
    opened += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const decoder = new MllpDecoder(1 << 24);
    socket.on('data', (chunk) => {
      for (const event of decoder.push(chunk)) {
        if (event.kind !== 'frame' || event.bytes.length < 8) {
          other.push(new Uint8Array(event.bytes));
          continue;
        }
        const text = Buffer.from(event.bytes).toString('latin1');
        const one: Got = { text, bytes: event.bytes, controlId: text.split('\r')[0]?.split(text.charAt(3))[9] ?? '', socket };
        got.push(one);
        behaviour(one);
      }
    });
  };
  const server: Server = tls === null ? createServer(serve) : createTlsServer(tls, serve);
  const start = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await start();
  return {
    port,
    got,
    other,
    opened: () => opened,
    open: () => sockets.size,
    behave: (decide) => (behaviour = decide),
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A socket under TLS cannot be reset.
        for (const socket of sockets) tls === null ? socket.resetAndDestroy() : socket.destroy();
      }),
  };
}
