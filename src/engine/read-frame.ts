/** What a frame holds, as far as its storing and its answers need it. Pure but for the ids that it draws. */
import { randomUUID } from 'node:crypto';
import type { Channel } from '../channel/types.ts';
import { type ErrorCode, errorEntry, WeirError } from '../errors.ts';
import {
  type AcknowledgmentCode,
  type AckStamp,
  applicationWish,
  buildAck,
  buildRefusal,
  isOriginalMode,
  type Refusal,
} from '../hl7/ack.ts';
import { Message } from '../hl7/message.ts';
import type { Incoming, More } from '../inbox/intake.ts';
import type { Cause } from '../inbox/types.ts';
import { accept } from '../listen/accept.ts';
import type { ReceivedFrame } from '../listen/listener.ts';
import type { OrderKeys } from '../route/order.ts';

/** A message that is to be stored. */
export interface ReadFrame {
  readonly incoming: Incoming;
  /** Null where the bytes are no message. */
  readonly message: Message | null;
  /** What the ACK says; null where none is owed now. */
  readonly code: AcknowledgmentCode | null;
}

/** What one message of a channel is read with. */
export interface Reader {
  readonly channel: Channel;
  readonly orderKeys: OrderKeys;
}

/** An ACK's own control id (MSH-10). */
export function newControlId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 20);
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
  const { name, listen, duplicates } = reader.channel;
  const common = { channel: name, receivedAt: frame.receivedAt, peer: frame.peer, raw: frame.bytes };
  if (typeof parsed === 'string') {
    const ack = buildRefusal({ code: parsed }, stamp);
    const nothing = { sender: '', type: '', controlId: '', lanes: [], duplicatesWithin: 0 };
    return { incoming: { ...common, ...nothing, refused: causeOf(parsed), ack: ack.bytes }, message: null, code: ack.code };
  }
  const refusal = accept(parsed, { ...listen, certificates: listen.tls?.senders ?? [] }, frame.certificate);
  const asked: Asked = { message: parsed, refusal, channel: reader.channel, received: frame.bytes, stamp };
  const ack = isDeferred(asked) ? null : buildAck(parsed, refusal, stamp, asked);
  return {
    message: parsed,
    code: ack?.code ?? null,
    incoming: {
      ...common,
      sender: parsed.sender,
      type: `${parsed.type}^${parsed.event}`,
      controlId: parsed.controlId,
      lanes: refusal === null ? reader.orderKeys(parsed) : [],
      duplicatesWithin: duplicates?.within ?? 0,
      refused: refusal === null ? null : causeOf(refusal.code),
      ack: ack?.bytes ?? null,
      more: moreOf(asked, ack !== null),
    },
  };
}

/** A message and what its channel says to it. */
interface Asked {
  readonly message: Message;
  readonly refusal: Refusal | null;
  readonly channel: Channel;
  readonly received: Uint8Array;
  readonly stamp: AckStamp;
}

/** Whether the one ACK of a message in original mode waits until it is known what became of it. */
function isDeferred({ message, refusal, channel }: Asked): boolean {
  return channel.acknowledge.original !== 'at-once' && refusal === null && isOriginalMode(message);
}

/** What few messages need beyond being stored; undefined for most. */
function moreOf(asked: Asked, answered: boolean): More | undefined {
  const conflict = conflictOf(asked);
  const reply = owesReply(asked, answered) ? newControlId() : null;
  return conflict || reply ? { ...(conflict ? { conflict } : {}), reply } : undefined;
}

/** Who is told by its accept ACK that the message is rejected is owed no application ACK. */
function owesReply(asked: Asked, answered: boolean): boolean {
  const { message, refusal, channel } = asked;
  if (isDeferred(asked)) return true;
  return channel.acknowledge.application !== 'never' && !(refusal !== null && answered) && applicationWish(message) !== null;
}

function conflictOf({ message, refusal, channel, received, stamp }: Asked): More['conflict'] {
  const does = channel.duplicates?.conflict ?? 'accept';
  if (does === 'accept' || refusal !== null) return undefined;
  const { text } = causeOf('listen-conflict');
  if (does === 'park') return { does, hold: channel.parked === 'hold', text };
  const ack = buildAck(message, { code: 'listen-conflict', location: 'MSH-10' }, stamp, { received });
  return { does, ack: ack?.bytes ?? null, code: ack?.code ?? null, text };
}

/** An error of the table as the cause that is kept with a message. */
export function causeOf(code: ErrorCode): Cause {
  return { code, text: errorEntry(code).text };
}
