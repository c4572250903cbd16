import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildAck } from './ack.ts';
import { takenAcks } from './ack-form.ts';
import { Message } from './message.ts';

const stamp = (at: number) => ({ time: new Date(Date.UTC(2026, 2, 2, 10, 15, at % 60)), controlId: `W|${at}` });

test('messages of one sender have ACKs of one form, each with its time and control ids', () => {
  const taken = takenAcks();
  const acks = ['C1', 'C2'].map((controlId, at) => {
    const raw = Buffer.from(`MSH|^~\\&|EPIC|MAIN|WEIR|MERCY|2026010${at}||ADT^A01^ADT_A01|${controlId}|P|2.5.1\rPID|1\r`);
    return Buffer.from(taken(Message.parse(raw), stamp(at), raw)?.bytes ?? []).toString();
  });
  expect(acks).toEqual([
    'MSH|^~\\&|WEIR|MERCY|EPIC|MAIN|20260302101500+0000||ACK^A01^ACK|W\\F\\0|P|2.5.1\rMSA|AA|C1\r',
    'MSH|^~\\&|WEIR|MERCY|EPIC|MAIN|20260302101501+0000||ACK^A01^ACK|W\\F\\1|P|2.5.1\rMSA|AA|C2\r',
  ]);
});

test('whatever came before, the ACK is the one that is built for the message alone', () => {
  const piece = fc.constantFrom(
    '|',
    '|',
    '^',
    '~',
    '\\',
    '&',
    'A',
    '2.3',
    'NE',
    'AL',
    'ER',
    'UNICODE UTF-8',
    '8859/1',
    'é',
    '\xff',
    '\x1c',
    '\n',
    'ACK',
  );
  const some = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const field = fc.oneof(fc.constantFrom('', 'EPIC', 'ADT^A01', 'ACK', 'P', '2.5.1', '2.1'), some);
  const header = fc.array(field, { maxLength: 22 }).map((fields) => `MSH|^~\\&|${fields.join('|')}`);
  const message = fc.tuple(
    fc.oneof(
      header,
      some.map((rest) => `MSH${rest}`),
    ),
    fc.constantFrom('', '\rPID|1', '\rMSA|AA|X', '\rMSA'),
  );
  // Few headers, so that most messages find the form of another, and control ids of their own.
  const feed = fc.tuple(fc.array(message, { minLength: 1, maxLength: 3 }), fc.array(fc.tuple(fc.nat(), some), { maxLength: 12 }));
  fc.assert(
    fc.property(feed, ([messages, sent]) => {
      const taken = takenAcks();
      for (const [at, [which, controlId]] of sent.entries()) {
        const [head, rest] = messages[which % messages.length] as [string, string];
        const fields = head.split('|');
        if (fields.length > 9) fields[9] = controlId;
        const raw = Buffer.from(`${fields.join('|')}${rest}\r`, 'latin1');
        const parsed = parse(raw);
        if (parsed === null) continue;
        expect(taken(parsed, stamp(at), raw)).toEqual(buildAck(parsed, null, stamp(at), { received: raw }));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a feed whose headers never come again has its ACKs too', () => {
  const taken = takenAcks();
  for (let at = 0; at < 350; at += 1) {
    const raw = Buffer.from(`MSH|^~\\&|S${at % 175}|MAIN|WEIR|MERCY|2026||ADT^A01|C${at}|P|2.5.1\r`);
    const message = Message.parse(raw);
    expect(taken(message, stamp(at), raw)).toEqual(buildAck(message, null, stamp(at)));
  }
});

function parse(raw: Uint8Array): Message | null {
  try {
    return Message.parse(raw);
  } catch {
    return null;
  }
}
