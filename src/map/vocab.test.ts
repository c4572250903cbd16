/** Vocabulary maps: docs/mapping-language.md, "Vocabulary maps". */
import { describe, expect, test } from 'vitest';
import { contentOf, mapPatient, mapperOf, messageOf, received } from '../../test/support/mapping.ts';

const sex =
  'vocab: Sex\ntable: "0001"\nsystem: http://hl7.org/fhir/administrative-gender\nrows:\n  - {id: 3, from: F, to: female}\n  - {id: 6, from: X, to: {code: other, display: Other}}\n  - {id: 9, from: Q, skip: true, why: not a sex}';
const marital =
  'vocab: Marital\ntable: "0002"\nsystem: http://x.example/m\nrows:\n  - {id: 3, from: M, to: {code: MM, display: Married}}\n  - {id: 4, from: S, to: S}\n  - {from: H, to: {code: MM, display: Married}}\notherwise: {code: UNK}';
const cwe =
  'map: "CWE[CodeableConcept]"\ndatatype: CWE\ntype: CodeableConcept\nrows:\n  - {from: CWE.1, to: coding.code}\n  - {from: CWE.2, to: coding.display}\n  - {from: CWE.3, to: coding.system, use: codeSystem}\n  - {from: CWE.9, to: text}';
const gender = (pid: string) => mapPatient('- {from: PID-8, to: gender, vocab: Sex}\n- {from: PID-1, to: language}', pid, sex);
const status = (code: string) =>
  contentOf(
    mapPatient('- {from: PID-16, to: maritalStatus, vocab: Marital}', `PID|${'|'.repeat(15)}${code}`, marital, cwe),
    'Patient',
  )?.maritalStatus;

describe('into a code', () => {
  test('goes the code of the target', () =>
    expect(contentOf(gender('PID|de|||||||F^Female'), 'Patient')).toEqual({ gender: 'female', language: 'de' }));

  test('what the target stands for is mapped: the text and the system as sent', () => {
    const lines = gender('PID|de|||||||F^Female^HL70001').ledger();
    expect(lines.filter(({ path }) => path.startsWith('PID-8')).map(({ state }) => state)).toEqual([
      'mapped',
      'mapped',
      'mapped',
    ]);
  });

  test('without a row it stays empty, and is reported with place, code and vocabulary', () => {
    const result = gender('PID|de|||||||Z^^L');
    expect(contentOf(result, 'Patient')).toEqual({ language: 'de' });
    expect(result.unmappedCodes).toEqual([{ path: 'PID-8', code: 'Z', system: 'L', vocab: 'Sex' }]);
    expect(result.issues).toMatchObject([{ severity: 'warning', code: 'unmapped-code', path: 'PID-8' }]);
    expect(result.issues[0]?.text).not.toContain('Z');
  });

  test('that a row leaves out on purpose is not unmapped', () => {
    const result = gender('PID||||||||Q');
    expect([result.issues, result.unmappedCodes]).toEqual([[], []]);
  });

  test('an unmapped one is an error where the channel parks such messages', () => {
    const message =
      'message: M\nfor: []\nbuild: [{skip: MSH, why: x}, {segment: PID, make: Patient, rows: [{from: PID-8, to: gender, vocab: Sex}]}]';
    const result = mapperOf([message, sex], { unmappedCode: 'park' }).map('M', messageOf('PID||||||||Z'), {
      receivedAt: received,
    });
    expect(result.issues).toMatchObject([{ severity: 'error', code: 'unmapped-code' }]);
  });
});

describe('into a CodeableConcept', () => {
  test('the mapped coding comes first, the one as sent follows where it is another, with its text', () => {
    expect(status('M^married^L^^^^^^wed')).toEqual({
      coding: [
        { system: 'http://x.example/m', code: 'MM', display: 'Married' },
        { code: 'M', display: 'married', system: 'urn:id:L' },
      ],
      text: 'wed',
    });
  });

  test("a row that is none of the guide's says nothing of the table", () => {
    expect(status('H')).toEqual({ coding: [{ system: 'http://x.example/m', code: 'MM', display: 'Married' }, { code: 'H' }] });
  });

  test("a code that is the target's is there once, in the target's system", () => {
    expect(status('S')).toEqual({ coding: [{ code: 'S', system: 'http://x.example/m' }] });
  });

  test('the words as sent are no display of a system that is HL7 itself: they are the text, where there is none', () => {
    expect(status('M^married^HL70002')).toEqual({
      coding: [
        { system: 'http://x.example/m', code: 'MM', display: 'Married' },
        { code: 'M', system: 'http://terminology.hl7.org/CodeSystem/v2-0002' },
      ],
      text: 'married',
    });
    expect(status('M^married^HL70002^^^^^^wed')).toMatchObject({ text: 'wed' });
  });

  test('so they are without a vocabulary, and the trace follows them', () => {
    const result = mapPatient('- {from: PID-16, to: maritalStatus}', `PID|${'|'.repeat(15)}M^married^HL70002`, cwe);
    expect(contentOf(result, 'Patient')?.maritalStatus).toEqual({
      coding: [{ code: 'M', system: 'http://terminology.hl7.org/CodeSystem/v2-0002' }],
      text: 'married',
    });
    expect(result.trace.find(({ path }) => path === 'maritalStatus.text')?.from).toMatchObject({ field: 16, component: 2 });
    expect(result.ledger().filter(({ path, state }) => path.startsWith('PID-16') && state !== 'mapped')).toEqual([]);
  });

  test('a code of another named system is taken as sent, without a word; one of the table is not', () => {
    const severe = 'vocab: Severity\ntable: "0128"\nsystem: http://x.example/s\nrows:\n  - {id: 3, from: SV, to: severe}';
    const issues = (code: string) =>
      mapPatient('- {from: PID-16, to: maritalStatus, vocab: Severity}', `PID|${'|'.repeat(15)}${code}`, severe, cwe)
        .unmappedCodes.length;
    expect([issues('24484000^Severe^SCT'), issues('XX'), issues('XX^^HL70128')]).toEqual([0, 1, 1]);
  });

  test('the code as sent is of the v2 table where a row knows it and the sender names no system', () => {
    expect(status('M')).toMatchObject({
      coding: [{ code: 'MM' }, { code: 'M', system: 'http://terminology.hl7.org/CodeSystem/v2-0002' }],
    });
  });

  test('a coding as sent that is the target is there once', () => {
    expect(status('S^Single^http://x.example/m')).toEqual({
      coding: [{ code: 'S', display: 'Single', system: 'http://x.example/m' }],
    });
  });

  test('"otherwise" is the target of a code without a row, and its table is not claimed', () => {
    expect(status('W^widow')).toEqual({
      coding: [
        { system: 'http://x.example/m', code: 'UNK' },
        { code: 'W', display: 'widow' },
      ],
    });
  });

  test('a text without a code is kept', () => expect(status('^married')).toEqual({ coding: [{ display: 'married' }] }));
});

describe('into a Coding', () => {
  test('go code, system and display', () => {
    expect(contentOf(mapPatient('- {from: PID-8, to: meta.tag, vocab: Sex}', 'PID||||||||X', sex), 'Patient')).toEqual({
      meta: { tag: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'other', display: 'Other' }] },
    });
  });
});
