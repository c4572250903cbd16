import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCondition } from '../condition-parse.ts';
import { Message } from '../message.ts';
import { parsePath } from '../path.ts';
import { compileConformance } from './check.ts';
import type { ProfileRule } from './profile.ts';

const check = compileConformance({ standard: true, profile: null });

function adt(lines: readonly string[], { type = 'ADT^A01^ADT_A01', version = '2.5.1', rest = '' } = {}): Message {
  return Message.fromText([`MSH|^~\\&|EHR|MERCY|WEIR|MERCY|20260301080000||${type}|1|P|${version}${rest}`, ...lines].join('\r'));
}

const evn = 'EVN||20260301080000';
const pid = 'PID|||4711^^^MERCY^MR||Huber^Anna';
const pv1 = 'PV1||I';

/** `PID-7.1 102 error` of each finding. */
function found(message: Message, run = check): string[] {
  return run(message).map(({ location, code, severity }) => `${location} ${code} ${severity}`);
}

describe('a message against the structure of its version (HL7 2.9, 2.5.2)', () => {
  test('one that conforms has no finding', () => expect(found(adt([evn, pid, pv1]))).toEqual([]));

  test.each([
    ['a required segment that is missing', [evn, pid], ['PV1 100 error']],
    ['a segment that the structure does not have', [evn, pid, pv1, 'OBR|1'], ['OBR 100 warning']],
    ['a segment that HL7 does not have', [evn, pid, pv1, 'QQQ|1'], ['QQQ 100 error']],
    ['a Z segment', [evn, pid, pv1, 'ZPI|1'], []],
    ['a segment behind its place', [evn, pv1, pid], ['PID 100 error']],
    ['a segment too often', [evn, pid, pv1, 'PV2||', 'PV2||'], ['PV2[2] 198 error']],
    ['a group whose first segment is missing', [evn, pid, pv1, 'IN2|1'], ['IN2 100 error', 'IN1 100 error']],
    ['a line that is no segment', [evn, pid, pv1, 'huber|Anna'], ['MSH 100 error']],
  ])('%s', (_, lines, expected) => expect(found(adt(lines)).filter((one) => !/ 101 /.test(one))).toEqual(expected));

  test('each occurrence of a group is looked at', () => {
    const orders = ['PID|||1||H', 'OBR|1|||C^Creatinine', 'OBX|1|NM|C||1||||||F', 'ORC|RE', 'OBX|1|NM|C||1||||||F'];
    expect(found(adt(orders, { type: 'ORU^R01^ORU_R01' }))).toEqual(['OBR 100 error']);
  });

  test('the structure is that of the event, whatever MSH-9.3 says', () => {
    expect(found(adt([evn, pid, pv1], { type: 'ADT^A04^ADT_A04' }))).toEqual(['MSH-9.3 200 warning']);
    expect(found(adt([evn, pid, pv1], { type: 'ADT^A04' }))).toEqual([]);
  });

  test('a type or event of nobody, a processing id and a version that are none have the codes of the header', () => {
    expect(found(adt([], { type: 'ADX^A01' }))).toEqual(['MSH-9.1 200 error', 'MSH-9 200 information']);
    expect(found(adt([], { type: 'ADT^A0X' }))).toEqual(['MSH-9.2 201 error', 'MSH-9 200 information']);
    const text = adt([evn, pid, pv1], { version: '3' }).text.replace('|P|', '|Q|');
    expect(found(Message.fromText(text))).toEqual(expect.arrayContaining(['MSH-11.1 202 error', 'MSH-12.1 203 error']));
  });

  test('2.1 is read as 2.1: NK1 is required there, and no field that came later', () => {
    expect(found(adt([evn, pid, pv1], { type: 'ADT^A01', version: '2.1' }))).toContain('NK1 100 error');
  });
});

