/** `weir test`: a test that proves nothing is refused, and what is otherwise than expected is shown. */
import { describe, expect, it } from 'vitest';
import { mapTests } from '../channel/map-tests.ts';
import { readMappingTexts } from '../channel/mappings.ts';
import { layOver } from '../channel/overlaid.ts';
import { compare } from './compare.ts';
import { runMapTest } from './map-trials.ts';

describe('what is expected and what is found', () => {
  it('an object may have more than is expected of it, and null expects that there is none', () => {
    expect(compare({ a: 1, b: null }, { a: 1, c: 2 }, 'X')).toEqual([]);
    expect(compare({ a: 1, b: null }, { a: 2, b: 'text' }, 'X')).toEqual([
      { path: 'X.a', expected: '1', found: '2' },
      { path: 'X.b', expected: 'nothing', found: '"text"' },
    ]);
  });

  it('of a list each expected item wants an item of its own, in any order', () => {
    const names = [
      { use: 'official', family: 'A' },
      { use: 'maiden', family: 'B' },
    ];
    expect(compare([{ family: 'B' }, { family: 'A' }], names, 'name')).toEqual([]);
    expect(compare([{ use: 'maiden' }, { use: 'maiden' }], names, 'name')).toEqual([
      { path: 'name[1].use', expected: '"maiden"', found: '"official"' },
    ]);
    expect(compare({ family: 'B' }, names, 'name')).toEqual([]);
    expect(compare([{}, {}, {}], names, 'name')).toHaveLength(1);
  });

  it('what is most like it is compared', () => {
    const items = [
      { code: 'x', value: 1 },
      { code: 'y', value: 2 },
    ];
    expect(compare({ code: 'y', value: 3 }, items, 'c')).toEqual([{ path: 'c.value', expected: '3', found: '2' }]);
  });
});

const segment = (tests: string) => ({
  kind: 'segments' as const,
  file: 'segments/PID[Patient].yaml',
  text: `map: PID[Patient]\nsegment: PID\nresource: Patient\nrows:\n  - {from: PID-7, to: birthDate}\n  - {from: PID-8, to: gender, vocab: Sex}\ntests:\n${tests}`,
});
const sex = {
  kind: 'vocab' as const,
  file: 'vocab/Sex.yaml',
  text: 'vocab: Sex\nrows: [{from: F, to: female}, {from: X, skip: true, why: none}]\ntests: [{given: F, expect: male}, {given: X, expect: null}, {given: F, expect: null}]',
};

function run(...texts: Parameters<typeof readMappingTexts>[0]) {
  const read = readMappingTexts(texts);
  expect(read.findings).toEqual([]);
  return mapTests(read, layOver(read, [], [])).map((one) => {
    const { name, differences } = runMapTest(one);
    return { name, differences: differences.map(({ path, expected, found }) => `${path}: ${expected} / ${found}`) };
  });
}

describe('inline tests', () => {
  it('say what is otherwise than they expect: elements, issues, dropped fields, codes, what should be absent, counts', () => {
    const tests = [
      '- {name: good, given: PID|||||||19500101|F, expect: {Patient: {birthDate: "1950-01-01"}, issues: [], dropped: [], absent: [Patient.name]}}',
      '- {name: element, given: PID|||||||19500101, expect: {Patient: {birthDate: "1951-01-01"}}}',
      '- {name: others, given: PID|||||A||never|Q, expect: {issues: [], dropped: [], unmapped: []}}',
      '- {name: absent, given: PID|||||||19500101, expect: {absent: [Patient.birthDate], count: {Patient: 2}}}',
      '- {name: nothing, given: PID|1, expect: {Patient: {gender: female}}}',
      '- {name: none, given: PID|||||||19500101, expect: {Patient: null, Observation: null}}',
    ];
    const results = run(segment(tests.map((line) => `  ${line}`).join('\n')), {
      ...sex,
      text: 'vocab: Sex\nrows: [{from: F, to: female}]',
    });
    expect(results.map(({ differences }) => differences)).toEqual([
      [],
      ['Patient.birthDate: "1951-01-01" / "1950-01-01"'],
      [
        'issues: [] / ["bad-date PID-7","unmapped-code PID-8"]',
        'dropped: [] / ["PID-5[1].1.1","PID-7[1].1.1","PID-8[1].1.1"]',
        'unmapped: [] / ["Q PID-8"]',
      ],
      ['Patient.birthDate: nothing / "1950-01-01"', 'count.Patient: 2 / 1'],
      ['Patient: {"gender":"female"} / none'],
      ['Patient: none / [{"resourceType":"Patient","birthDate":"1950-01-01"'.slice(0, 30)].map((start) =>
        expect.stringContaining(start),
      ),
    ]);
  });

  it('of a vocabulary name the target, or null for none', () => {
    expect(run(sex).map(({ differences }) => differences)).toEqual([
      ['F.code: "male" / "female"'],
      [],
      ['F: no target / female'],
    ]);
  });

  it('of a datatype map take a value; what it makes is expected by its type', () => {
    const cx = {
      kind: 'datatypes' as const,
      file: 'datatypes/CX[Identifier].yaml',
      text: 'map: "CX[Identifier]"\ndatatype: CX\ntype: Identifier\nrows:\n  - {from: CX.1, to: value}\n  - {from: CX.4.1, to: assigner, make: Organization, with: [{from: CX.4.1, to: name}]}\ntests:\n  - {given: {CX: 7^^^A}, expect: {Identifier: {value: "7"}, Organization: {name: A}}}\n  - {given: "", expect: {Identifier: null}}'.replace(
        'given: ""',
        'given: "^x"',
      ),
    };
    expect(run(cx).map(({ differences }) => differences)).toEqual([[], []]);
  });

  it('of an overlay run with what it makes of the base', () => {
    const change = {
      kind: 'sites' as const,
      file: 'sites/mercy/PID.yaml',
      text: 'change-map: PID[Patient]\nadd: [{from: PID-5, to: name.text}]\ntests:\n  - {given: "PID|||||Fox|||F", expect: {Patient: {gender: female, name: {text: Fox}}}}',
    };
    const base = segment('  - {given: "PID|||||Fox|||F", expect: {Patient: {name: null}}}');
    expect(
      run(base, { ...sex, text: 'vocab: Sex\nrows: [{from: F, to: female}]' }, change).map(({ differences }) => differences),
    ).toEqual([[], []]);
  });
});
