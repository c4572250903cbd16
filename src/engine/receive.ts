/** One frame from its bytes to its answer: parsed as far as needed, accepted or refused, stored, acknowledged. */
import { randomUUID } from 'node:crypto';
import type { Meters } from '../api/metrics.ts';
import type { Channel } from '../channel/types.ts';
import { type ErrorCode, errorEntry, WeirError } from '../errors.ts';
import { type AcknowledgmentCode, type AckStamp, buildAck, buildRefusal } from '../hl7/ack.ts';
import { Message } from '../hl7/message.ts';
import type { Acks } from '../inbox/acks.ts';
import type { Incoming, Intake } from '../inbox/intake.ts';
import type { Cause } from '../inbox/types.ts';
import { accept } from '../listen/accept.ts';
import type { Answer, ListenerOptions, ReceivedFrame } from '../listen/listener.ts';
import type { Log } from '../log.ts';
import { compileOrder, type OrderKeys } from '../route/order.ts';

export interface ReceptionOptions {
  readonly intake: Intake;
  readonly acks: Acks;
  readonly meters: Meters;
  readonly log: Log;
}

/** What a channel's listener is started with. */
export function listenerFor(channel: Channel, host: string, options: ReceptionOptions): ListenerOptions {
  const { listen } = channel;
  const orderKeys = compileOrder(channel);
  return {
    channel: channel.name,
    host,
    port: listen.port,
    maxFrame: listen.maxFrame,
    frameTimeout: listen.frameTimeout,
    idleTimeout: listen.idleTimeout,
    receive: (frame) => receive(frame, channel, orderKeys, options),
    trouble: (event) => options.log.info('framing trouble', { channel: channel.name, kind: event.kind }),
  };
}

async function receive(frame: ReceivedFrame, channel: Channel, orderKeys: OrderKeys, options: ReceptionOptions): Promise<Answer> {
  const stamp = { time: frame.receivedAt, controlId: randomUUID().replaceAll('-', '').slice(0, 20) };
  const read = readFrame(frame, channel, orderKeys, stamp);
  try {
    const kept = await options.intake.add(read.incoming);
    return {
      bytes: kept.ack,
      sent(outcome) {
        if (kept.ack === null) return;
        options.acks.note(kept, outcome);
        if (read.code && outcome === 'sent')
          options.meters.acked(channel.name, read.code, Date.now() - frame.receivedAt.getTime());
      },
    };
  } catch (error) {
    // Not stored, so nothing is promised: the sender is told to send it again.
    options.log.trouble('intake', error);
    const ack = read.message && buildAck(read.message, { code: 'listen-not-stored' }, stamp, { received: frame.bytes });
    return { bytes: ack?.bytes ?? null };
  }
}

interface ReadFrame {
  readonly incoming: Incoming;
  /** Null where the bytes are no message. */
  readonly message: Message | null;
  /** What the ACK says; null where none is owed. */
  readonly code: AcknowledgmentCode | null;
}

/** What is stored of a frame. Nothing that a sender may send makes this throw: what is no message is refused, and kept. */
function readFrame(
  frame: ReceivedFrame,
  { name, listen, duplicates }: Channel,
  orderKeys: OrderKeys,
  stamp: AckStamp,
): ReadFrame {
  const common = { channel: name, receivedAt: frame.receivedAt, peer: frame.peer, raw: frame.bytes };
  let message: Message;
  try {
    message = Message.parse(frame.bytes, listen.charset === null ? {} : { charset: listen.charset });
  } catch (error) {
    const code = error instanceof WeirError ? error.code : 'hl7-not-a-message';
    const ack = buildRefusal({ code }, stamp);
    const nothing = { sender: '', type: '', controlId: '', lanes: [], duplicatesWithin: 0 };
    return { incoming: { ...common, ...nothing, refused: causeOf(code), ack: ack.bytes }, message: null, code: ack.code };
  }
  const refusal = accept(message, listen);
  const ack = buildAck(message, refusal, stamp, { received: frame.bytes });
  return {
    message,
    code: ack?.code ?? null,
    incoming: {
      ...common,
      sender: message.sender,
      type: `${message.type}^${message.event}`,
      controlId: message.controlId,
      lanes: refusal === null ? orderKeys(message) : [],
      duplicatesWithin: duplicates?.within ?? 0,
      refused: refusal === null ? null : causeOf(refusal.code),
      ack: ack?.bytes ?? null,
    },
  };
}

function causeOf(code: ErrorCode): Cause {
  return { code, text: errorEntry(code).text };
}