describe('fields against the dictionary of the version', () => {
  const pidWith = (fields: Record<number, string>): string => {
    const parts = pid.split('|');
    for (const [at, value] of Object.entries(fields)) parts[Number(at)] = value;
    return Array.from(parts, (part) => part ?? '').join('|');
  };
  test.each<[string, Record<number, string>, string[]]>([
    ['a required field that is empty', { 3: '' }, ['PID-3 101 error']],
    ['one of nothing but delimiters', { 3: '^^^~^' }, ['PID-3 101 error']],
    ['a required component of a value that is there', { 3: '^^^MERCY^MR' }, ['PID-3.1 101 error']],
    ['a field that does not repeat', { 7: '19800131~19800201' }, ['PID-7[2] 198 error']],
    ['one that is too long', { 23: 'x'.repeat(251) }, ['PID-23 104 warning']],
    ['a date that is none', { 7: 'in May' }, ['PID-7.1 102 error']],
    ['a day that does not exist', { 7: '19800230' }, ['PID-7.1 102 error']],
    ['part of a date', { 7: '1980' }, []],
    ['a number', { 25: 'x1' }, ['PID-25 102 error']],
    ['a sequence', { 1: '1.5' }, ['PID-1 102 error']],
    ['a code that HL7 defines', { 24: 'Q' }, ['PID-24 103 error']],
    ['a code that the site may define', { 8: 'W' }, ['PID-8 103 information']],
    ['a coded value of another system', { 10: '1^one^LOCAL' }, []],
    ['deep in a value: the type of the authority’s id', { 3: '1^^^M&1.2.3&OID' }, ['PID-3.4.3 103 error']],
    ['a component that the datatype does not have', { 30: 'Y^Y' }, ['PID-30 104 warning', 'PID-30 102 warning']],
    ['null, in a field that may be deleted', { 7: '""' }, []],
    ['a field behind the last', { 45: 'x' }, ['PID-45 199 information']],
  ])('%s', (_, fields, expected) => expect(found(adt([evn, pidWith(fields), pv1]))).toEqual(expected));

  test('OBX-5 is of the datatype that OBX-2 names (7.4.2.2)', () => {
    const result = (obx: string) =>
      found(adt(['PID|||1||H', 'OBR|1|||C^Creatinine', `OBX|1|${obx}||||||F`], { type: 'ORU^R01^ORU_R01' }));
    expect(result('NM|C||<5')).toEqual(['OBX-5 102 error']);
    expect(result('SN|C||<^5')).toEqual([]);
    expect(result('SN|C||<^five')).toEqual(['OBX-5.2 102 error']);
    expect(result('CWE|C||A^a^L')).toEqual([]);
    expect(result('|C||5')).toEqual(['OBX-2 101 error']);
    expect(result('QQ|C||5')).toEqual(['OBX-2 103 error']);
  });

  test('from 2.7 on lengths are what a receiver must take, and no fault of the message (2.5.5.3)', () => {
    const long = pidWith({ 23: 'x'.repeat(251) });
    expect(found(adt([evn, long, pv1], { version: '2.7' })).filter((one) => / 104 /.test(one))).toEqual([]);
  });
});

