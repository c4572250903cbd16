/** Promise 5: each populated field of a message is mapped by a row, skipped by a row that says why, or listed as dropped. */
import { describe, expect, test } from 'vitest';
import { mapPatient, mapperOf, messageOf, received } from '../../test/support/mapping.ts';

const cx =
  'map: "CX[Identifier]"\ndatatype: CX\ntype: Identifier\nrows:\n  - {id: 3, from: CX.1, to: value}\n  - {id: 14, skip: CX.9, why: no FHIR element}\n  - {id: 9, from: CX.4, to: system, as: "HD[uri]"}';
const hd =
  'map: "HD[uri]"\ndatatype: HD\ntype: uri\nrows:\n  - {id: 3, from: HD.1, to: $value}\n  - {skip: HD.3, why: not needed}';
const rows =
  '- {id: 5, from: PID-3, to: identifier}\n- {id: 3, skip: PID-1, why: a counter}\n- {id: 7, skip: PID-5, why: a name, when: PID-8 = "F"}\n- {id: 10, from: PID-7, to: birthDate, when: PID-8 = "F"}';

describe('the ledger', () => {
  const ledger = mapPatient(rows, 'PID|1||7^8^^A&B&C^^^^^D||Doe||1980|M', cx, hd).ledger();
  const line = (path: string) => ledger.find((one) => one.path === path);

  test('names the rows of a mapped leaf, outermost first', () => {
    expect(line('PID-3[1].1.1')).toMatchObject({ state: 'mapped', rows: ['PID[Patient]#5', 'CX[Identifier]#3'], why: null });
    expect(line('PID-3[1].4.1')).toMatchObject({ state: 'mapped', rows: ['PID[Patient]#5', 'CX[Identifier]#9', 'HD[uri]#3'] });
  });

  test('gives the reason of a skipped one, also from a datatype map, one component further down too', () => {
    expect(line('PID-1[1].1.1')).toMatchObject({ state: 'skipped', rows: ['PID[Patient]#3'], why: 'a counter' });
    expect(line('PID-3[1].9.1')).toMatchObject({
      state: 'skipped',
      rows: ['PID[Patient]#5', 'CX[Identifier]#14'],
      why: 'no FHIR element',
    });
    expect(line('PID-3[1].4.3')).toMatchObject({ state: 'skipped', why: 'not needed' });
  });

  test('lists the rest as dropped: what no row names, and what a condition left out', () => {
    expect(ledger.filter(({ state }) => state === 'dropped').map(({ path }) => path)).toEqual([
      'PID-3[1].2.1',
      'PID-3[1].4.2',
      'PID-5[1].1.1',
      'PID-7[1].1.1',
      'PID-8[1].1.1',
    ]);
  });

  test('has the delimiters apart, which are no data, and every leaf once', () => {
    expect(line('MSH-2[1].1.1')).toMatchObject({ state: 'skipped' });
    expect(new Set(ledger.map(({ path }) => path)).size).toBe(ledger.length);
  });

  test('takes a conditional skip where its condition holds', () => {
    const female = mapPatient(rows, 'PID|1||7||Doe||1980|F', cx, hd).ledger();
    expect(female.find(({ path }) => path === 'PID-5[1].1.1')).toMatchObject({ state: 'skipped', why: 'a name' });
  });

  test('believes a reason that names another map only where the message uses that map', () => {
    const own = '- {skip: PID-18, why: "PID[Account] has it"}\n- {skip: PID-33, why: "PID[Patient] has it"}';
    const lines = mapPatient(own, `PID|1${'|'.repeat(17)}77${'|'.repeat(15)}2026`).ledger();
    const stateOf = (path: string) => lines.find((one) => one.path === path)?.state;
    expect([stateOf('PID-18[1].1.1'), stateOf('PID-33[1].1.1')]).toEqual(['dropped', 'skipped']);
  });

  test('counts what was read for an identity or a text as mapped, but not what stands beside it', () => {
    const own =
      '- {from: PID-5, to: contact.organization, make: Organization, key: {by: [PID-5.3]}, with: [{from: PID-5.1, to: name}]}\n- {set: "{PID-7} in {PID-23}", to: contact.name.text}';
    const states = Object.fromEntries(
      mapPatient(own, `PID|||||A^B^C||1980${'|'.repeat(16)}Rye`)
        .ledger()
        .map(({ path, state }) => [path, state]),
    );
    expect(states).toMatchObject({
      'PID-5[1].1.1': 'mapped',
      'PID-5[1].2.1': 'dropped',
      'PID-5[1].3.1': 'mapped',
      'PID-7[1].1.1': 'mapped',
      'PID-23[1].1.1': 'mapped',
    });
  });

  test('a value that could not be converted is dropped, and so is one of two that say otherwise', () => {
    const states = (pid: string) =>
      Object.fromEntries(
        mapPatient('- {from: PID-7, to: birthDate}\n- {from: PID-29, to: birthDate}\n- {from: PID-8, to: gender}', pid)
          .ledger()
          .map(({ path, state }) => [path, state]),
      );
    expect(states('PID|||||||never|F')).toMatchObject({ 'PID-7[1].1.1': 'dropped' });
    expect(states(`PID|||||||1980|F${'|'.repeat(21)}1981`)).toMatchObject({
      'PID-7[1].1.1': 'mapped',
      'PID-29[1].1.1': 'dropped',
    });
    expect(states(`PID|||||||1980|F${'|'.repeat(21)}1980`)).toMatchObject({ 'PID-29[1].1.1': 'mapped' });
  });

  test('a segment that a step leaves out is skipped with its reason, an unknown one is dropped', () => {
    const mapper = mapperOf([
      'message: M\nfor: []\nbuild:\n  - {skip: MSH, why: x}\n  - {id: 8, skip: GT1, why: no map}\n  - {segment: PID, make: Patient, rows: [{from: PID-7, to: birthDate}]}',
    ]);
    const states = mapper.map('M', messageOf('GT1|1', 'PID|||||||1980', 'ZZZ|1'), { receivedAt: received }).ledger();
    expect(states.find(({ path }) => path === 'GT1-1[1].1.1')).toMatchObject({ state: 'skipped', rows: ['M#8'], why: 'no map' });
    expect(states.find(({ path }) => path === 'ZZZ-1[1].1.1')).toMatchObject({ state: 'dropped' });
  });
});

