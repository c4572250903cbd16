/** A sending system with one connection: the engine's MLLP client, and a sentence for each outcome. */
import type { ConnectionOptions } from 'node:tls';
import { type Exchange, type Failure, MllpClient } from '../deliver/mllp-client.ts';
import { readAck } from '../hl7/ack.ts';

/** What became of a message. */
export interface Reply {
  /** MSA-1, or `--` where no ACK came. */
  readonly code: string;
  readonly controlId: string;
  readonly positive: boolean;
  /** The ACK's sentence, or why there is none. */
  readonly text: string;
}

export interface SenderTarget {
  readonly host: string;
  readonly port: number;
  /** Null: without TLS. */
  readonly tls?: ConnectionOptions | null;
}

/** One message at a time, each waiting for its ACK. After trouble the next message takes a new connection. */
export class MllpSender {
  readonly #target: SenderTarget;
  readonly #timeout: number;
  readonly #client: MllpClient;

  /** `timeout`: milliseconds to wait for the connection, and for each ACK. */
  constructor(target: SenderTarget, timeout: number) {
    this.#target = target;
    this.#timeout = timeout;
    const { host, port, tls = null } = target;
    this.#client = new MllpClient({
      host,
      port,
      tls: tls && (() => tls),
      connectTimeout: timeout,
      ackTimeout: timeout,
      longestWait: 0,
      maxAnswer: 1_000_000,
      release: 1,
    });
  }

  /** Sends a message and waits for the ACK that names its control id. Never rejects. */
  async send(bytes: Uint8Array, controlId: string): Promise<Reply> {
    return this.#reply(await this.#client.send({ bytes, controlId, awaits: 'accept' }), controlId);
  }

  /** Sends a message that no ACK is waited for. Null, or why it could not be sent. */
  async post(bytes: Uint8Array): Promise<string | null> {
    const exchange = await this.#client.send({ bytes, controlId: '', awaits: 'nothing' });
    return exchange.kind === 'failed' ? this.#sentence(exchange.failure, exchange.code) : null;
  }

  /** Ends the connection, behind what was written. */
  close(): Promise<void> {
    return this.#client.close();
  }

  #reply(exchange: Exchange, controlId: string): Reply {
    const none = (text: string): Reply => ({ code: '--', controlId, positive: false, text });
    switch (exchange.kind) {
      case 'answered': {
        const ack = readAck(exchange.answer);
        return { code: exchange.code, controlId, positive: ack?.positive ?? false, text: ack?.text ?? '' };
      }
      case 'garbage':
        return none(garbage[exchange.reason]);
      case 'failed':
        return none(this.#sentence(exchange.failure, exchange.code));
      case 'committed':
        return none('The receiver answers with the commit bytes of MLLP release 2, not with an ACK; see what it is set to');
      case 'sent':
        return none('Sent without an ACK');
    }
  }

  #sentence(failure: Failure, code: string): string {
    const { host, port } = this.#target;
    const place = `${host}:${port}`;
    switch (failure) {
      case 'refused':
        return `Nothing listens at ${place}; start the receiver, or name another with --to`;
      case 'unknown-host':
        return `There is no host ${host}; check the address`;
      case 'closed':
        return 'The receiver closed the connection without an ACK; see its log, then send again';
      case 'connect-timeout':
        return `No connection to ${place} came about within ${this.#timeout / 1000} s; see whether the receiver is up`;
      case 'timeout':
        return `No ACK came within ${this.#timeout / 1000} s; see whether the receiver is up`;
      case 'tls':
        return `${place} and we do not agree on TLS (${code}); check its certificate and ours`;
      case 'unreachable':
      case 'reset':
      case 'stopped':
        return `The connection to ${place} failed (${code || failure}); send again`;
    }
  }
}

const garbage = {
  'not-hl7': 'The answer is not an HL7 message; check what listens there',
  'no-msa': 'The answer is not an ACK (no MSA segment); check what listens there',
  'too-large': 'The answer is too large for an ACK; check what listens there',
};
