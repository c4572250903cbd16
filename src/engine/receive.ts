/** One frame from its bytes to its answer: parsed as far as needed, accepted or refused, stored, acknowledged. */
import type { Meters } from '../api/metrics.ts';
import type { Channel } from '../channel/types.ts';
import { isBatch } from '../hl7/batch.ts';
import type { Acks } from '../inbox/acks.ts';
import type { Intake } from '../inbox/intake.ts';
import type { Troubles } from '../inbox/troubles.ts';
import type { Answer, ListenerOptions, ListenTrouble, ReceivedFrame } from '../listen/listener.ts';
import type { Log } from '../log.ts';
import { newControlId, notStored, parseMessage, type Reader, readerOf, readFrame } from './read-frame.ts';
import { countFindings, noteAnswer, receiveBatch, type Stored } from './receive-batch.ts';
import type { Replies } from './reply.ts';

export interface ReceptionOptions {
  readonly intake: Intake;
  readonly acks: Acks;
  readonly replies: Pick<Replies, 'owed' | 'confirmed'>;
  readonly troubles: Pick<Troubles, 'note' | 'count'>;
  readonly meters: Pick<Meters, 'acked' | 'nonconforming' | 'troubled'>;
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
  const reader = readerOf(channel);
  return {
    channel: channel.name,
    host,
    port: listen.port,
    maxFrame: listen.maxFrame,
    maxUnfinished: listen.maxUnfinished,
    frameTimeout: listen.frameTimeout,
    idleTimeout: listen.idleTimeout,
    keepAlive: listen.keepAlive,
    allow: listen.allow,
    maxConnections: listen.maxConnections,
    maxConnectionsPerAddress: listen.maxConnectionsPerAddress,
    tls: options.tls ?? null,
    nak: listen.release === 2 ? commitNak : undefined,
    receive: (frame) => (listen.release === 2 ? receiveBlock(frame, reader, options) : receive(frame, reader, options)),
    trouble: (event) => noteTrouble(event, options),
  };
}

/** Recorded with its bytes, or counted where there are too many; the log has a line for those that are recorded. */
function noteTrouble(event: ListenTrouble, { troubles, meters, log }: ReceptionOptions): void {
  const { channel, kind, reason } = event;
  meters.troubled(channel, kind);
  if (troubles.note(event)) log.info('trouble on the wire', { channel, kind, ...(reason === null ? {} : { reason }) });
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

async function receive(frame: ReceivedFrame, reader: Reader, options: ReceptionOptions): Promise<Stored> {
  const { channel } = reader;
  const parsed = parseMessage(frame.bytes, channel);
  if (typeof parsed === 'string' && isBatch(frame.bytes)) return receiveBatch(frame, reader, options);
  const stamp = { time: frame.receivedAt, controlId: newControlId() };
  const read = readFrame(frame, reader, parsed, stamp);
  try {
    if (read.message?.type === 'ACK' && (await options.replies.confirmed(channel.name, read.message)))
      return { bytes: null, stored: true };
    const kept = await options.intake.add(read.incoming);
    if (read.message === null) {
      options.troubles.count(channel.name, 'not-hl7', frame.receivedAt);
      options.meters.troubled(channel.name, 'not-hl7');
    }
    if (kept.incoming.more?.reply) options.replies.owed(channel.name, kept, frame.line);
    countFindings(kept, options);
    return { bytes: kept.ack, stored: true, sent: (outcome) => noteAnswer(kept, outcome, options) };
  } catch (error) {
    // Not stored, so nothing is promised: the sender is told to send it again.
    options.log.trouble('intake', error);
    return { bytes: notStored(read, stamp)?.bytes ?? null, stored: false };
  }
}
