import { expect, test } from 'vitest';
import { Message } from './message.ts';
import { judgeSequence, sequenceNumber } from './sequence.ts';

test.each([
  ['b2', 0, 7, 'start', 8],
  ['b2, the first start of a link', 0, null, 'start', -1],
  ['c', 8, 7, 'next', 8],
  ['b2, the first number decides', 41, null, 'next', 41],
  ['d1', 7, 7, 'repeat', 8],
  ['d2', 9, 7, 'gap', 8],
  ['d3', 6, 7, 'behind', 8],
  ['e', -1, 7, 'resync', -1],
] as const)('HL7 2.9, 2.10.1 %s: %i after %s is %s, and %i is expected', (_, number, last, kind, expected) => {
  expect(judgeSequence(number, last)).toEqual({ kind, expected });
});

test.each([
  ['', null],
  ['""', null],
  ['0', 0],
  ['-1', -1],
  ['12', 12],
  [' 12', 12],
  ['-2', 'bad'],
  ['1.5', 'bad'],
  ['seven', 'bad'],
])('MSH-13 %j: %s', (text, number) => {
  expect(sequenceNumber(Message.fromText(`MSH|^~\\&|A|||||||1|P|2.5|${text}`))).toBe(number);
});
