/** One open MLLP connection: a message at a time, and what comes back. */
import type { Socket } from 'node:net';
import { encodeFrame, MllpDecoder, type MllpEvent } from '../hl7/mllp.ts';
import { commitAck, readAnswer } from './mllp-answer.ts';
import { failureOf } from './mllp-socket.ts';
import type { Exchange, Failure, MllpTarget, Outgoing } from './mllp-types.ts';

/** How long a frame waits for the 0x0D of its end block, which some receivers leave out. Milliseconds. */
const endPause = 300;
/** How long the other side may take to close, once we have. Milliseconds. */
const linger = 500;

/** What waits for an answer. */
interface Waiting {
  take(bytes: Uint8Array): void;
  tooLarge(): void;
  lost(failure: Failure, code: string): void;
}

export class MllpLink {
  readonly #socket: Socket;
  readonly #target: MllpTarget;
  readonly #decoder: MllpDecoder;
  #waiting: Waiting | null = null;
  #pause: NodeJS.Timeout | null = null;
  #dead = false;

  constructor(socket: Socket, target: MllpTarget) {
    this.#socket = socket;
    this.#target = target;
    this.#decoder = new MllpDecoder(target.maxAnswer);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('end', () => this.#lost('closed', ''));
    socket.on('error', (error) => this.#lost(failureOf(error), (error as NodeJS.ErrnoException).code ?? ''));
    socket.on('close', () => this.#lost('closed', ''));
  }

  /** Whether a message may still be sent over it, as far as is known. */
  get alive(): boolean {
    return !this.#dead && !this.#socket.destroyed && this.#socket.writable;
  }

  /**
   * Sends a message and waits for what it awaits. Never rejects. Behind anything but a proper answer the connection is closed, so that what
   * comes late is never taken for the answer of the next message.
   */
  exchange({ bytes, controlId, awaits }: Outgoing, signal: AbortSignal): Promise<Exchange> {
    return new Promise((resolve) => {
      let strays = 0;
      let timer: NodeJS.Timeout | null = null;
      const finish = (exchange: Exchange, keep: boolean): void => {
        if (timer !== null) clearTimeout(timer);
        signal.removeEventListener('abort', stopped);
        this.#waiting = null;
        if (!keep) this.cut();
        resolve(exchange);
      };
      const lost = (failure: Failure, code: string): void => finish({ kind: 'failed', failure, code, strays }, false);
      const stopped = (): void => lost('stopped', '');
      // Each step has its time: the writing, the accept ACK, the application ACK.
      const watch = (): void => {
        if (timer !== null) clearTimeout(timer);
        timer = setTimeout(
          () => (awaits === 'errors' ? finish({ kind: 'sent', strays }, false) : lost('timeout', '')),
          this.#target.ackTimeout,
        );
      };
      const take = (block: Uint8Array): void => {
        const read = readAnswer(block, { controlId, awaits });
        if (read.kind === 'final') finish({ ...read.exchange, strays }, read.exchange.kind !== 'garbage');
        else if (read.kind === 'step') watch();
        else strays += 1;
      };
      this.#waiting = { take, tooLarge: () => finish({ kind: 'garbage', reason: 'too-large', strays }, false), lost };
      watch();
      signal.addEventListener('abort', stopped);
      this.#socket.write(encodeFrame(bytes), (error) => {
        if (error || this.#waiting === null) return;
        if (awaits === 'nothing') finish({ kind: 'sent', strays }, true);
        else watch();
      });
      if (signal.aborted) stopped();
    });
  }

  /** Says goodbye behind what was written. */
  end(): void {
    this.#dead = true;
    this.#socket.end();
    this.#socket.resume();
    const cut = setTimeout(() => this.#socket.destroy(), linger);
    this.#socket.once('close', () => clearTimeout(cut));
  }

  /** Closes at once: nothing that comes later is heard. */
  cut(): void {
    this.#dead = true;
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    this.#take(this.#decoder.push(chunk));
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = this.#decoder.ending ? setTimeout(() => this.#take(this.#decoder.pause()), endPause) : null;
  }

  /** Blocks that nobody waits for are let go: late application ACKs, and answers to what we gave up on another connection. */
  #take(events: readonly MllpEvent[]): void {
    for (const event of events) {
      if (event.kind === 'frame') {
        this.#commit(event.bytes);
        this.#waiting?.take(event.bytes);
      } else if (event.trouble === 'too-large') {
        this.#dead = true;
        if (this.#waiting) this.#waiting.tooLarge();
        else this.cut();
      }
    }
  }

  /** Release 2: who sends us a message, an ACK too, waits for our commit block. It is no ACK of HL7, and nothing answers it. */
  #commit(bytes: Uint8Array): void {
    if (this.#target.release === 2 && bytes.length > 1 && this.alive) this.#socket.write(encodeFrame(Uint8Array.of(commitAck)));
  }

  #lost(failure: Failure, code: string): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
    // A receiver that ends its last frame without 0x0D, or with the connection.
    if (!this.#dead) this.#take(this.#decoder.end().filter(({ kind }) => kind === 'frame'));
    this.#dead = true;
    this.#waiting?.lost(failure, code);
  }
}
