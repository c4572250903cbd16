/** What a frame holds, as far as its storing and its answers need it. Pure but for the ids that it draws. */
import { randomFillSync } from 'node:crypto';
import type { Channel } from '../channel/types.ts';
import { type ErrorCode, errorEntry, WeirError } from '../errors.ts';
import { type Ack, type AckStamp, applicationWish, buildAck, buildRefusal, isOriginalMode, type Refusal } from '../hl7/ack.ts';
import { type TakenAck, takenAcks } from '../hl7/ack-form.ts';
import type { ConformanceCheck, ConformanceFinding } from '../hl7/conformance/check.ts';
import { Message } from '../hl7/message.ts';
import { type SequenceVerdict, sequenceNumber } from '../hl7/sequence.ts';
import type { Incoming, More } from '../inbox/incoming.ts';
import type { Cause } from '../inbox/types.ts';
import { type Accept, compileAccept } from '../listen/accept.ts';
import type { ReceivedFrame } from '../listen/listener.ts';
import { compileOrder, type OrderKeys } from '../route/order.ts';
import { compileConform, refusalOf as conformRefusal, kept, refusedCause } from './conform.ts';

/** A message that is to be stored. */
export interface ReadFrame {
  readonly incoming: Incoming;
  /** Null where the bytes are no message. */
  readonly message: Message | null;
}

/** What one message of a channel is read with. */
export interface Reader {
  readonly channel: Channel;
  readonly orderKeys: OrderKeys;
  readonly accept: Accept;
  /** The same of a message of the link, whose segments and types mean nothing (HL7 2.9, 2.10.1 f). */
  readonly acceptLink: Accept;
  readonly takenAck: TakenAck;
  /** What messages are checked by before they are taken; null where they are not. */
  readonly conform: ConformanceCheck | null;
}

/** Prepares the reading of a channel's messages. */
export function readerOf(channel: Channel): Reader {
  const taken = { ...channel.listen, certificates: channel.listen.tls?.senders ?? [] };
  return {
    channel,
    orderKeys: compileOrder(channel),
    accept: compileAccept(taken),
    acceptLink: compileAccept({ ...taken, types: [] }),
    takenAck: takenAcks(),
    conform: channel.conform?.then === 'reject' ? compileConform(channel) : null,
  };
}

const random = Buffer.alloc(2_560);
let drawn = random.length;

/** An ACK's own control id (MSH-10): twenty random hexadecimal digits, as a field of 20 characters can hold. */
export function newControlId(): string {
  if (drawn === random.length) {
    randomFillSync(random);
    drawn = 0;
  }
  drawn += 10;
  return random.toString('hex', drawn - 10, drawn);
}

/** The message of these bytes; null where they are none. */
export function parseMessage(bytes: Uint8Array, { listen }: Channel): Message | ErrorCode {
  try {
    return Message.parse(bytes, listen.charset === null ? {} : { charset: listen.charset });
  } catch (error) {
    return error instanceof WeirError ? error.code : 'hl7-not-a-message';
  }
}

/** What is stored of a message. Nothing that a sender may send makes this throw: what is no message is refused, and kept. */
export function readFrame(
  frame: Omit<ReceivedFrame, 'line'>,
  reader: Reader,
  parsed: Message | ErrorCode,
  stamp: AckStamp,
): ReadFrame {
  const { channel, orderKeys, conform } = reader;
  const { bytes: raw, receivedAt, peer } = frame;
  const common = { channel: channel.name, receivedAt, peer, raw };
  if (typeof parsed === 'string') {
    const { bytes: ack, code } = buildRefusal({ code: parsed }, stamp);
    const nothing = { sender: '', type: '', controlId: '', lanes: [], duplicatesWithin: 0 };
    return { incoming: { ...common, ...nothing, refused: causeOf(parsed), ack, code }, message: null };
  }
  const findings = conform?.(parsed) ?? null;
  const number = channel.listen.sequence ? sequenceNumber(parsed) : null;
  const incoming = (verdict: SequenceVerdict | 'bad' | null): Incoming => {
    const notTaken = refusalOf(parsed, reader, frame.certificate, verdict);
    const notConform = notTaken === null && findings !== null && !isLink(verdict) ? conformRefusal(findings) : null;
    const refusal = notTaken ?? notConform;
    const expected = verdict === null || verdict === 'bad' ? null : verdict.expected;
    const asked: Asked = { message: parsed, refusal, channel, received: raw, stamp, expected };
    const ack = isDeferred(asked) ? null : ackOf(asked, reader);
    return {
      ...common,
      sender: parsed.sender,
      type: `${parsed.type}^${parsed.event}`,
      controlId: parsed.controlId,
      lanes: refusal === null ? orderKeys(parsed) : [],
      // The same question about the link is a new one each time.
      duplicatesWithin: isLink(verdict) ? 0 : (channel.duplicates?.within ?? 0),
      refused: refusal && (refusal === notConform ? refusedCause(refusal) : causeOf(refusal.code)),
      ack: ack?.bytes ?? null,
      code: ack?.code ?? null,
      more: withFindings(moreOf(asked, ack !== null, verdict), notConform && findings),
    };
  };
  if (number === null || number === 'bad') return { incoming: incoming(number), message: parsed };
  const due = incoming({ kind: 'next', expected: number });
  const sequence = { sender: parsed.sender, number, judged: incoming };
  return { incoming: { ...due, more: { ...due.more, sequence } }, message: parsed };
}

