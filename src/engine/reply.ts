/**
 * Application ACKs (HL7 2.9, 2.9.3.2): what became of a message, told to its sender as an exchange of its own when that is known. What is owed
 * stands in the store; here are the ways to the senders.
 */
import type { Meters } from '../api/metrics.ts';
import type { Channel } from '../channel/types.ts';
import { type ErrorCode, errorCodes } from '../errors.ts';
import { applicationWish, buildApplicationAck, codeOf, isOriginalMode, isWished, type Refusal, readAck } from '../hl7/ack.ts';
import { Message } from '../hl7/message.ts';
import type { Kept } from '../inbox/incoming.ts';
import {
  confirmReply,
  type DueReply,
  noteReplies,
  type ReplyNote,
  repliesSettled,
  replyAgain,
  sweepReplies,
  takeReplies,
} from '../inbox/replies.ts';
import type { Line } from '../listen/listener.ts';
import type { Log } from '../log.ts';
import type { Db } from '../store/db.ts';
import type { Certificates } from './certificates.ts';
import { openWay, type Way } from './reply-way.ts';

/** Replies that a sweep looks at. */
const SWEPT = 1_000;
/** How long outcomes are gathered before their replies are made ready. Milliseconds. */
const GATHER = 5;
/** How often it is looked for replies that another engine made ready, or that are to be sent again. Milliseconds. */
const POLL = 1_000;
/** So long after the last sign of a reply that is owed a channel's outcomes are not looked at any more. Milliseconds. */
const FORGET = 60_000;

export interface RepliesOptions {
  readonly db: Db;
  readonly channels: readonly Channel[];
  readonly meters: Pick<Meters, 'replied'>;
  readonly log: Log;
  /** What the next encrypted connection to the address of a channel's application ACKs is made with. */
  readonly tls: Certificates['ofReceiver'];
}

interface Outcome {
  readonly work: { readonly id: string; readonly day: string };
  readonly outcome: { readonly kind: string };
}

export interface Replies {
  /** A message that is owed one was stored, or came again. */
  owed(channel: string, kept: Kept, line: Line): void;
  /** Outcomes were committed. */
  settled(channel: string, done: readonly Outcome[]): void;
  /** Whether a message is the accept ACK to an application ACK of this channel; then it is noted. */
  confirmed(channel: string, message: Message): Promise<boolean>;
  /** Sends nothing more; resolves when what is in hand is noted. */
  close(): Promise<void>;
}

/** Starts the replies of all channels. */
export function openReplies(options: RepliesOptions): Replies {
  const { db, channels, log } = options;
  const desks = new Map(channels.map((channel) => [channel.name, new ReplyDesk(channel, options)]));
  const early = channels.filter((channel) => isEarly(channel)).map(({ name }) => name);
  let after = '0';
  let closed = false;
  const sweep = async (): Promise<void> => {
    const { last, channels: owing } = await sweepReplies(db, early, after, SWEPT);
    after = last ?? '0';
    for (const name of owing) desks.get(name)?.touch();
    for (const desk of desks.values()) desk.pump();
  };
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => (closed ? undefined : sweep())).catch((error: unknown) => log.trouble('replies', error));
  }, POLL);
  return {
    owed: (channel, kept, line) => desks.get(channel)?.owed(kept, line),
    settled: (channel, done) => desks.get(channel)?.settled(done, early),
    async confirmed(channel, message) {
      const answer = message.type === 'ACK' ? readAck(message) : null;
      if (answer === null || answer.controlId === '') return false;
      const again = answer.code === 'CE' || answer.code === 'AE';
      return confirmReply(db, channel, answer.controlId, { positive: answer.positive, again });
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await running;
      await Promise.all([...desks.values()].map((desk) => desk.close()));
    },
  };
}

function isEarly({ acknowledge }: Channel): boolean {
  return acknowledge.application === 'after-mapping' || acknowledge.original === 'after-mapping';
}

