/** One frame from its bytes to its answer: parsed as far as needed, accepted or refused, stored, acknowledged. */
import type { Meters } from '../api/metrics.ts';
import type { Channel } from '../channel/types.ts';
import { type AcknowledgmentCode, buildAck } from '../hl7/ack.ts';
import type { Acks } from '../inbox/acks.ts';
import type { Intake, Kept } from '../inbox/intake.ts';
import type { Answer, ListenerOptions, ReceivedFrame } from '../listen/listener.ts';
import type { Log } from '../log.ts';
import { compileOrder } from '../route/order.ts';
import { newControlId, parseMessage, type Reader, type ReadFrame, readFrame } from './read-frame.ts';
import type { Replies } from './reply.ts';

export interface ReceptionOptions {
  readonly intake: Intake;
  readonly acks: Acks;
  readonly replies: Pick<Replies, 'owed' | 'confirmed'>;
  readonly meters: Pick<Meters, 'acked'>;
  readonly log: Log;
  /** The channel's certificates; default, and null: plain TCP. */
  readonly tls?: ListenerOptions['tls'];
}

/** MLLP release 2: the content of a commit block. */
const commitAck = Uint8Array.of(0x06);
const commitNak = Uint8Array.of(0x15);

/** What a channel's listener is started with. */
export function listenerFor(channel: Channel, host: string, options: ReceptionOptions): ListenerOptions {
  const { listen } = channel;
  const reader: Reader = { channel, orderKeys: compileOrder(channel) };
  return {
    channel: channel.name,
    host,
    port: listen.port,
    maxFrame: listen.maxFrame,
    frameTimeout: listen.frameTimeout,
    idleTimeout: listen.idleTimeout,
    keepAlive: listen.keepAlive,
    allow: listen.allow,
    maxConnections: listen.maxConnections,
    maxConnectionsPerAddress: listen.maxConnectionsPerAddress,
    tls: options.tls ?? null,
    nak: listen.release === 2 ? commitNak : undefined,
    receive: (frame) => (listen.release === 2 ? receiveBlock(frame, reader, options) : receive(frame, reader, options)),
    trouble: (event) => options.log.info('framing trouble', { channel: channel.name, kind: event.kind }),
  };
}

/**
 * MLLP release 2 (transport specification, 1.2): a block that is stored is answered with a commit block before anything else, one that is not with a
 * negative one and no more. A commit block that comes is the answer to a block of ours.
 */
async function receiveBlock(frame: ReceivedFrame, reader: Reader, options: ReceptionOptions): Promise<Answer> {
  const [first] = frame.bytes;
  if (frame.bytes.length === 1 && (first === commitAck[0] || first === commitNak[0])) return { bytes: null };
  const answer = await receive(frame, reader, options);
  return answer.stored === false ? { bytes: commitNak } : { ...answer, commit: commitAck };
}

async function receive(frame: ReceivedFrame, reader: Reader, options: ReceptionOptions): Promise<Answer & { stored: boolean }> {
  const { channel } = reader;
  const parsed = parseMessage(frame.bytes, channel);
  const stamp = { time: frame.receivedAt, controlId: newControlId() };
  const read = readFrame(frame, reader, parsed, stamp);
  try {
    if (typeof parsed !== 'string' && (await options.replies.confirmed(channel.name, parsed)))
      return { bytes: null, stored: true };
    const kept = await options.intake.add(read.incoming);
    if (read.incoming.more?.reply) options.replies.owed(channel.name, kept, { sender: read.incoming.sender, line: frame.line });
    return {
      bytes: kept.ack,
      stored: true,
      sent(outcome) {
        if (kept.ack === null) return;
        options.acks.note(kept, outcome);
        const code = codeOf(read, kept);
        if (code && outcome === 'sent') options.meters.acked(channel.name, code, Date.now() - frame.receivedAt.getTime());
      },
    };
  } catch (error) {
    // Not stored, so nothing is promised: the sender is told to send it again.
    options.log.trouble('intake', error);
    const ack = read.message && buildAck(read.message, { code: 'listen-not-stored' }, stamp, { received: frame.bytes });
    return { bytes: ack?.bytes ?? null, stored: false };
  }
}

/** What the ACK of a stored message says. */
function codeOf({ code, incoming }: ReadFrame, { rejected }: Kept): AcknowledgmentCode | null {
  const conflict = incoming.more?.conflict;
  return rejected && conflict?.does === 'reject' ? conflict.code : code;
}
