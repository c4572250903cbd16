/** The answer to a batch: one batch of ACKs, in headers of its own (HL7 2.9, 2.10.3.3). */
import { WeirError } from '../errors.ts';
import { isAcknowledgment } from './ack.ts';
import { timestamp } from './ack-header.ts';
import type { BatchFile, Envelope } from './batch.ts';
import { type BatchContent, writeBatch } from './batch-write.ts';
import type { Message } from './message.ts';
import type { Values } from './writing.ts';

/** What no batch says: the time of the answer, and where its control ids come from (BHS-11, FHS-11). */
export interface BatchStamp {
  readonly time: Date;
  readonly controlId: () => string;
}

/**
 * The batch that answers a file: for each of its batches the ACKs that are owed, which may be none. Headers and trailers are there as in the file, sender
 * and receiver swapped, with control ids of their own; BHS-12 and FHS-12 name those of the file. BTS-2 says what is wrong with the file's own.
 * @param charset of the file's headers: a code of table 0211 or an encoding label; UTF-8 unless given
 */
export function answerBatch(
  file: BatchFile,
  answers: readonly (readonly Uint8Array[])[],
  stamp: BatchStamp,
  charset?: string,
): Uint8Array {
  const comment = file.issues[0]?.text;
  const write = (fields: (from: Envelope) => Values): Uint8Array => {
    const batches = file.batches.map(({ header }, at): BatchContent => {
      const messages = answers[at] ?? [];
      return { header: header && fields(header), messages, comment: at === file.batches.length - 1 ? comment : undefined };
    });
    const delimiters = (file.header ?? file.batches[0]?.header)?.delimiters;
    return writeBatch({ header: file.header && fields(file.header), batches, delimiters, charset });
  };
  try {
    return write((from) => ({ ...swapped(from), ...own(from, stamp) }));
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    // A name that cannot be written again: the ACKs matter more.
    return write(() => ({ 7: timestamp(stamp.time), 11: stamp.controlId() }));
  }
}

/**
 * Whether a file is itself an answer, which is never answered (two receivers would answer each other for ever): all its messages are ACKs, or it
 * has none and names the batch that it answers.
 */
export function isAnswerBatch(file: BatchFile, messages: readonly (Message | null)[]): boolean {
  if (messages.length > 0) return messages.every((message) => message !== null && isAcknowledgment(message));
  return [file.header, ...file.batches.map(({ header }) => header)].some((header) => header?.segment.value(12, 1, 1, 0));
}

function own({ segment }: Envelope, { time, controlId }: BatchStamp): Values {
  const answered = segment.value(11, 1, 1, 0);
  return { 7: timestamp(time), 11: controlId(), ...(answered === '' ? {} : { 12: answered }) };
}

/** Sender and receiver: fields 3 to 6. */
function swapped({ segment }: Envelope): Values {
  const values: Record<string, string | Values> = {};
  for (const [to, from] of [
    [3, 5],
    [4, 6],
    [5, 3],
    [6, 4],
  ] as const) {
    for (const component of [1, 2, 3]) {
      const value = segment.value(from, 1, component, 0);
      if (value !== '') values[component === 1 ? `${to}` : `${to}.${component}`] = value;
    }
  }
  return values;
}
