import { expect, test } from 'vitest';
import { accept } from './accept.ts';

const header = { type: 'ADT', event: 'A01', sender: 'EPIC^MAIN' };

test.each([
  [[], [], null],
  [['EPIC^MAIN'], ['ADT^A01'], null],
  [['EPIC^*'], ['ADT^*'], null],
  [['*^MAIN'], ['*^A01'], null],
  [['EPIC'], ['ADT'], null],
  [['LAB^X', 'EPIC^MAIN'], ['ORU^R01', 'ADT^A01'], null],
  [['EPIC^WEST'], [], 'listen-sender'],
  [['LAB^*'], ['ORU^*'], 'listen-sender'],
  [['epic^main'], [], 'listen-sender'],
  [[], ['ADT^A02'], 'listen-type'],
  [['EPIC^*'], ['ORU^*'], 'listen-type'],
])('a channel that takes %j and %j: %s', (from, types, code) => {
  expect(accept(header, { from, types })?.code ?? null).toBe(code);
});

test('the place that ERR-2 names', () => {
  expect(accept(header, { from: ['X^Y'], types: [] })?.location).toBe('MSH-3');
  expect(accept(header, { from: [], types: ['X^Y'] })?.location).toBe('MSH-9');
});

test('a message without sender or type is taken only where anything is', () => {
  const nothing = { type: '', event: '', sender: '^' };
  expect(accept(nothing, { from: [], types: [] })).toBeNull();
  expect(accept(nothing, { from: ['EPIC^*'], types: [] })?.code).toBe('listen-sender');
  expect(accept(nothing, { from: [], types: ['ADT^*'] })?.code).toBe('listen-type');
});
