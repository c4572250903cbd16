/** Rows: docs/mapping-language.md, "Segment maps". */
import { describe, expect, test } from 'vitest';
import { contentOf, mapPatient, mapSegment } from '../../test/support/mapping.ts';

const cx =
  'map: "CX[Identifier]"\ndatatype: CX\ntype: Identifier\nrows:\n  - {id: 3, from: CX.1, to: value}\n  - {id: 9, from: CX.4.1, to: system}';
const xpn =
  'map: "XPN[HumanName]"\ndatatype: XPN\ntype: HumanName\nrows:\n  - {id: 3, from: XPN.1.1, to: family}\n  - {id: 4, from: XPN.2, to: given}\n  - {id: 5, from: XPN.3, to: given}';
const xtn =
  'map: "XTN[ContactPoint]"\ndatatype: XTN\ntype: ContactPoint\nrows:\n  - {from: XTN.1, to: value}\n  - {set: phone, to: system}';
const patient = (rows: string, pid: string, ...others: string[]) => contentOf(mapPatient(rows, pid, ...others), 'Patient');

describe('from', () => {
  test('a row whose from is empty does nothing, and a resource of nothing is not made', () => {
    expect(mapPatient('- {from: PID-7, to: birthDate}', 'PID|1').bundle.entry).toBeUndefined();
  });

  test('each repetition is one value: a list gets an item for each', () => {
    expect(patient('- {from: PID-5, to: name}', 'PID|||||A^B~C^D^E', xpn)).toEqual({
      name: [
        { family: 'A', given: ['B'] },
        { family: 'C', given: ['D', 'E'] },
      ],
    });
  });

  test('a single element takes the first repetition; the others are reported and stay dropped', () => {
    const result = mapPatient('- {from: PID-7, to: birthDate}', 'PID|||||||19800101~19810101');
    expect(contentOf(result, 'Patient')).toEqual({ birthDate: '1980-01-01' });
    expect(result.issues).toMatchObject([{ severity: 'warning', code: 'extra-repetition', path: 'PID-7[2]' }]);
    expect(result.ledger().find(({ path }) => path === 'PID-7[2].1.1')?.state).toBe('dropped');
  });

  test('the first repetition that has something for a single element is taken', () => {
    expect(patient('- {from: PID-7, to: birthDate}', 'PID|||||||~19810101')).toEqual({ birthDate: '1981-01-01' });
  });

  test('with join a single text takes every value, and comes from all of them', () => {
    const result = mapPatient('- {from: PID-5.1, to: language, join: "; "}', 'PID|||||Doe~Roe~~Poe');
    expect(contentOf(result, 'Patient')).toEqual({ language: 'Doe; Roe; Poe' });
    expect(result.trace.filter(({ path }) => path === 'language').map(({ from }) => from?.repetition)).toEqual([1, 2, 4]);
  });

  test('a path that names a repetition reads that one', () => {
    const result = mapPatient('- {from: "PID-7[2]", to: birthDate}', 'PID|||||||19800101~19810101');
    expect(contentOf(result, 'Patient')).toEqual({ birthDate: '1981-01-01' });
    expect(result.issues).toEqual([]);
  });

  test("another segment's name reads the nearest one", () => {
    expect(patient('- {from: MSH-4, to: language, when: PID-7 valued}', 'PID|||||||1980')).toEqual({ language: 'MAIN' });
  });
});

