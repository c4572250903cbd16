/**
 * The sending side of MLLP: one connection that is opened when it is needed, kept, and opened again when it is lost; one message in flight. The
 * engine's connector and `weir send` are made of it.
 */
import { MllpLink } from './mllp-link.ts';
import { openSocket } from './mllp-socket.ts';
import type { Exchange, MllpTarget, Outgoing } from './mllp-types.ts';

export type { Awaits, Exchange, Failure, MllpTarget, Outgoing } from './mllp-types.ts';

/** The first wait before a connection that failed is tried again. Milliseconds. */
const firstWait = 100;
/** What a stop leaves to the message in flight. Milliseconds. */
const defaultGrace = 10_000;

export class MllpClient {
  readonly #target: MllpTarget;
  readonly #abort = new AbortController();
  #link: MllpLink | null = null;
  /** The messages before: the next one waits for them. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Connections in a row that brought no answer, and when the next may be tried. */
  #failed = 0;
  #notBefore = 0;
  #closing = false;
  /** Ends the wait for the next connection. */
  #hurry: () => void = () => {};

  constructor(target: MllpTarget) {
    this.#target = target;
  }

  /** Sends a message when those before it are through, and waits for what it awaits. Never rejects. */
  send(message: Outgoing): Promise<Exchange> {
    const exchange = this.#turn.then(() => this.#exchange(message));
    this.#turn = exchange;
    return exchange;
  }

  /** Takes no more; lets the message in flight have its answer for a while, then closes. */
  async close(grace = defaultGrace): Promise<void> {
    this.#closing = true;
    this.#hurry();
    const timer = setTimeout(() => this.#abort.abort(), grace);
    await this.#turn;
    clearTimeout(timer);
    this.#link?.end();
    this.#link = null;
  }

  async #exchange(message: Outgoing): Promise<Exchange> {
    const kept = this.#link;
    if (kept?.alive && !this.#closing) {
      const exchange = await this.#over(kept, message);
      // A receiver that closes idle connections may do so while our message is on its way. It has not answered: the message goes out again.
      if (exchange.kind !== 'failed' || (exchange.failure !== 'closed' && exchange.failure !== 'reset'))
        return this.#count(exchange);
    }
    await this.#patience();
    if (this.#closing) return { kind: 'failed', failure: 'stopped', code: '', strays: 0 };
    const opened = await openSocket(this.#target, this.#abort.signal);
    if (opened.socket === null) return this.#count({ kind: 'failed', failure: opened.failure, code: opened.code, strays: 0 });
    return this.#count(await this.#over(new MllpLink(opened.socket, this.#target), message));
  }

  async #over(link: MllpLink, message: Outgoing): Promise<Exchange> {
    const exchange = await link.exchange(message, this.#abort.signal);
    this.#link = link.alive ? link : null;
    return exchange;
  }

  #count(exchange: Exchange): Exchange {
    if (exchange.kind === 'failed' || exchange.kind === 'garbage') {
      this.#notBefore = performance.now() + Math.min(firstWait * 2 ** Math.min(this.#failed, 16), this.#target.longestWait);
      this.#failed += 1;
    } else this.#failed = 0;
    return exchange;
  }

  /** Waits until the next connection may be tried: a receiver that is down is not stormed by the messages that wait for it. */
  #patience(): Promise<void> {
    const wait = this.#notBefore - performance.now();
    if (this.#failed === 0 || this.#closing || wait <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