describe('a profile of a site', () => {
  const rule = (path: string, more: Partial<ProfileRule>): ProfileRule => {
    const parsed = parsePath(path);
    return {
      text: path,
      path: { ...parsed, occurrence: path.includes('[') ? parsed.occurrence : 0, repetition: 0 },
      ...{ group: null, usage: 'O', cardinality: null, length: null, type: null, table: null, values: null, when: null },
      severity: 'error',
      ...more,
    };
  };
  const by = (rules: readonly ProfileRule[], types?: readonly string[]) =>
    compileConformance({
      standard: false,
      profile: { name: 'site', description: '', rules: types ? [] : rules, messages: types ? [{ types, rules }] : [] },
    });
  const two = 'PID|||4711^^^MERCY^MR~0815||Huber^Anna||19800131|F';

  test.each<[string, ProfileRule, string[]]>([
    ['a segment that is agreed', rule('NK1', { usage: 'R' }), ['NK1 100 error']],
    ['a segment that must not come', rule('PV1', { usage: 'X' }), ['PV1 198 error']],
    ['how often a segment comes', rule('PID', { cardinality: { min: 2, max: null } }), ['PID 198 error']],
    ['a field that is agreed', rule('PID-11', { usage: 'R' }), ['PID-11 101 error']],
    ['one that may be empty', rule('PID-11', { usage: 'RE' }), []],
    ['a field that must not come', rule('PID-7', { usage: 'X' }), ['PID-7 198 error']],
    ['how often a field repeats', rule('PID-3', { cardinality: { min: 1, max: 1 } }), ['PID-3[2] 198 error']],
    ['a component, of each repetition', rule('PID-3.4', { usage: 'R' }), ['PID-3[2].4 101 error']],
    ['a component of a field that is empty', rule('PID-11.1', { usage: 'R' }), []],
    ['a length', rule('PID-3.1', { length: { min: 5, max: 8 } }), ['PID-3.1 104 error', 'PID-3[2].1 104 error']],
    ['values', rule('PID-8', { values: ['M', 'U'] }), ['PID-8 103 error']],
    ['a constant', rule('PID-3.4', { values: ['MERCY'] }), []],
    ['a table', rule('PID-3.5', { table: '0203' }), []],
    ['a datatype', rule('PID-5.1', { type: 'NM' }), ['PID-5.1 102 error']],
    ['another severity', rule('PID-8', { values: ['M'], severity: 'warning' }), ['PID-8 103 warning']],
    ['a condition', rule('PID-11', { usage: 'R', when: parseCondition('ADT^A08') }), []],
    ['a condition that holds', rule('PID-11', { usage: 'R', when: parseCondition('PID-8 = "F"') }), ['PID-11 101 error']],
  ])('%s', (_, one, expected) => expect(found(adt([evn, two, pv1]), by([one]))).toEqual(expected));

  test('of some message types only', () => {
    const rules = [rule('NK1', { usage: 'R' })];
    expect(found(adt([evn, two, pv1]), by(rules, ['ADT^*']))).toEqual(['NK1 100 error']);
    expect(found(adt([evn, two, pv1]), by(rules, ['ADT^A08', 'ORU^*']))).toEqual([]);
  });

  test('in each occurrence of a group', () => {
    const oru = adt(['PID|||1', 'OBR|1', 'OBX|1|NM', 'OBX|2|ST', 'OBR|2'], { type: 'ORU^R01^ORU_R01' });
    const each = rule('OBX', { usage: 'R', group: 'ORDER_OBSERVATION' });
    expect(found(oru, by([each]))).toEqual(['OBX 100 error']);
    const own = rule('OBX-5', { usage: 'R', when: parseCondition('OBX-2 = "NM"') });
    expect(found(oru, by([own]))).toEqual(['OBX-5 101 error']);
  });
});

test('a finding holds nothing of the message but names of segments, and is a sentence with its next step', () => {
  const secret = 'Xyzzy';
  const lines = [
    `EVN|${secret}|${secret}`,
    `PID|${secret}|||${secret}|||${secret}|${secret}~${secret}|||||||||||||||${secret}`,
    `${secret}|1`,
  ];
  const findings = check(adt([...lines, 'OBX|1|NM|||'.padEnd(20, secret)], { type: `ADT^A01^${secret}`, version: '2.4' }));
  expect(findings.length).toBeGreaterThan(6);
  for (const { text, location } of findings) {
    expect(`${text} ${location}`.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(text).toMatch(/^[A-Z].* \(.+\); .+[^.]$/);
    expect(() => parsePath(location)).not.toThrow();
  }
});

test('whatever a sender writes, the check ends with findings, a thousand at most', () => {
  const piece = fc.constantFrom(
    '|',
    '^',
    '~',
    '&',
    '\\',
    '\r',
    '""',
    'PID',
    'OBX|1|NM',
    'MSH',
    'ORC',
    'é',
    '__proto__|',
    '0',
    'A01',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.constantFrom('2.1', '2.3', '2.5.1', '2.9', '', 'x'), (pieces, version) => {
      const findings = check(adt([pieces.join('')], { type: 'ORU^R01', version }));
      expect(findings.length).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
  const flood = Array.from({ length: 2_000 }, () => 'OBX|x');
  expect(check(adt(flood, { type: 'ORU^R01' }))).toHaveLength(1_000);
});