describe('to', () => {
  test('a list element that is passed through is one and the same item for all rows', () => {
    const rows =
      '- {from: PID-15.1, to: communication.language.coding.code}\n- {from: PID-15.2, to: communication.language.coding.display}';
    expect(patient(rows, 'PID|||||||||||||||en^English')).toEqual({
      communication: [{ language: { coding: [{ code: 'en', display: 'English' }] } }],
    });
  });

  test('a label tells several items apart', () => {
    const rows =
      '- {from: PID-16.1, to: "maritalStatus.coding[a].code"}\n- {from: PID-16.2, to: "maritalStatus.coding[a].display"}\n- {from: PID-16.4, to: "maritalStatus.coding[b].code"}';
    expect(patient(rows, 'PID||||||||||||||||M^Married^^X')).toEqual({
      maritalStatus: { coding: [{ code: 'M', display: 'Married' }, { code: 'X' }] },
    });
  });

  test('a labelled item at the end takes the first value, and further rows write into it', () => {
    const rows = '- {from: PID-3, to: "identifier[main]"}\n- {set: usual, to: "identifier[main].use", when: PID-3 valued}';
    expect(patient(rows, 'PID|||1~2', cx)).toEqual({ identifier: [{ value: '1', use: 'usual' }, { value: '2' }] });
  });

  test('an extension is found by its name, and made once', () => {
    const rows =
      '- {from: PID-23, to: extension(patient-birthPlace).valueAddress.text}\n- {from: PID-12, to: extension(patient-birthPlace).valueAddress.district}';
    expect(patient(rows, 'PID||||||||||||Kent|||||||||||Rye')).toEqual({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { text: 'Rye', district: 'Kent' } },
      ],
    });
  });

  test('a name with a colon is the URL itself; within an extension names are as they are', () => {
    const rows = '- {from: PID-10.1, to: "extension(http://x.example/a.b).extension(part).valueCode"}';
    expect(patient(rows, 'PID||||||||||W')).toEqual({
      extension: [{ url: 'http://x.example/a.b', extension: [{ url: 'part', valueCode: 'W' }] }],
    });
  });

  test('each repetition makes an extension of its own', () => {
    expect(patient('- {from: PID-6.1.1, to: extension(patient-mothersMaidenName).valueString}', 'PID||||||A~B')).toEqual({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName', valueString: 'A' },
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName', valueString: 'B' },
      ],
    });
  });

  test('an extension at the end is filled by the rows of with', () => {
    const rows =
      '- {from: PID-26, to: extension(patient-citizenship), with: [{from: PID-26.2, to: "extension(code).valueCodeableConcept.text"}]}';
    expect(patient(rows, 'PID||||||||||||||||||||||||||A^Austria~B^Belgium')).toEqual({
      extension: ['Austria', 'Belgium'].map((text) => ({
        url: 'http://hl7.org/fhir/StructureDefinition/patient-citizenship',
        extension: [{ url: 'code', valueCodeableConcept: { text } }],
      })),
    });
  });

  test('an extension on a primitive goes through its name (FHIR R4, 2.6.2.3)', () => {
    const rows =
      '- {from: PID-7, to: birthDate}\n- {from: PID-7, to: birthDate.extension(patient-birthTime).valueDateTime, when: length(PID-7) > 8}';
    expect(patient(rows, 'PID|||||||198001010930+0100')).toEqual({
      birthDate: '1980-01-01',
      _birthDate: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1980-01-01T09:30:00+01:00' },
        ],
      },
    });
    expect(patient(rows, 'PID|||||||19800101')).toEqual({ birthDate: '1980-01-01' });
  });

  test('of two rows that write the same primitive the first that has a value stands', () => {
    const rows = '- {from: PID-7, to: birthDate}\n- {from: PID-29, to: birthDate}';
    expect(patient(rows, `PID|||||||1980${'|'.repeat(22)}1999`)).toEqual({ birthDate: '1980' });
    expect(patient(rows, `PID|||||||${'|'.repeat(22)}1999`)).toEqual({ birthDate: '1999' });
  });

  test('two rows that write the same single complex element complete each other', () => {
    const quantity = 'map: "NM[Quantity]"\ndatatype: NM\ntype: Quantity\nrows:\n  - {from: $value, to: value}';
    const unit =
      'map: "CWE[Quantity]"\ndatatype: CWE\ntype: Quantity\nrows:\n  - {from: CWE.1, to: unit}\n  - {set: "http://unitsofmeasure.org", to: system}';
    const rows = '- {from: OBX-6, to: valueQuantity}\n- {from: OBX-5, to: valueQuantity}';
    const content = (obx: string) => contentOf(mapSegment('OBX', 'Observation', rows, obx, quantity, unit), 'Observation');
    expect(content('OBX||NM|||5|mg')).toEqual({ valueQuantity: { unit: 'mg', system: 'http://unitsofmeasure.org', value: 5 } });
    expect(content('OBX||NM|||5')).toEqual({ valueQuantity: { value: 5 } });
  });
});

describe('when', () => {
  test('a condition on the field that is read is tested for each repetition', () => {
    const rows = '- {from: PID-13, to: telecom, when: PID-13.2 = "PRN"}';
    expect(patient(rows, 'PID|||||||||||||1^WPN~2^PRN', xtn)).toEqual({ telecom: [{ value: '2', system: 'phone' }] });
  });

  test('count counts all repetitions, also where one is being worked', () => {
    const rows = '- {from: PID-5, to: name, when: count(PID-5) = 2}';
    expect(patient(rows, 'PID|||||A~B', xpn)).toEqual({ name: [{ family: 'A' }, { family: 'B' }] });
    expect(patient(rows, 'PID|||||A', xpn)).toBeUndefined();
  });

  test('a coded field is compared by its code', () => {
    expect(patient('- {set: true, to: active, when: PID-8 = "F"}', 'PID||||||||F^Female')).toEqual({ active: true });
  });

  test('like takes any text for *, and nothing else for what it is', () => {
    const row = (pattern: string) =>
      patient(
        `- {from: PID-5.1, to: language, when: PID-5.1 like "${pattern}"}\n- {set: true, to: active, when: PID-5 valued}`,
        'PID|||||MDC.DEV_MDS',
      );
    expect(row('MDC.*_MDS')).toMatchObject({ language: 'MDC.DEV_MDS' });
    expect(row('MDC*VMD')).not.toHaveProperty('language');
    expect(row('M.C*')).not.toHaveProperty('language');
  });

  test('an empty path equals no constant', () => {
    expect(patient('- {set: true, to: active, when: PID-8 != "F"}', 'PID|1')).toEqual({ active: true });
  });

  test('a row with only when and with is a common condition', () => {
    const rows = '- {when: PID-30 = "Y", with: [{set: true, to: deceasedBoolean}, {from: PID-7, to: birthDate}]}';
    expect(patient(rows, `PID|||||||1980${'|'.repeat(23)}Y`)).toEqual({ deceasedBoolean: true, birthDate: '1980' });
    expect(patient(rows, `PID|||||||1980${'|'.repeat(23)}N`)).toBeUndefined();
  });
});

