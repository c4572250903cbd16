/** What is fuzzed, and what must hold. A target throws where something does not. */
import assert from 'node:assert/strict';
import { WeirError } from '../../src/errors.ts';
import { buildAck, readAck } from '../../src/hl7/ack.ts';
import { isBatch, readBatch, splitMessages } from '../../src/hl7/batch.ts';
import { writeBatch } from '../../src/hl7/batch-write.ts';
import { messageCondition } from '../../src/hl7/condition-message.ts';
import { ConditionError, formatCondition, parseCondition } from '../../src/hl7/condition-parse.ts';
import { toDate, toDateTime, toInstant, toTime } from '../../src/hl7/date.ts';
import { structureOf } from '../../src/hl7/dictionary-structures.ts';
import { escapeText, unescapeText } from '../../src/hl7/escape.ts';
import { group } from '../../src/hl7/group.ts';
import { Locator } from '../../src/hl7/locate.ts';
import { Message } from '../../src/hl7/message.ts';
import { encodeFrame, MllpDecoder, type MllpEvent } from '../../src/hl7/mllp.ts';
import { formatPath, parsePath } from '../../src/hl7/path.ts';
import { typed } from '../../src/hl7/typed.ts';
import { parseZone, type Zone } from '../../src/hl7/zone.ts';
import { editSomewhere } from './edits.ts';
import { joined, messageBytes, someText } from './inputs.ts';
import type { Random } from './random.ts';

export type Target = (random: Random) => void;

const zone = parseZone('Europe/Vienna') as Zone;
const charsets = [
  null,
  null,
  null,
  '8859/1',
  'UNICODE UTF-8',
  'gb18030',
  'big5',
  'euc-kr',
  'iso-2022-jp',
  'shift_jis',
  'UNICODE UTF-16',
];

/** A message, or null where the bytes are none; any other error is a fault. */
export function parsed(raw: Uint8Array, charset: string | null): Message | null {
  try {
    return Message.parse(raw, { charset });
  } catch (error) {
    if (error instanceof WeirError && error.code === 'hl7-not-a-message') return null;
    throw error;
  }
}

const reads = ['MSH-9.1', 'PID-3[*].4.2', 'OBX[*]-5', 'OBX[2]-5.1', 'ZZZ', 'PID-5.1.1', 'MSH[2]-3'];

function message(random: Random): void {
  const raw = messageBytes(random);
  const copy = raw.slice();
  const read = parsed(raw, random.pick(charsets));
  if (read === null) return;
  for (const path of reads) assert.ok(read.getAll(path).every((value) => value !== ''));
  assert.equal(typeof read.type + typeof read.sender + typeof read.version, 'stringstringstring');
  const values: string[] = [];
  const locator = new Locator(read);
  for (const { location, value, bytes, text } of locator.all()) {
    const { index, field, repetition, component, subcomponent } = location;
    assert.equal(read.segments[index]?.value(field, repetition, component, subcomponent), value);
    assert.ok(bytes.start < bytes.end && bytes.end <= raw.length && text.end <= read.text.length);
    values.push(value);
  }
  for (const segment of typed(read)) assert.ok(segment.fields.length <= segment.segment.fieldCount);
  locator.at(random.below(raw.length + 2));
  const structure = structureOf(read);
  if (structure !== null) group(read, structure.nodes);
  for (const value of values.slice(0, 5)) {
    for (const convert of [toDate, toTime]) convert(value);
    for (const convert of [toDateTime, toInstant]) convert(value, zone);
  }
  assert.deepEqual(raw, copy);
  answered(read, raw);
}

/** An ACK, where one is owed, can be read and names the message. */
function answered(read: Message, raw: Uint8Array): void {
  const stamp = { time: new Date(0), controlId: 'W1' };
  const ack = buildAck(read, null, stamp, { received: raw });
  const refusal = { code: 'listen-type', location: 'MSH-9' } as const;
  const refused = buildAck(read, refusal, stamp, { received: raw });
  for (const answer of [ack, refused])
    if (answer !== null) assert.ok(readAck(Message.parse(answer.bytes, { charset: read.charset })) !== null);
}

