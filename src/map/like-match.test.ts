/** What message maps share, and what in them is found by its values: docs/mapping-language.md, "Like", "Match" and "Identity". */
import { describe, expect, test } from 'vitest';
import { mapperOf, messageOf, received, resourcesOf } from '../../test/support/mapping.ts';
import { build, named, nte, obr, obx, oru, pid, urlOf } from '../../test/support/oru.ts';

describe('like: what messages share stands once', () => {
  const other = `message: OUL_R24
for: [OUL^R24]
build:
  - {segment: MSH, like: ORU_R01}
  - {group: PATIENT, like: ORU_R01.PATIENT}
  - group: ORDER
    build:
      - {segment: OBR, like: ORU_R01.ORDER_OBSERVATION}
      - group: RESULT
        like: ORU_R01.OBSERVATION
        build:
          - {segment: TCD, fill: result, rows: [{from: TCD-1.1, to: method.text}]}`;
  const result = mapperOf([pid, obr, obx, nte, build, other]).map(
    'OUL_R24',
    messageOf('PID|||1^^^A', 'OBR|1|P1||X', 'OBX|1||a', 'NTE|||first', 'TCD|t', 'OBX|2||b'),
    { receivedAt: received },
  );

  test('the steps of a group and of a segment, and its own behind them', () => {
    const resources = named(result);
    expect(resources['DiagnosticReport X']).toMatchObject({ subject: { reference: urlOf(result, 'Patient') } });
    expect(resources['Observation a']).toMatchObject({ note: [{ text: 'first' }], method: { text: 't' } });
    expect(resources['Observation b']).not.toHaveProperty('method');
    expect(resources['DiagnosticReport X']?.result).toHaveLength(2);
  });

  test('are named in the trace after the map that they are written in', () => {
    const rows = result.trace.filter(({ path }) => path === 'subject.reference').flatMap((entry) => entry.rows);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatch(/^ORU_R01@/);
  });
});

describe('match: a reference to the resources that have the same values, wherever they stand', () => {
  const micro = build.replace(
    'into: report.result, key',
    `into: report.result,
                 rows: [{to: derivedFrom, ref: result, match: {OBX-3: OBR-26.1, OBX-4: OBR-26.2, OBR-3.1: OBR-29.2.1}, back: hasMember},
                        {to: focus, ref: result, match: {OBX-3: '"organism"', OBX-4: OBX-4}}], key`,
  );
  const derived = (...segments: string[]) =>
    Object.fromEntries(
      Object.entries(named(oru(['PID|||1^^^A', ...segments], {}, micro))).flatMap(([name, { derivedFrom }]) =>
        derivedFrom === undefined ? [] : [[name, derivedFrom]],
      ),
    );
  const child = 'OBR|2||F2|Y||||||||||||||||||||||organism^2|||P1&X^F1&LAB';

  test('of the parent result, also where it stands behind its child (HL7 2.9, 4.5.3.26)', () => {
    const parents = ['OBR|1||F1^LAB|X', 'OBX|1||organism|1', 'OBX|2||organism|2'];
    const before = derived(...parents, child, 'OBX|1||drug');
    expect(Object.keys(before)).toEqual(['Observation drug']);
    expect(before['Observation drug']).toHaveLength(1);
    expect(Object.keys(derived(child, 'OBX|1||drug', ...parents))).toEqual(['Observation drug']);
  });

  test('and the other refers back, once', () => {
    const resources = named(oru(['PID|||1^^^A', 'OBR|1||F1^LAB|X', 'OBX|2||organism|2', child, 'OBX|1||drug'], {}, micro));
    expect(resources['Observation organism']?.hasMember).toHaveLength(1);
  });

  test('a text in quotes stands for itself', () => {
    const same = oru(['PID|||1^^^A', 'OBR|1||F1|X', 'OBX|1||organism|1', 'OBX|2||count|1', 'OBX|3||drug|1'], {}, micro);
    expect(named(same)['Observation drug']?.focus).toEqual([{ reference: urlOf(same, 'Observation', 0) }]);
    expect(named(same)['Observation organism']).not.toHaveProperty('focus');
  });

  test('and none where no other has them all, or none is said', () => {
    expect(derived('OBR|1||F9^LAB|X', 'OBX|1||organism|2', child, 'OBX|1||drug')).toEqual({});
    expect(derived('OBR|1||F1^LAB|X', 'OBX|1||organism|2', 'OBR|2||F2|Y', 'OBX|1||drug')).toEqual({});
  });
});

