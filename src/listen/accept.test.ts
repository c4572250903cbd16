import { expect, test } from 'vitest';
import type { PeerCertificate } from '../tls.ts';
import { compileAccept, type Header, type Taken } from './accept.ts';

const header = { type: 'ADT', event: 'A01', sender: 'EPIC^MAIN', processingId: 'P', version: '2.5.1' };
const anything = { from: [], types: [], processing: [], versions: [], certificates: [] };

function accept(header: Header, taken: Taken, certificate?: PeerCertificate | null) {
  return compileAccept(taken)(header, certificate);
}

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

const certificate = { cn: 'epic.mercy.example', names: ['epic.mercy.example', '10.1.2.3'], fingerprint: 'ab'.repeat(32) };
const any = { cn: null, san: null, fingerprint: null };

test.each([
  ['its common name', { cn: 'EPIC.mercy.example' }, null],
  ['one of its other names', { san: '10.1.2.3' }, null],
  ['its fingerprint', { fingerprint: 'ab'.repeat(32) }, null],
  ['both', { cn: 'epic.mercy.example', san: 'epic.mercy.example' }, null],
  ['one of both', { cn: 'epic.mercy.example', san: 'lab.mercy.example' }, 'listen-certificate'],
  ['another name', { cn: 'lab.mercy.example' }, 'listen-certificate'],
  ['a part of its name', { cn: 'mercy.example' }, 'listen-certificate'],
])('a certificate may send as the senders that are named for %s', (_, rule, code) => {
  const certificates = [{ ...any, ...rule, from: ['LAB^*', 'EPIC^MAIN'] }];
  expect(accept(header, { ...anything, certificates }, certificate)?.code ?? null).toBe(code);
  const ofOthers = [{ ...any, ...rule, from: ['EPIC^WEST'] }];
  expect(accept(header, { ...anything, certificates: ofOthers }, certificate)).toEqual({
    code: 'listen-certificate',
    location: 'MSH-3',
  });
});

test('without a certificate nobody may send where certificates are told apart', () => {
  const certificates = [{ ...any, cn: 'epic.mercy.example', from: ['*'] }];
  expect(accept(header, { ...anything, certificates }, null)?.code).toBe('listen-certificate');
  expect(accept(header, { ...anything, certificates: [] }, null)).toBeNull();
});