describe('the trace', () => {
  const { trace, bundle } = mapPatient(
    '- {id: 5, from: PID-3, to: identifier, with: [{id: 6, set: usual, to: use}]}\n- {from: PID-5.2, to: name.given}',
    'PID|||7~8||^A~^B',
    cx,
    hd,
  );

  test('has every leaf that was written, with its path in the entry', () => {
    const paths = trace.map(({ entry, path }) => `${entry} ${path}`);
    expect(paths.sort()).toEqual([
      '0 identifier[0].use',
      '0 identifier[0].value',
      '0 identifier[1].use',
      '0 identifier[1].value',
      '0 name[0].given[0]',
      '0 name[0].given[1]',
    ]);
    expect(bundle.entry).toHaveLength(1);
  });

  test('says where a value came from; a constant came from nowhere', () => {
    const of = (path: string) => trace.find((one) => one.path === path);
    expect(of('identifier[1].value')).toEqual({
      entry: 0,
      path: 'identifier[1].value',
      rows: ['PID[Patient]#5', 'CX[Identifier]#3'],
      from: { index: 1, segment: 'PID', field: 3, repetition: 2, component: 1, subcomponent: 0 },
    });
    expect(of('identifier[0].use')).toMatchObject({ rows: ['PID[Patient]#5', 'PID[Patient]#6'], from: null });
    expect(of('name[0].given[1]')).toMatchObject({ rows: ['PID[Patient]@6'], from: { field: 5, repetition: 2, component: 2 } });
  });
});

test('a value for which a constant is written is mapped, and no more of it than its code', () => {
  const lines = mapPatient('- {from: PID-16, set: R, to: meta.security.code}', 'PID||||||||||||||||P^kept').ledger();
  expect(lines.filter(({ path }) => path.startsWith('PID')).map(({ path, state }) => [path, state])).toEqual([
    ['PID-16[1].1.1', 'mapped'],
    ['PID-16[1].2.1', 'dropped'],
  ]);
});

test('a step whose setting is off leaves out what its own rows would have left out', () => {
  const message =
    'message: M\nfor: []\nbuild: [{skip: MSH, why: x}, {segment: PID, make: Provenance, setting: provenance, rows: [{skip: PID-1, why: a counter}, {from: PID-7, to: recorded}]}]';
  const lines = mapperOf([message]).map('M', messageOf('PID|1||||||1980'), { receivedAt: received }).ledger();
  expect(lines.filter(({ path }) => path.startsWith('PID')).map(({ state, why }) => [state, why])).toEqual([
    ['skipped', 'a counter'],
    ['skipped', 'the setting provenance is off'],
  ]);
});