function frames(random: Random): void {
  const pieces = random.list(5, () => {
    const raw = messageBytes(random);
    return random.chance(4) ? raw : encodeFrame(raw);
  });
  const stream = joined(...pieces);
  const maxFrame = random.pick([16, 200, 100_000]);
  const whole = events(new MllpDecoder(maxFrame), [stream]);
  const cut: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + 1 + random.below(random.chance(3) ? 3 : 400);
    cut.push(stream.subarray(at, end));
    at = end;
  }
  assert.deepEqual(events(new MllpDecoder(maxFrame), cut), whole);
  for (const event of whole) assert.ok(event.bytes.length <= Math.max(maxFrame, 65_536));
}

function events(decoder: MllpDecoder, chunks: readonly Uint8Array[]): MllpEvent[] {
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

function path(random: Random): void {
  const parts = ['PID', 'OBX', 'Z', '1', '0', '-', '3', '[', ']', '*', '.', '999999', '9999999', ' ', 'a', 'é'];
  const text = random.chance(5) ? someText(random) : random.list(10, () => random.pick(parts)).join('');
  try {
    const first = parsePath(text);
    assert.deepEqual(parsePath(formatPath(first)), first);
  } catch (error) {
    if (!(error instanceof WeirError && error.code === 'hl7-bad-path')) throw error;
  }
}

function escapes(random: Random): void {
  const d = parsed(messageBytes(random), null)?.delimiters;
  if (d === undefined) return;
  const value = someText(random);
  unescapeText(value, d, random.pick(['utf-8', 'windows-1252', 'gb18030', 'utf-16le', 'iso-2022-jp']));
  const marks = [d.field, d.component, d.repetition, d.subcomponent, d.escape];
  // Delimiters that are the same, or letters, are nobody's to escape.
  if (d.escape === '' || new Set(marks).size < 5 || marks.some((mark) => /[\w\s.+]/.test(mark) || mark === d.truncation)) return;
  assert.equal(unescapeText(escapeText(value, d), d), value);
}

function batch(random: Random): void {
  const raw = joined(...random.list(4, () => messageBytes(random)));
  const { messages } = splitMessages(raw);
  const file = readBatch(raw);
  isBatch(raw);
  assert.deepEqual(
    file.batches.flatMap((one) => one.messages),
    messages,
  );
  const written = writeBatch({ header: { 3: 'A' }, batches: [{ header: { 11: 'B' }, messages }] });
  // A message in UTF-16 cannot stand behind a header that is not.
  if (messages.some((one) => one.includes(0))) return;
  const again = readBatch(written);
  assert.deepEqual(again.issues, []);
  assert.equal(again.batches[0]?.messages.length ?? 0, messages.length);
}

function condition(random: Random): void {
  const words = [
    'PV1-2',
    '=',
    '!=',
    '"P"',
    'in',
    '(',
    ')',
    ',',
    'and',
    'or',
    'not',
    'valued',
    'length',
    'count',
    '<',
    '3',
    'ADT^A01',
    'OBX[*]-5',
    "'",
  ];
  const text = random.chance(6) ? someText(random) : random.list(14, () => random.pick(words)).join(' ');
  try {
    const first = parseCondition(text);
    assert.deepEqual(parseCondition(formatCondition(first)), first);
    const read = parsed(messageBytes(random), null);
    if (read !== null) assert.equal(typeof messageCondition(first)(read), 'boolean');
  } catch (error) {
    if (!(error instanceof ConditionError) && !(error instanceof WeirError && error.code === 'hl7-bad-path')) throw error;
  }
}

/** By name, for `--only`. */
export const targets: Readonly<Record<string, Target>> = {
  message,
  frames,
  draft: (random) => editSomewhere(parsed(messageBytes(random), random.pick(charsets)), random),
  batch,
  path,
  escapes,
  condition,
};