describe('a key', () => {
  const requests = (key: string, mode: string, ...segments: string[]) => {
    const map = `message: M
for: []
build:
  - {skip: MSH, why: no data}
  - group: ORDER
    build:
      - segment: OBR
        make: ServiceRequest
        mode: ${mode}
        key: {${key}}
        rows: [{from: OBR-4, to: code.coding, with: [{from: OBR-4.1, to: code}]}, {from: OBR-2, to: identifier, with: [{from: OBR-2.1, to: value}, {from: OBR-2.2, to: system}]}]`;
    return (mapperOf([map]).map('M', messageOf(...segments), { receivedAt: received }).bundle.entry ?? []).map(
      ({ request }) => request?.ifNoneExist ?? request?.url ?? '',
    );
  };
  const two = ['OBR||1^http://a.example|F1|a', 'OBR||1^http://a.example|F2|b'];

  test('with search finds the resource by its identifier and that element, whichever message made it', () => {
    const found = ['identifier=http%3A%2F%2Fa.example%7C1&code=a', 'identifier=http%3A%2F%2Fa.example%7C1&code=b'];
    expect(requests('first: [OBR-2], search: [code]', 'create', ...two)).toEqual(found);
    expect(requests('first: [OBR-2], search: [code]', 'update', ...two)).toEqual(found.map((query) => `ServiceRequest?${query}`));
  });

  test('with search and no identifier with a system tells resources of one number apart by that element', () => {
    const [a, b] = requests('first: [OBR-2], search: [code]', 'update', 'OBR||1||a', 'OBR||1||b');
    expect(a).toMatch(/^ServiceRequest\/[0-9a-f-]{36}$/);
    expect(b).not.toBe(a);
    expect(requests('first: [OBR-2], search: [code]', 'update', 'OBR||1||b')).toEqual([b]);
  });

  test('that is the same twice is two resources, or one where it says so', () => {
    const twice = ['OBR||1|F1|a', 'OBR||1|F2|a'];
    expect(requests('first: [OBR-2]', 'update', ...twice)).toHaveLength(2);
    expect(requests('first: [OBR-2], same: true', 'update', ...twice)).toHaveLength(1);
  });
});

test('[#]: what several segments say of the items of one list, each to the item of its number', () => {
  const order = `message: M
for: []
build:
  - {skip: MSH, why: no data}
  - group: ORDER
    build:
      - {segment: RXO, make: MedicationRequest, as: order, rows: [{from: RXO-7.1, to: "dosageInstruction[#].patientInstruction"}]}
      - {segment: RXR, fill: order, map: "RXR[MedicationRequest]"}
      - {segment: TQ1, fill: order, map: "TQ1[MedicationRequest]"}`;
  const map = (segment: string, row: string) =>
    `map: "${segment}[MedicationRequest]"\nsegment: ${segment}\nresource: MedicationRequest\nrows:\n  - ${row}`;
  const result = mapperOf([
    order,
    map('RXR', '{from: RXR-1.1, to: "dosageInstruction[#].route.text"}'),
    map('TQ1', '{from: TQ1-11, to: "dosageInstruction[#].text"}'),
  ]).map('M', messageOf('RXO|||||||x', 'RXR|PO', `TQ1${'|'.repeat(11)}first`, `TQ1${'|'.repeat(11)}then`), {
    receivedAt: received,
  });
  expect(resourcesOf(result)).toMatchObject([
    { dosageInstruction: [{ patientInstruction: 'x', route: { text: 'PO' }, text: 'first' }, { text: 'then' }] },
  ]);
});

test('[OBX-4]: what several segments say of the items of one list, each to the item of its value; constants alone make none', () => {
  const rows = `
rows:
  - {from: OBX-5, to: "component[OBX-4].code.text", when: OBX-3.1 = "what"}
  - {from: OBX-5, to: "component[OBX-4].interpretation", when: OBX-3.1 = "how", with: [{to: text}]}
  - {set: none, to: "component[OBX-4].dataAbsentReason.text"}`;
  const map = `message: M
for: []
build:
  - {skip: MSH, why: no data}
  - group: ORDER
    build:
      - {segment: OBR, make: Observation, as: panel, rows: [{from: OBR-4.1, to: code.text}]}
      - group: OBSERVATION
        build: [{segment: OBX, fill: panel, map: "OBX[Observation]"}]`;
  const result = mapperOf([map, `map: "OBX[Observation]"\nsegment: OBX\nresource: Observation${rows}`]).map(
    'M',
    messageOf(
      'OBR||||a',
      'OBX||ST|how|2|low',
      'OBX||ST|what|1|b',
      'OBX||ST|else|3|x',
      'OBX||ST|what|2|c',
      'OBR||||d',
      'OBX||ST|what|2|e',
    ),
    { receivedAt: received },
  );
  const components = resourcesOf(result).map(({ component }) => component as unknown[]);
  expect(components[0]).toHaveLength(2);
  expect(components).toMatchObject([
    [{ interpretation: [{ text: 'low' }], code: { text: 'c' } }, { code: { text: 'b' } }],
    [{ code: { text: 'e' } }],
  ]);
});

describe('match of a fill: the resource of the same group with the same values', () => {
  const map = build.replace(
    '{segment: NTE, fill: result, map: "NTE[Observation]"}',
    `{segment: OBX, fill: result, match: {OBX-4: OBX-4}, when: OBX-3.1 = "note", rows: [{from: OBX-5, to: note.text}]}`,
  );
  const filled = map.replace(
    '{segment: OBX, make: Observation, as: result,',
    '{segment: OBX, make: Observation, as: result, when: OBX-3.1 != "note",',
  );
  const notes = (...segments: string[]) =>
    Object.entries(named(oru(['PID|||1^^^A', ...segments], {}, filled))).flatMap(([name, { note }]) =>
      note === undefined ? [] : [[name, note]],
    );

  test('before it or behind it', () => {
    expect(
      notes('OBR|1||F1|X', 'OBX|1||a|1', 'OBX|2||b|2', 'OBX|3|ST|note|1|on a', 'OBX|4|ST|note|3|on c', 'OBX|5||c|3'),
    ).toEqual([
      ['Observation a', [{ text: 'on a' }]],
      ['Observation c', [{ text: 'on c' }]],
    ]);
  });

  test('and of no other occurrence of the group around', () => {
    expect(notes('OBR|1||F1|X', 'OBX|1||a|1', 'OBR|2||F2|Y', 'OBX|1||b|2', 'OBX|2|ST|note|1|on nothing')).toEqual([]);
  });
});