describe('set', () => {
  test('a constant alone makes no element that rows with values could make', () => {
    const rows =
      '- {from: PID-3.1, to: "identifier.type.coding.code"}\n- {set: "http://x.example", to: identifier.type.coding.system}\n- {from: PID-7, to: birthDate}';
    expect(patient(rows, 'PID|||A||||1980')).toEqual({
      identifier: [{ type: { coding: [{ code: 'A', system: 'http://x.example' }] } }],
      birthDate: '1980',
    });
    expect(patient(rows, 'PID|||||||1980')).toEqual({ birthDate: '1980' });
  });

  test('constants of an element that only has constants stand', () => {
    const rows = '- {set: a, to: meta.tag.code}\n- {from: PID-7, to: birthDate}';
    expect(patient(rows, 'PID|||||||1980')).toEqual({ meta: { tag: [{ code: 'a' }] }, birthDate: '1980' });
  });

  test('{PATH} stands for a value; the row does nothing where one is empty; {{ is a brace', () => {
    const rows = '- {set: "{PID-5.2} {{{PID-5.1}}", to: "name.text"}';
    expect(patient(rows, 'PID|||||A^B')).toEqual({ name: [{ text: 'B {A}' }] });
    expect(patient(rows, 'PID|||||A')).toBeUndefined();
  });
});

describe('with', () => {
  const rows =
    '- from: PID-13\n  to: telecom\n  with:\n    - {set: home, to: use, when: PID-13.2 not valued}\n    - {set: work, to: use, when: PID-13.2 = "WPN"}';

  test('its rows are relative to the element, once for each repetition, and read that repetition', () => {
    expect(patient(rows, 'PID|||||||||||||1~2^WPN', xtn)).toEqual({
      telecom: [
        { value: '1', system: 'phone', use: 'home' },
        { value: '2', system: 'phone', use: 'work' },
      ],
    });
  });

  test('an element without a value of the message is not made of constants', () => {
    expect(patient(rows, 'PID|||||||||||||^^PH', xtn)).toBeUndefined();
  });

  test('a row without from reads the same value as the row around', () => {
    const own = '- {from: PID-3, to: identifier, with: [{to: value}, {to: type, as: "CX[CodeableConcept]"}]}';
    const concept = 'map: "CX[CodeableConcept]"\ndatatype: CX\ntype: CodeableConcept\nrows:\n  - {from: CX.5, to: text}';
    expect(patient(own, 'PID|||1^^^^MR~2', concept)).toEqual({
      identifier: [{ value: '1', type: { text: 'MR' } }, { value: '2' }],
    });
  });

  test('rows may nest, each relative to the one around', () => {
    const own =
      '- {from: PID-13, to: contact, with: [{from: PID-13, to: telecom, with: [{to: value}, {from: PID-13.2, to: id}]}]}';
    expect(patient(own, 'PID|||||||||||||1^A~2^B')).toEqual({
      contact: [{ telecom: [{ value: '1', id: 'A' }] }, { telecom: [{ value: '2', id: 'B' }] }],
    });
  });
});

describe('null (HL7 2.9, 2.5.3)', () => {
  test('"" writes nothing and is a deletion of the element', () => {
    const result = mapPatient(
      '- {from: PID-7, to: birthDate}\n- {from: PID-11, to: address, with: [{to: text}]}\n- {from: PID-8, to: gender}',
      'PID|||||||""|F|||""',
    );
    expect(contentOf(result, 'Patient')).toEqual({ gender: 'F' });
    expect(result.deletes).toMatchObject([
      { entry: 0, path: 'birthDate', row: 'PID[Patient]@5', from: { segment: 'PID', field: 7 } },
      { entry: 0, path: 'address', from: { field: 11 } },
    ]);
    expect(result.ledger().filter(({ path }) => path === 'PID-7[1].1.1')).toMatchObject([{ state: 'mapped' }]);
  });

  test('"" in a component deletes that element of the item', () => {
    const result = mapPatient('- {from: PID-3, to: identifier}', 'PID|||1^^^""', cx);
    expect(result.deletes).toMatchObject([{ path: 'identifier[0].system', row: 'CX[Identifier]#9' }]);
  });
});

test('a value that a function makes nothing of is reported; an empty one is not', () => {
  const nm = 'map: "NM[Quantity]"\ndatatype: NM\ntype: Quantity\nrows:\n  - {from: $value, to: $this, use: quantity}';
  const issues = (value: string) =>
    mapSegment('OBX', 'Observation', '- {from: OBX-5, to: valueQuantity}', `OBX||NM|||${value}`, nm).issues;
  expect(issues('see note')).toMatchObject([{ severity: 'error', code: 'bad-number', path: 'OBX-5' }]);
  expect(issues('see note')[0]?.text).not.toContain('see');
  expect([issues('<5'), issues('""')]).toEqual([[], []]);
});
