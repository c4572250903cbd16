import { describe, expect, test } from 'vitest';
import { answerBatch, isAnswerBatch } from './ack-batch.ts';
import { readBatch } from './batch.ts';
import { encodeAs } from './charset.ts';
import { Message } from './message.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const one = 'MSH|^~\\&|LAB|MAIN|WEIR|X|20260101||ORU^R01|1|P|2.5\r';
const ack = bytes('MSH|^~\\&|WEIR|X|LAB|MAIN|20260101||ACK^R01^ACK|W|P|2.5\rMSA|AA|1\r');
let number = 0;
const stamp = { time: new Date('2026-01-02T03:04:05Z'), controlId: () => `W${++number}` };

function answer(text: string, answers: Uint8Array[][]): string[] {
  number = 0;
  return new TextDecoder()
    .decode(answerBatch(readBatch(bytes(text)), answers, stamp))
    .split('\r')
    .slice(0, -1);
}

describe('a batch is answered as one (HL7 2.9, 2.10.3.3)', () => {
  test('headers swapped, control ids of its own, BHS-12 the batch that is answered, BTS-1 the number of ACKs', () => {
    expect(answer(`BHS|^~\\&|LAB^1.2^ISO|MAIN|WEIR|X|20260101|||note|B1\r${one}${one}BTS|2\r`, [[ack, ack]])).toEqual([
      'BHS|^~\\&|WEIR|X|LAB^1.2^ISO|MAIN|20260102030405+0000||||W1|B1',
      ...new TextDecoder().decode(ack).repeat(2).split('\r').slice(0, -1),
      'BTS|2',
    ]);
  });

  test('a file of batches as a file of batches', () => {
    const lines = answer(
      `FHS|^~\\&|LAB|MAIN|WEIR|X|||||F1\rBHS|^~\\&|LAB|MAIN|||||||B1\r${one}BTS|1\rBHS|^~\\&|LAB|MAIN|||||||\r${one}BTS|1\rFTS|2\r`,
      [[ack], []],
    );
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['FHS', 'BHS', 'MSH', 'MSA', 'BTS', 'BHS', 'BTS', 'FTS']);
    expect(lines[0]).toMatch(/\|F1$/);
    expect(lines.at(-2)).toBe('BTS|0');
    expect(lines.at(-1)).toBe('FTS|2');
  });

  test("the sender's delimiters", () => {
    expect(answer(`BHS$%~\\&$LAB%1$MAIN\r${one}BTS$1\r`, [[]])[0]).toMatch(/^BHS\$%~\\&\$\$\$LAB%1\$MAIN\$2026/);
  });

  test('what is wrong with its counts stands in BTS-2', () => {
    expect(answer(`BHS|^~\\&|LAB\r${one}BTS|7\r`, [[ack]]).at(-1)).toMatch(
      /^BTS\|1\|The trailer states 7 messages and there are 1;/,
    );
  });

  test('a header that cannot be written again does not cost the ACKs', () => {
    const lines = answer(`BHS|^|A^B|MA\ufffdIN\r${one}BTS|1\r`, [[ack]]);
    expect(lines.slice(1, 3)).toEqual(new TextDecoder().decode(ack).split('\r').slice(0, -1));
  });

  test('in UTF-16', () => {
    const wide = encodeAs(`BHS|^~\\&|LAB|MAIN|||||||B№1\r${one}BTS|1\r`, 'utf-16le');
    const answered = answerBatch(readBatch(wide), [[encodeAs('MSH|^~\\&|A\rMSA|AA|1', 'utf-16le')]], stamp, 'utf-16le');
    const { batches, issues } = readBatch(answered);
    expect(issues).toEqual([]);
    expect(batches[0]?.header?.segment.value(12, 1, 1, 0)).toBe('B№1');
  });
});

describe('an answer is never answered', () => {
  const isAnswer = (text: string): boolean => {
    const file = readBatch(bytes(text));
    return isAnswerBatch(
      file,
      file.batches.flatMap(({ messages }) => messages.map((raw) => Message.parse(raw))),
    );
  };
  test.each([
    ['a batch of ACKs', `BHS|^~\\&|A\r${new TextDecoder().decode(ack)}BTS|1\r`, true],
    ['an empty batch that names another', 'BHS|^~\\&|A|||||||||B1\rBTS|0\r', true],
    ['an empty batch that names none', 'BHS|^~\\&|A||||||||B2\rBTS|0\r', false],
    ['messages sent again, in a batch that names the first', `BHS|^~\\&|A||||||||B2|B1\r${one}BTS|1\r`, false],
    ['an ACK among messages', `BHS|^~\\&|A\r${one}${new TextDecoder().decode(ack)}BTS|2\r`, false],
  ])('%s: %s', (_, text, is) => expect(isAnswer(text)).toBe(is));
});
