/** Weir behind the questions of the suite. */
import { buildAck } from '../../src/hl7/ack.ts';
import { answerBatch } from '../../src/hl7/ack-batch.ts';
import { readBatch, splitMessages } from '../../src/hl7/batch.ts';
import { compileConformance } from '../../src/hl7/conformance/check.ts';
import { parseZone, toDate, toDateTime, toTime, type Zone } from '../../src/hl7/date.ts';
import { structureOf } from '../../src/hl7/dictionary-structures.ts';
import { Draft } from '../../src/hl7/draft.ts';
import { type GroupOccurrence, group } from '../../src/hl7/group.ts';
import { Message } from '../../src/hl7/message.ts';
import { MllpDecoder } from '../../src/hl7/mllp.ts';
import type { Adapter } from './adapter.ts';

const stamp = { time: new Date('2026-03-01T08:00:00Z'), controlId: 'ACK1' };
const utc = parseZone('UTC') as Zone;
const conformance = compileConformance({ standard: true, profile: null });

export const weir: Adapter = {
  name: 'Weir',
  parse: (bytes) => Message.parse(bytes),
  get: (bytes, path) => Message.parse(bytes).get(path),
  all: (bytes, path) => Message.parse(bytes).getAll(path),
  segments: (bytes) => Message.parse(bytes).segments.map(({ name }) => name),
  write: (bytes) => Draft.of(Message.parse(bytes)).toBytes(),
  messages: (bytes) => splitMessages(bytes).messages.length,
  batch(bytes, what) {
    const file = readBatch(bytes);
    if (what === 'issues') return file.issues.map(({ code, location }) => `${code} ${location}`);
    const answers = file.batches.map(({ messages }) =>
      messages.flatMap((raw) => buildAck(Message.parse(raw), null, stamp)?.bytes ?? []),
    );
    const answer = answerBatch(file, answers, { time: stamp.time, controlId: () => 'B1' });
    return Buffer.from(answer)
      .toString()
      .split('\r')
      .filter(Boolean)
      .map((line) =>
        line
          .split('|')
          .slice(0, line.startsWith('BTS') || line.startsWith('FTS') ? 2 : 1)
          .join(' '),
      );
  },
  ack(bytes, verdict) {
    const refusal = verdict === 'taken' ? null : ({ code: 'listen-type', location: 'MSH-9' } as const);
    return buildAck(Message.parse(bytes), refusal, stamp, { received: bytes })?.bytes ?? null;
  },
  set: (bytes, path, value) => Draft.of(Message.parse(bytes)).set(path, value).text,
  frames(chunks) {
    const decoder = new MllpDecoder(65_536);
    return chunks
      .flatMap((chunk) => decoder.push(chunk))
      .map((event) => (event.kind === 'frame' ? Buffer.from(event.bytes).toString('latin1') : `(${event.trouble})`));
  },
  date(text, as) {
    const result = as === 'date' ? toDate(text) : as === 'time' ? toTime(text) : toDateTime(text, utc);
    return result.ok ? result.value : result.reason;
  },
  group(bytes, name) {
    const message = Message.parse(bytes);
    const { root } = group(message, structureOf(message)?.nodes ?? []);
    return occurrences(root, name).map((one) => names(one).join(' '));
  },
  check: (bytes) =>
    conformance(Message.parse(bytes))
      .filter(({ severity }) => severity === 'error')
      .map(({ location, code }) => `${location} ${code}`),
};

function occurrences(occurrence: GroupOccurrence, name: string): GroupOccurrence[] {
  return occurrence.inner.flatMap((inner) => [...(inner.name === name ? [inner] : []), ...occurrences(inner, name)]);
}

function names(occurrence: GroupOccurrence): string[] {
  const segments = (one: GroupOccurrence): GroupOccurrence['all'][number][] => [...one.all, ...one.inner.flatMap(segments)];
  return segments(occurrence)
    .sort((a, b) => a.index - b.index)
    .map(({ name }) => name);
}