/** Why a message is not taken; null where it is. */
function refusalOf(
  message: Message,
  reader: Reader,
  certificate: ReceivedFrame['certificate'],
  verdict: SequenceVerdict | 'bad' | null,
): Refusal | null {
  const refusal = (isLink(verdict) ? reader.acceptLink : reader.accept)(message, certificate);
  if (refusal !== null || verdict === null) return refusal;
  if (verdict === 'bad') return { code: 'listen-sequence-number', location: 'MSH-13' };
  return verdict.kind === 'gap' || verdict.kind === 'behind' ? { code: 'listen-sequence', location: 'MSH-13' } : null;
}

/** A message and what its channel says to it. */
interface Asked {
  readonly message: Message;
  readonly refusal: Refusal | null;
  readonly channel: Channel;
  readonly received: Uint8Array;
  readonly stamp: AckStamp;
  /** MSA-4; null where the message has no sequence number. */
  readonly expected: number | null;
}

function ackOf(asked: Asked, { takenAck }: Reader): Ack | null {
  const { message, refusal, stamp, expected, received } = asked;
  return refusal === null && expected === null ? takenAck(message, stamp, received) : buildAck(message, refusal, stamp, asked);
}

/** Whether the one ACK of a message in original mode waits until it is known what became of it. */
function isDeferred({ message, refusal, channel, expected }: Asked): boolean {
  if (channel.acknowledge.original === 'at-once' || refusal !== null) return false;
  // A sequence number is answered at once: the sender sends nothing more before that.
  return expected === null && isOriginalMode(message);
}

/** What few messages need beyond being stored; undefined for most. */
function moreOf(asked: Asked, answered: boolean, verdict: SequenceVerdict | 'bad' | null): More | undefined {
  if (isLink(verdict)) return asked.refusal === null ? { filtered: linkText } : undefined;
  const conflict = conflictOf(asked);
  const reply = owesReply(asked, answered) ? newControlId() : null;
  const { by } = asked.channel.duplicates ?? { by: 'MSH-10' };
  const knownBy = by === 'MSH-10' ? null : asked.message.get(by);
  return conflict || reply || knownBy ? { conflict, reply, knownBy } : undefined;
}

function withFindings(more: More | undefined, findings: readonly ConformanceFinding[] | null): More | undefined {
  return findings === null ? more : { ...more, findings: kept(findings) };
}

/** Whether a message only starts or synchronises a link. */
function isLink(verdict: SequenceVerdict | 'bad' | null): boolean {
  return verdict !== null && verdict !== 'bad' && (verdict.kind === 'start' || verdict.kind === 'resync');
}

const linkText = 'a message of the sequence number protocol (MSH-13 is 0 or -1), which holds no data';

/** Who is told by its accept ACK that the message is rejected is owed no application ACK. */
function owesReply(asked: Asked, answered: boolean): boolean {
  const { message, refusal, channel } = asked;
  if (isDeferred(asked)) return true;
  return channel.acknowledge.application !== 'never' && !(refusal !== null && answered) && applicationWish(message) !== null;
}

function conflictOf(asked: Asked): More['conflict'] {
  const { message, refusal, channel, stamp } = asked;
  const does = channel.duplicates?.conflict ?? 'accept';
  if (does === 'accept' || refusal !== null) return undefined;
  const { text } = causeOf('listen-conflict');
  if (does === 'park') return { does, hold: channel.parked === 'hold', text };
  const ack = buildAck(message, { code: 'listen-conflict', location: 'MSH-10' }, stamp, asked);
  return { does, ack: ack?.bytes ?? null, code: ack?.code ?? null, text };
}

/** An error of the table as the cause that is kept with a message. */
export function causeOf(code: ErrorCode): Cause {
  return { code, text: errorEntry(code).text };
}

/** The AE that asks to send a message again; null where none is owed. */
export function notStored({ message, incoming }: ReadFrame, stamp: AckStamp): Ack | null {
  return message && buildAck(message, { code: 'listen-not-stored' }, stamp, { received: incoming.raw });
}
