import { connect, type Socket } from 'node:net';
import { readAck } from '../hl7/ack.ts';
import { Message } from '../hl7/message.ts';
import { encodeFrame, MllpDecoder } from '../hl7/mllp.ts';

/** What became of a message. */
export interface Reply {
  /** MSA-1, or `--` where no ACK came. */
  readonly code: string;
  readonly controlId: string;
  readonly positive: boolean;
  /** The ACK's sentence, or why there is none. */
  readonly text: string;
}

const largestAck = 1_000_000;

/** A sending system with one connection: one message at a time, each waiting for its ACK. After trouble the next message takes a new connection. */
export class MllpSender {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #timeout: number;
  #socket: Socket | null = null;

  /** `timeout`: milliseconds to wait for each ACK, the connection's making included. */
  constructor(target: { readonly host: string; readonly port: number }, timeout: number) {
    this.#target = target;
    this.#timeout = timeout;
  }

  /** Sends a message and waits for the ACK that names its control id. Never rejects. */
  send(bytes: Uint8Array, controlId: string): Promise<Reply> {
    const socket = this.#open();
    const decoder = new MllpDecoder(largestAck);
    return new Promise((resolve) => {
      const finish = (reply: Reply, keep: boolean): void => {
        clearTimeout(timer);
        socket.off('data', read).off('error', failed).off('close', closed);
        if (!keep) this.close();
        resolve(reply);
      };
      const nothing = (text: string): void => finish({ code: '--', controlId, positive: false, text }, false);
      const read = (chunk: Uint8Array): void => {
        for (const event of decoder.push(chunk)) {
          if (event.kind !== 'frame') continue;
          const reply = replyTo(event.bytes, controlId);
          if (reply === null) continue;
          finish(reply, true);
          return;
        }
      };
      const failed = (error: NodeJS.ErrnoException): void => nothing(this.#sentence(error));
      const closed = (): void => nothing('The receiver closed the connection without an ACK; see its log, then send again');
      const timer = setTimeout(
        () => nothing(`No ACK came within ${this.#timeout / 1000} s; see whether the receiver is up`),
        this.#timeout,
      );
      socket.on('data', read).on('error', failed).on('close', closed);
      socket.write(encodeFrame(bytes));
    });
  }

  /** Sends a message that no ACK is waited for. Null, or why it could not be sent. */
  post(bytes: Uint8Array): Promise<string | null> {
    const socket = this.#open();
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(this.#sentence(error));
      socket.once('error', failed);
      socket.write(encodeFrame(bytes), (error) => {
        socket.off('error', failed);
        if (!error) resolve(null);
      });
    });
  }

  /** Ends the connection, behind what was written. */
  close(): void {
    this.#socket?.destroySoon();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket?.destroyed || this.#socket?.readableEnded) this.close();
    if (this.#socket === null) {
      this.#socket = connect({ ...this.#target, noDelay: true });
      // Between two messages nobody else listens; an error without a listener would end the process.
      this.#socket.on('error', () => {});
    }
    return this.#socket;
  }

  #sentence(error: NodeJS.ErrnoException): string {
    const place = `${this.#target.host}:${this.#target.port}`;
    if (error.code === 'ECONNREFUSED') return `Nothing listens at ${place}; start the receiver, or name another with --to`;
    if (error.code === 'ENOTFOUND') return `There is no host ${this.#target.host}; check the address`;
    return `The connection to ${place} failed (${error.code ?? 'unknown'}); send again`;
  }
}

/** The reply, or null where the frame is no ACK of this message: of an earlier one that came late, for instance. */
function replyTo(bytes: Uint8Array, controlId: string): Reply | null {
  let answer: ReturnType<typeof readAck>;
  try {
    answer = readAck(Message.parse(bytes));
  } catch {
    return { code: '--', controlId, positive: false, text: 'The answer is not an HL7 message; check what listens there' };
  }
  if (answer === null)
    return {
      code: '--',
      controlId,
      positive: false,
      text: 'The answer is not an ACK (no MSA segment); check what listens there',
    };
  // A refusal may come without the control id that it could not read.
  if (answer.controlId !== controlId && (answer.positive || answer.controlId !== '')) return null;
  return { code: answer.code, controlId, positive: answer.positive, text: answer.text };
}
