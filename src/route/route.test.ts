import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from '../channel/types.ts';
import { parseCondition } from '../hl7/condition-parse.ts';
import { Message } from '../hl7/message.ts';
import { orderKeys } from './order.ts';
import { compileRoutes, route } from './route.ts';

const source = { file: 'channels/a.yaml', line: 1, column: 1 };

function filter(when: string, reason: string): Route {
  return { kind: 'filter', when: parseCondition(when), text: when, reason, source };
}

function map(when: string, mapping: string): Route {
  return { kind: 'map', when: parseCondition(when), text: when, mapping, to: null, edits: [], source };
}

const routes = compileRoutes({
  route: [
    filter('ADT^A08 and PV1-2 = "P"', 'pre-admit updates stay in the EHR'),
    map('ADT^A40', 'ADT_A39'),
    map('OBX-3 = "X1" and count(OBX-3) > 1', 'TWICE'),
    filter('NTE valued', 'notes are not wanted'),
    map('ADT^*', 'ADT_A01'),
  ],
});

function message(type: string, ...segments: string[]): Message {
  return Message.fromText([`MSH|^~\\&|EPIC|MAIN|||20260101||${type}|1|P|2.5.1`, ...segments].join('\r'));
}

describe('the first route that holds decides (DESIGN, 5)', () => {
  it.each([
    [
      'a filter before the wider map',
      message('ADT^A08', 'PV1|1|P'),
      { kind: 'filter', reason: 'pre-admit updates stay in the EHR', route: 0 },
    ],
    [
      'the code of a coded field',
      message('ADT^A08', 'PV1|1|P^Preadmit^HL70004'),
      { kind: 'filter', reason: 'pre-admit updates stay in the EHR', route: 0 },
    ],
    ['a filter that does not hold', message('ADT^A08', 'PV1|1|I'), { kind: 'map', mapping: 'ADT_A01', route: 4 }],
    ['an event of its own', message('ADT^A40'), { kind: 'map', mapping: 'ADT_A39', route: 1 }],
    [
      'any occurrence of a segment',
      message('ORU^R01', 'OBX|1||A', 'OBX|2||X1^Name'),
      { kind: 'map', mapping: 'TWICE', route: 2 },
    ],
    ['a segment that is there', message('ORU^R01', 'NTE|1||text'), { kind: 'filter', reason: 'notes are not wanted', route: 3 }],
    ['no route', message('ORU^R01'), { kind: 'none' }],
  ])('%s', (_, given, expected) => {
    expect(route(given, routes)).toEqual(expected);
  });

  it('takes every message where the condition is left out', () => {
    const always = compileRoutes({
      route: [{ kind: 'map', when: { kind: 'and', terms: [] }, text: '', mapping: 'ANY', to: null, edits: [], source }],
    });
    expect(route(message('MDM^T02'), always)).toEqual({ kind: 'map', mapping: 'ANY', route: 0 });
  });
});

describe('order keys: messages of one patient share a lane (promise 3)', () => {
  const byPatient = { orderBy: 'PID-3.1' };

  it.each([
    ['the first repetition', message('ADT^A01', 'PID|1||700^^^H~800^^^X'), ['700']],
    ['no patient', message('ADT^A01', 'EVN|A01'), ['']],
    ['a merge waits for both, in one order', message('ADT^A40', 'PID|1||700', 'MRG|300^^^H'), ['300', '700']],
    ['whatever its direction', message('ADT^A18', 'PID|1||300', 'MRG|700'), ['300', '700']],
    ['a merge into itself', message('ADT^A40', 'PID|1||700', 'MRG|700'), ['700']],
    ['a swap of two patients (A17)', message('ADT^A17', 'PID|1||700', 'PV1|1|I', 'PID|2||300', 'PV1|1|I'), ['300', '700']],
    ['a link of two patients (A24)', message('ADT^A24', 'PID|1||700', 'PID|2||300'), ['300', '700']],
    [
      'several merges in one message wait for all of their patients (ADT_A39 repeats its group)',
      message('ADT^A40', 'PID|1||700', 'MRG|300', 'PID|2||500', 'MRG|900'),
      ['300', '500', '700', '900'],
    ],
    ['a move waits for both', message('ADT^A44', 'PID|1||700', 'MRG|300||A1'), ['300', '700']],
    ['a move of several visits', message('ADT^A45', 'PID|1||700', 'MRG|300', 'PV1|1', 'MRG|500', 'PV1|1'), ['300', '500', '700']],
    ['accounts of several patients that end (BAR^P06)', message('BAR^P06', 'PID|1||700', 'PID|2||300'), ['300', '700']],
    ['a second patient elsewhere stays with the first', message('ORU^R01', 'PID|1||700', 'PID|2||300'), ['700']],
  ])('%s', (_, given, expected) => {
    expect(orderKeys(given, byPatient)).toEqual(expected);
  });

  it('has the key of each record of a master file, or that of the file', () => {
    const file = message('MFN^M02', 'MFI|PRA', 'MFE|MAD|1||77^^L', 'STF|77', 'MFE|MDC|2||12^^L');
    expect(orderKeys(file, { orderBy: 'MFE-4.1' })).toEqual(['12', '77']);
    expect(orderKeys(file, { orderBy: 'MFI-1.1' })).toEqual(['PRA']);
  });

  it('takes the prior value of what the channel is ordered by: an account, a visit', () => {
    const merge = message('ADT^A41', 'PID|1||700|||||||||||||||A7', 'PV1|1||||||||||||||||||V7', 'MRG|300||A3||V3');
    expect(orderKeys(merge, { orderBy: 'PID-18.1' })).toEqual(['A3', 'A7']);
    expect(orderKeys(merge, { orderBy: 'PV1-19.1' })).toEqual(['V3', 'V7']);
    expect(orderKeys(merge, { orderBy: 'MSH-4' })).toEqual(['MAIN']);
  });
});

it('answers for any content behind the header', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('ADT^A40', 'ADT^A17', '^^', ''), (junk, type) => {
      const given = message(type, junk);
      expect(['map', 'filter', 'none']).toContain(route(given, routes).kind);
      expect(orderKeys(given, { orderBy: 'PID-3.1' }).length).toBeGreaterThan(0);
    }),
  );
});
