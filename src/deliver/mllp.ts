/** Delivers HL7 v2 messages over MLLP, and reads what the receiver's ACK says of each (HL7 2.9, 2.9 and table 0008). */
import { type ErrorCode, errorEntry } from '../errors.ts';
import { Message } from '../hl7/message.ts';
import type { Answer, AnsweredAck, Connector } from './connector.ts';
import { awaitsOf, errorCodesOf } from './mllp-answer.ts';
import { type Exchange, type Failure, MllpClient, type MllpTarget, type Outgoing } from './mllp-client.ts';
import { Pool } from './pool.ts';

export interface MllpDestination extends Omit<MllpTarget, 'longestWait'> {
  /** Connections at most, and so messages in flight. */
  readonly connections: number;
  /** Which ACK means delivered, where the message asks for both. */
  readonly waitFor: 'commit' | 'accept' | 'application';
  /** What AE and CE mean: the message is sent again, or parked. */
  readonly onError: 'retry' | 'park';
  /** The character set of the messages where MSH-18 lies. */
  readonly charset: string | null;
}

/** A receiver that is down is tried this often at least. Milliseconds. */
const longestWait = 5_000;

/** Opens a connector; nothing is connected until the first message. */
export function openMllpConnector(destination: MllpDestination): Connector {
  const { connections, charset, waitFor } = destination;
  const pool = new Pool(connections, () => new MllpClient({ ...destination, longestWait }));
  return {
    async send(body) {
      let started = performance.now();
      const message = outgoing(body, charset, waitFor);
      if (message === null) return { ...failed('hl7-not-a-message', null), milliseconds: 0 };
      const exchange = await pool.with((client) => {
        started = performance.now();
        return client.send(message);
      });
      return { ...readExchange(exchange, destination.onError), milliseconds: Math.round(performance.now() - started) };
    },
    close: () => pool.close((client) => client.close()),
  };
}

function outgoing(bytes: Uint8Array, charset: string | null, waitFor: MllpDestination['waitFor']): Outgoing | null {
  try {
    const message = Message.parse(bytes, { charset });
    return { bytes, controlId: message.controlId, awaits: awaitsOf(message, waitFor) };
  } catch {
    return null;
  }
}

export type Said = Omit<Answer, 'milliseconds' | 'status'> & { readonly status: null };

/** What became of a message that was sent, in the words of the error table. Never content. */
export function readExchange(exchange: Exchange, onError: MllpDestination['onError']): Said {
  const strays = exchange.strays === 0 ? '' : `${exchange.strays} answers of other control ids`;
  switch (exchange.kind) {
    case 'answered':
      return acknowledged({ code: exchange.code, errors: errorCodesOf(exchange.answer) }, onError);
    case 'committed':
      return exchange.positive ? delivered({ code: '0x06', errors: [] }) : failed('deliver-error', { code: '0x15', errors: [] });
    case 'sent':
      return delivered(null);
    case 'garbage':
      return failed('deliver-bad-answer', null, garbage[exchange.reason]);
    case 'failed':
      return failed(
        exchange.failure === 'timeout' || exchange.failure === 'connect-timeout' ? 'deliver-timeout' : 'deliver-unreachable',
        null,
        [failures[exchange.failure], exchange.code, strays].filter((part) => part !== '').join(', '),
      );
  }
}

function acknowledged(ack: AnsweredAck, onError: MllpDestination['onError']): Said {
  switch (ack.code) {
    case 'AA':
    case 'CA':
      return delivered(ack);
    case 'AE':
    case 'CE':
      return onError === 'retry' ? failed('deliver-error', ack) : failed('deliver-refused', ack);
    case 'AR':
    case 'CR':
      return failed('deliver-refused', ack);
    default: {
      // Only what can be a code is shown: MSA-1 may hold anything.
      const code = /^[A-Z0-9]{1,4}$/.test(ack.code) ? ack.code : '?';
      return failed('deliver-bad-answer', { ...ack, code }, 'MSA-1 is none of AA, AE, AR, CA, CE, CR');
    }
  }
}

function delivered(ack: AnsweredAck | null): Said {
  return { kind: 'delivered', status: null, ack, code: null, text: '' };
}

function failed(code: ErrorCode, ack: AnsweredAck | null, detail = ''): Said {
  const entry = errorEntry(code);
  const errors = ack === null || ack.errors.length === 0 ? '' : `ERR ${ack.errors.join(' ')}`;
  const parts = [ack?.code ?? '', errors, detail].filter((part) => part !== '');
  const text = parts.length === 0 ? entry.text : `${entry.text} (${parts.join(', ')})`;
  return { kind: entry.retried ? 'transient' : 'permanent', status: null, ack, code, text };
}

const garbage = {
  'not-hl7': 'the answer is no HL7 message',
  'no-msa': 'the answer has no MSA',
  'too-large': 'the answer is too large for an ACK',
} as const;

const failures: Readonly<Record<Failure, string>> = {
  refused: 'nothing listens there',
  'unknown-host': 'there is no such host',
  unreachable: 'no way there',
  'connect-timeout': 'no connection',
  tls: 'the two sides do not agree on TLS',
  closed: 'the connection was closed without an ACK',
  reset: 'the connection was reset without an ACK',
  timeout: 'no ACK',
  stopped: 'the engine stopped',
};
