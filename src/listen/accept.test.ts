import { expect, test } from 'vitest';
import { accept } from './accept.ts';

const header = { type: 'ADT', event: 'A01', sender: 'EPIC^MAIN', processingId: 'P', version: '2.5.1' };
const anything = { from: [], types: [], processing: [], versions: [] };

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
  expect(accept(header, { ...anything, from, types })?.code ?? null).toBe(code);
});

test('the place that ERR-2 names', () => {
  expect(accept(header, { ...anything, from: ['X^Y'] })?.location).toBe('MSH-3');
  expect(accept(header, { ...anything, types: ['X^Y'] })?.location).toBe('MSH-9');
});

test('a message without sender or type is taken only where anything is', () => {
  const nothing = { type: '', event: '', sender: '^', processingId: '', version: '' };
  expect(accept(nothing, anything)).toBeNull();
  expect(accept(nothing, { ...anything, from: ['EPIC^*'] })?.code).toBe('listen-sender');
  expect(accept(nothing, { ...anything, types: ['ADT^*'] })?.code).toBe('listen-type');
});

test.each([
  [{ processing: ['P'] }, null],
  [{ processing: ['T', 'D'] }, { code: 'listen-processing', location: 'MSH-11' }],
  [{ versions: ['2.3', '2.5.1'] }, null],
  [{ versions: ['2.5'] }, { code: 'listen-version', location: 'MSH-12' }],
])('an unacceptable processing id or version is rejected (HL7 2.9, 2.9.2.2): %j', (taken, refusal) => {
  expect(accept(header, { ...anything, ...taken })).toEqual(refusal);
});