/** The replies of one channel. */
class ReplyDesk {
  readonly #channel: Channel;
  readonly #db: Db;
  readonly #meters: Pick<Meters, 'replied'>;
  readonly #log: Log;
  readonly #way: Way;
  #seen = Number.NEGATIVE_INFINITY;
  #settled: { id: string; day: string }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #pumping: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(channel: Channel, { db, meters, log, tls }: RepliesOptions) {
    this.#channel = channel;
    this.#db = db;
    this.#meters = meters;
    this.#log = log;
    this.#way = openWay(channel.acknowledge, tls);
  }

  /** There are replies that are owed: outcomes are looked at. */
  touch(): void {
    this.#seen = performance.now();
  }

  owed({ id, day, duplicate, rejected, incoming }: Kept, line: Line): void {
    this.touch();
    // What waited for its sender to come back can leave now.
    const accepted = incoming.refused === null && !rejected;
    if (this.#way.came({ id, sender: incoming.sender, accepted }, line)) this.pump();
    // Whoever sends a message again has not got its answer.
    if (duplicate) this.#quietly(replyAgain(this.#db, id, day).then(() => this.pump()));
  }

  settled(done: readonly Outcome[], early: readonly string[]): void {
    // A channel that owes nothing is asked nothing.
    if (performance.now() - this.#seen > FORGET) return;
    const known = isEarly(this.#channel)
      ? done
      : done.filter(({ outcome }) => outcome.kind !== 'mapped' && outcome.kind !== 'retry');
    if (known.length === 0) return;
    this.#settled.push(...known.map(({ work: { id, day } }) => ({ id, day })));
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const settled = this.#settled.splice(0);
      this.#quietly(
        repliesSettled(this.#db, settled, early).then((ready) => {
          if (ready) this.pump();
        }),
      );
    }, GATHER);
  }

  /** Sends what is due and can be sent. */
  pump(): void {
    this.#again = true;
    if (this.#closed) return;
    this.#pumping ??= this.#run()
      .catch((error: unknown) => this.#log.trouble('replies', error))
      .finally(() => {
        this.#pumping = null;
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#way.close();
    await this.#pumping;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      const senders = this.#way.senders();
      if (senders?.length === 0) return;
      const replies = await takeReplies(this.#db, this.#channel.name, { senders, ...this.#way.take });
      if (replies.length === 0) continue;
      const notes = await Promise.all(replies.map((reply) => this.#send(reply)));
      await noteReplies(this.#db, notes);
      // What could not leave now is tried at the next look.
      this.#again ||= notes.some(({ state }) => state !== 'unsent');
    }
  }

  async #send(reply: DueReply): Promise<ReplyNote> {
    const { charset } = this.#channel.listen;
    const message = Message.parse(reply.raw, charset === null ? {} : { charset });
    const fault = faultOf(reply);
    const code = reply.state === 'parked' ? 'AE' : codeOf(fault);
    const wish = isOriginalMode(message) ? 'AL' : applicationWish(message);
    if (wish === null || !isWished(wish, code))
      return { reply, state: 'not-needed', code: null, body: null, due: null, cause: null };
    const { confirm } = this.#channel.acknowledge;
    const stamp = { time: new Date(), controlId: reply.controlId };
    const body = reply.body ?? buildApplicationAck(message, fault, stamp, { received: reply.raw, confirm, code }).bytes;
    const sent = await this.#way.send(reply, body);
    if (sent.state !== 'unsent') this.#meters.replied(this.#channel.name, code);
    return { reply, code, body, ...sent };
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#log.trouble('replies', error));
  }
}

/** Why a message did not come to what its sender meant; null where it did. */
function faultOf({ state, causeCode }: DueReply): Refusal | null {
  if (state !== 'parked' && state !== 'refused') return null;
  return { code: errorCodes.find((code): code is ErrorCode => code === causeCode) ?? 'map-failed' };
}
