/** The ways on which application ACKs leave: a connection of the sender, or an address of its own. */
import type { Acknowledge, ReplyAddress } from '../channel/types.ts';
import { readExchange } from '../deliver/mllp.ts';
import { MllpClient } from '../deliver/mllp-client.ts';
import type { DueReply, ReplyNote } from '../inbox/replies.ts';
import type { Line } from '../listen/listener.ts';
import type { Certificates } from './certificates.ts';
import { Lines } from './lines.ts';

/** What became of an attempt. */
export type Sent = Pick<ReplyNote, 'state' | 'due' | 'cause'>;

export interface Way {
  /** A message that is owed an application ACK came on this connection. True where its sender can be reached now and could not before. */
  came(message: { readonly id: string; readonly sender: string; readonly accepted: boolean }, line: Line): boolean;
  /** The senders that can be reached; null: all. */
  senders(): string[] | null;
  /** How many it takes in hand at once, and for how long nobody else is to have them. Milliseconds. */
  readonly take: { readonly limit: number; readonly hold: number };
  /** Never rejects. */
  send(reply: DueReply, bytes: Uint8Array): Promise<Sent>;
  close(): Promise<void>;
}

/** A reply that nobody confirmed is sent again after this long; one that could not leave, after that long. Milliseconds. */
const UNCONFIRMED = 30_000;
const UNSENT = 1_000;
const LONGEST = 300_000;

/** @param tls what the next encrypted connection to an address is made with */
export function openWay({ to, confirm }: Acknowledge, tls: Certificates['ofReceiver']): Way {
  return to === null ? lineWay(confirm) : addressWay(to, confirm, tls);
}

function lineWay(confirm: boolean): Way {
  const lines = new Lines();
  return {
    came({ id, sender, accepted }, line) {
      lines.remember(id, line);
      return lines.spoke(sender, line, accepted);
    },
    senders: () => lines.senders(),
    take: { limit: 64, hold: 10_000 },
    async send({ id, sender, attempts }, bytes) {
      const line = lines.find(id, sender);
      const outcome = await new Promise<'sent' | 'lost'>((resolve) => {
        if (!line?.offer({ bytes, sent: resolve })) resolve('lost');
      });
      if (outcome === 'lost') return { state: 'unsent', due: later(UNSENT), cause: null };
      lines.forget(id);
      return { state: 'sent', due: confirm ? later(backoff(UNCONFIRMED, attempts)) : null, cause: null };
    },
    close: async () => {},
  };
}

/** An MLLP listener of the sender's side: one ACK at a time, as any message. */
function addressWay(to: ReplyAddress, confirm: boolean, tls: Certificates['ofReceiver']): Way {
  const client = new MllpClient({
    ...to,
    tls: to.tls === null ? null : () => tls(to, to.host) ?? {},
    connectTimeout: 5_000,
    ackTimeout: 10_000,
    longestWait: 5_000,
    maxAnswer: 1_000_000,
    release: 1,
  });
  /** The attempts before: the next one waits for them. */
  let turn: Promise<unknown> = Promise.resolve();
  /** Until then the address counts as not to be reached, and those that wait for it are spared the wait. */
  let down: { readonly until: number; readonly cause: ReplyNote['cause'] } = { until: 0, cause: null };
  async function attempt({ controlId, attempts }: DueReply, bytes: Uint8Array): Promise<Sent> {
    const again = (cause: ReplyNote['cause']): Sent => ({ state: 'unsent', due: later(backoff(UNSENT, attempts)), cause });
    if (performance.now() < down.until) return again(down.cause);
    const exchange = await client.send({ bytes, controlId, awaits: confirm ? 'accept' : 'nothing' });
    const { code, text, ack } = readExchange(exchange, 'retry');
    if (code === null) return { state: ack === null ? 'sent' : 'confirmed', due: null, cause: null };
    const cause = { code, text };
    if (code === 'deliver-refused') return { state: 'rejected', due: null, cause };
    if (exchange.kind !== 'answered') down = { until: performance.now() + UNSENT, cause };
    return again(cause);
  }
  return {
    came: () => true,
    senders: () => null,
    take: { limit: 4, hold: 60_000 },
    send(reply, bytes) {
      const sent = turn.then(() => attempt(reply, bytes));
      turn = sent;
      return sent;
    },
    close: () => client.close(),
  };
}

function later(milliseconds: number): Date {
  return new Date(Date.now() + milliseconds);
}

/** Doubles with each attempt. Milliseconds. */
function backoff(first: number, attempts: number): number {
  return Math.min(first * 2 ** Math.min(attempts - 1, 10), LONGEST);
}
