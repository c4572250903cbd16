/**
 * A frame that holds a batch or a file of batches (HL7 2.9, 2.10.3): each message is taken by itself and stored with the others, and one batch of
 * their ACKs is the answer.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AckStamp, isAcknowledgment } from '../hl7/ack.ts';
import { answerBatch, isAnswerBatch } from '../hl7/ack-batch.ts';
import { type BatchFile, readBatch } from '../hl7/batch.ts';
import { charsetLabel, wideLabel } from '../hl7/charset.ts';
import { cutParts } from '../hl7/parts.ts';
import type { Kept } from '../inbox/incoming.ts';
import type { Answer, ReceivedFrame } from '../listen/listener.ts';
import { newControlId, notStored, parseMessage, type Reader, type ReadFrame, readFrame } from './read-frame.ts';
import type { ReceptionOptions } from './receive.ts';

/** An answer, and whether what it answers is stored. */
export interface Stored extends Answer {
  readonly stored: boolean;
}

/** Messages that are read before the other connections have their turn. */
const SLICE = 200;

/** Stores the messages of a batch and answers them; a faulty one is refused alone, and all that is there is kept. */
export async function receiveBatch(frame: ReceivedFrame, reader: Reader, options: ReceptionOptions): Promise<Stored> {
  const label = charsetOf(frame.bytes, reader);
  const file = readBatch(frame.bytes, label);
  const members = await readMembers(file, frame, reader, label);
  const messages = members.filter(({ read }) => read.message !== null);
  const taken: Member[] = [];
  for (const member of members) if (!(await isConfirmation(member, reader, options))) taken.push(member);
  const outcomes = await options.intake.addAll(taken.map(({ read }) => read.incoming));
  const answers = file.batches.map((): Uint8Array[] => []);
  const kept: Kept[] = [];
  for (const [at, { read, batch }] of taken.entries()) {
    const outcome = outcomes[at];
    if (outcome?.status === 'fulfilled') {
      kept.push(outcome.value);
      countFindings(outcome.value, options);
      if (outcome.value.incoming.more?.reply) options.replies.owed(reader.channel.name, outcome.value, frame.line);
    } else options.log.trouble('intake', outcome?.reason);
    const ack = outcome?.status === 'fulfilled' ? outcome.value.ack : notStored(read, stampOf(frame))?.bytes;
    if (ack) answers[batch]?.push(ack);
  }
  const stored = kept.length === taken.length;
  if (
    isAnswerBatch(
      file,
      messages.map(({ read }) => read.message),
    )
  )
    return { bytes: null, stored };
  return {
    bytes: answerBatch(file, answers, { time: frame.receivedAt, controlId: newControlId }, label),
    stored,
    sent: (outcome) => {
      for (const one of kept) noteAnswer(one, outcome, options);
    },
  };
}

/** Counts a message that is refused because it does not conform. */
export function countFindings({ duplicate, incoming }: Kept, { meters }: Pick<ReceptionOptions, 'meters'>): void {
  if (!duplicate && incoming.more?.findings) meters.nonconforming(incoming.channel);
}

/** Notes what became of the ACK of a stored message, where it has one. */
export function noteAnswer(
  kept: Kept,
  outcome: 'sent' | 'lost',
  { acks, meters }: Pick<ReceptionOptions, 'acks' | 'meters'>,
): void {
  if (kept.ack === null) return;
  acks.note(kept, outcome);
  const { channel, receivedAt, more, code } = kept.incoming;
  const said = kept.rejected && more?.conflict?.does === 'reject' ? more.conflict.code : code;
  if (said && outcome === 'sent') meters.acked(channel, said, Date.now() - receivedAt.getTime());
}

/** Something that is stored of the file, and the batch whose answer holds its ACK; -1 for what is no message. */
interface Member {
  readonly read: ReadFrame;
  readonly batch: number;
}

/** The file's messages; text that belongs to none, which is refused as one; and the headers, where something is wrong with them. */
async function readMembers(file: BatchFile, frame: ReceivedFrame, reader: Reader, label: string | undefined): Promise<Member[]> {
  const members: Member[] = [];
  for (const [batch, { messages }] of file.batches.entries()) {
    for (const bytes of messages) {
      const read = readFrame({ ...frame, bytes }, reader, parseMessage(bytes, reader.channel), stampOf(frame));
      members.push({ read, batch });
      if (members.length % SLICE === 0) await nextTurn();
    }
  }
  if (file.issues.length === 0) return members;
  const parts = cutParts(frame.bytes, label);
  // Its AR is written in UTF-8, which must not stand among ACKs of wide characters.
  const last = wideLabel(frame.bytes) === null ? file.batches.length - 1 : -1;
  for (const { bytes } of parts.filter(({ name }) => name === 'junk'))
    members.push({ read: readFrame({ ...frame, bytes }, reader, 'hl7-not-a-message', stampOf(frame)), batch: last });
  const around = parts.filter(({ name }) => name !== 'junk' && name !== 'MSH');
  if (file.issues.some(({ code }) => code !== 'batch-junk')) {
    const raw = Buffer.concat(around.flatMap(({ bytes }) => [bytes, Buffer.from('\r')]));
    const { incoming } = readFrame({ ...frame, bytes: raw }, reader, 'listen-batch', stampOf(frame));
    members.push({ read: { incoming: { ...incoming, type: 'BHS', ack: null, code: null }, message: null }, batch: -1 });
  }
  return members;
}

/** How the headers of a batch are read, which cannot say it themselves; undefined: UTF-8. */
function charsetOf(bytes: Uint8Array, { channel }: Reader): string | undefined {
  return wideLabel(bytes) ?? (channel.listen.charset === null ? undefined : (charsetLabel(channel.listen.charset) ?? undefined));
}

function stampOf({ receivedAt }: ReceivedFrame): AckStamp {
  return { time: receivedAt, controlId: newControlId() };
}

/** An accept ACK to an application ACK of ours. */
async function isConfirmation({ read }: Member, { channel }: Reader, { replies, log }: ReceptionOptions): Promise<boolean> {
  if (!read.message || !isAcknowledgment(read.message)) return false;
  return replies.confirmed(channel.name, read.message).catch((error: unknown) => {
    log.trouble('replies', error);
    return false;
  });
}
