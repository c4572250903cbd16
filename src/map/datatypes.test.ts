/** Datatype maps: docs/mapping-language.md, "Datatype maps" and "References". */
import { describe, expect, test } from 'vitest';
import { contentOf, mapPatient, mapSegment, resourcesOf } from '../../test/support/mapping.ts';

const hd =
  'map: "HD[uri]"\ndatatype: HD\ntype: uri\nrows:\n  - {id: 4, set: "urn:oid:{HD.2}", to: $value, when: HD.3 = "ISO"}\n  - {id: 3, from: HD.1, to: $value}';
const cx =
  'map: "CX[Identifier]"\ndatatype: CX\ntype: Identifier\nrows:\n  - {id: 3, from: CX.1, to: value}\n  - {id: 9, from: CX.4, to: system}';
const patient = (rows: string, pid: string, ...others: string[]) => contentOf(mapPatient(rows, pid, ...others), 'Patient');

describe('a datatype map', () => {
  test('follows from the v2 type and the FHIR type; the components of a component are its subcomponents', () => {
    const result = mapPatient('- {id: 5, from: PID-3, to: identifier}', 'PID|||7^^^MAIN&1.2.3&ISO~8^^^OTHER', cx, hd);
    expect(contentOf(result, 'Patient')).toEqual({
      identifier: [
        { value: '7', system: 'urn:oid:1.2.3' },
        { value: '8', system: 'OTHER' },
      ],
    });
    const system = result.trace.find(({ path }) => path === 'identifier[0].system');
    expect(system?.rows).toEqual(['PID[Patient]#5', 'CX[Identifier]#9', 'HD[uri]#4']);
    expect(system?.from).toMatchObject({ segment: 'PID', field: 3, repetition: 1, component: 4, subcomponent: 2 });
  });

  test('is named by "as" where it does not follow', () => {
    const name = 'map: "XPN[string]"\ndatatype: XPN\ntype: string\nrows:\n  - {from: $value, to: $value, use: personName}';
    expect(patient('- {from: PID-5, to: "name.text", as: "XPN[string]"}', 'PID|||||Doe^Jane^^^Dr.', name)).toEqual({
      name: [{ text: 'Dr. Jane Doe' }],
    });
  });

  test('serves the older forms of its type (CE for CWE, TS for DTM)', () => {
    const concept = 'map: "CWE[CodeableConcept]"\ndatatype: CWE\ntype: CodeableConcept\nrows:\n  - {from: CWE.2, to: text}';
    const observation = mapSegment(
      'OBX',
      'Observation',
      '- {from: OBX-5, to: valueCodeableConcept}',
      'OBX||CE|||A^Text',
      concept,
    );
    expect(contentOf(observation, 'Observation')).toEqual({ valueCodeableConcept: { text: 'Text' } });
  });

  test('may write parts of the element of another ($this)', () => {
    const fn =
      'map: "FN[HumanName]"\ndatatype: FN\ntype: HumanName\nrows:\n  - {from: FN.1, to: family}\n  - {from: FN.2, to: family.extension(humanname-own-prefix).valueString}';
    const xpn =
      'map: "XPN[HumanName]"\ndatatype: XPN\ntype: HumanName\nrows:\n  - {from: XPN.1, to: $this, as: "FN[HumanName]"}\n  - {from: XPN.2, to: given}';
    expect(patient('- {from: PID-5, to: name}', 'PID|||||Beethoven&van^Ludwig', fn, xpn)).toEqual({
      name: [
        {
          family: 'Beethoven',
          _family: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-prefix', valueString: 'van' }] },
          given: ['Ludwig'],
        },
      ],
    });
  });

  test('of $this with constants leaves nothing behind where it has no value', () => {
    const ei =
      'map: "EI[Identifier]"\ndatatype: EI\ntype: Identifier\nrows:\n  - {from: EI.1, to: value}\n  - {set: official, to: use}';
    const eip =
      'map: "EIP[Identifier]"\ndatatype: EIP\ntype: Identifier\nrows:\n  - {from: EIP.2, to: $this, as: "EI[Identifier]"}\n  - {from: EIP.1.1, to: type.text}';
    const specimen = (spm: string) =>
      contentOf(mapSegment('SPM', 'Specimen', '- {from: SPM-2, to: identifier}', spm, ei, eip), 'Specimen');
    expect(specimen('SPM||A^B')).toEqual({ identifier: [{ value: 'B', use: 'official', type: { text: 'A' } }] });
    expect(specimen('SPM||A')).toEqual({ identifier: [{ type: { text: 'A' } }] });
  });
});

describe('OBX-5', () => {
  const nm = 'map: "NM[Quantity]"\ndatatype: NM\ntype: Quantity\nrows:\n  - {from: $value, to: value}';
  const sn =
    'map: "SN[Quantity]"\ndatatype: SN\ntype: Quantity\nrows:\n  - {from: SN.1, to: comparator}\n  - {from: SN.2, to: value}';
  const map = (obx: string) => mapSegment('OBX', 'Observation', '- {from: OBX-5, to: valueQuantity}', obx, nm, sn);

  test('is of the type that OBX-2 names', () => {
    expect(contentOf(map('OBX||NM|||5'), 'Observation')).toEqual({ valueQuantity: { value: 5 } });
    expect(contentOf(map('OBX||SN|||<^5'), 'Observation')).toEqual({ valueQuantity: { comparator: '<', value: 5 } });
  });

  test('of a type without a way is reported, not lost in silence', () => {
    const result = map('OBX||ZZ|||5');
    expect(result.bundle.entry).toBeUndefined();
    expect(result.issues).toMatchObject([{ severity: 'error', code: 'bad-value', path: 'OBX-5' }]);
    expect(result.ledger().find(({ path }) => path === 'OBX-5[1].1.1')?.state).toBe('dropped');
  });
});

describe('a datatype map that makes a resource', () => {
  const xcn =
    'map: "XCN[Practitioner]"\ndatatype: XCN\ntype: Practitioner\nrows:\n  - {from: XCN.1, to: identifier.value}\n  - {from: XCN.9.1, to: identifier.system}\n  - {from: XCN.2.1, to: name.family}';
  const rows = '- {from: PD1-4, to: generalPractitioner}';

  test('gives a reference to an entry of its own, which is created where absent', () => {
    const result = mapSegment('PD1', 'Patient', rows, 'PD1||||7^Doe^^^^^^^urn:x', xcn);
    const [patientEntry, doctor] = result.bundle.entry ?? [];
    expect(doctor).toMatchObject({
      resource: { resourceType: 'Practitioner', identifier: [{ value: '7', system: 'urn:x' }], name: [{ family: 'Doe' }] },
      request: { method: 'POST', url: 'Practitioner', ifNoneExist: 'identifier=urn%3Ax%7C7' },
    });
    expect(patientEntry?.resource).toMatchObject({ generalPractitioner: [{ reference: doctor?.fullUrl }] });
  });

  test('makes one entry of one identity, and the trace knows both places', () => {
    const result = mapSegment('PD1', 'Patient', rows, 'PD1||||7^Doe^^^^^^^urn:x~7^Doe^^^^^^^urn:x', xcn);
    expect(resourcesOf(result).map(({ resourceType }) => resourceType)).toEqual(['Patient', 'Practitioner']);
    expect(
      result
        .ledger()
        .filter(({ path }) => path.startsWith('PD1-4'))
        .map(({ state }) => state),
    ).toEqual(Array(6).fill('mapped'));
  });

  test('makes nothing where the value says nothing', () => {
    expect(
      mapSegment('PD1', 'Patient', `${rows}\n- {from: PD1-5, to: language}`, 'PD1||||^^^x|de', xcn).bundle.entry,
    ).toHaveLength(1);
  });
});

describe('make', () => {
  const pl = `map: "PL[Location]"
datatype: PL
type: Location
rows: []
make:
  - {as: bed, when: PL.3 valued, key: {by: [PL.4, PL.1, PL.2, PL.3]}, refs: {partOf: [room, ward]}, rows: [{from: PL.3, to: name}]}
  - {as: room, when: PL.2 valued, key: {by: [PL.4, PL.1, PL.2]}, refs: {partOf: [ward]}, rows: [{from: PL.2, to: name}]}
  - {as: ward, when: PL.1 valued, key: {by: [PL.4, PL.1]}, rows: [{from: PL.1, to: name}]}`;
  const rows = '- {from: PV1-3, to: location, with: [{to: location, as: "PL[Location]"}]}';
  const locations = (pv1: string) => {
    const { entry = [] } = mapSegment('PV1', 'Encounter', rows, pv1, pl).bundle;
    const nameOf = (url: string | undefined) =>
      (entry.find(({ fullUrl }) => fullUrl === url)?.resource as { name?: string } | undefined)?.name;
    const encounter = entry[0]?.resource as { location?: { location: { reference: string } }[] };
    const chain: (string | undefined)[] = [];
    let at = encounter.location?.[0]?.location.reference;
    while (at !== undefined) {
      chain.push(nameOf(at));
      at = (entry.find(({ fullUrl }) => fullUrl === at)?.resource as { partOf?: { reference: string } } | undefined)?.partOf
        ?.reference;
    }
    return chain;
  };

  test('gives the first that was made, and each lies in the nearest one around it', () => {
    expect(locations('PV1|||W^R^B')).toEqual(['B', 'R', 'W']);
    expect(locations('PV1|||W^^B')).toEqual(['B', 'W']);
    expect(locations('PV1|||W')).toEqual(['W']);
  });

  test('the same place has the same id in every message', () => {
    const ids = (pv1: string) =>
      resourcesOf(mapSegment('PV1', 'Encounter', rows, pv1, pl)).map(
        ({ resourceType, id, name }) => `${resourceType} ${name} ${id}`,
      );
    const ward = ids('PV1|||W^R^B').at(-1);
    expect(ids('PV1|||W').at(-1)).toBe(ward);
    expect(ids('PV1|||W^^^H').at(-1)).not.toBe(ward);
  });

  test('of a row: the rows of with fill a resource of its own', () => {
    const own =
      '- {from: OBX-15, to: performer, make: Organization, key: {by: [OBX-15.1]}, with: [{from: OBX-15.2, to: name}, {set: true, to: active}]}';
    const result = mapSegment('OBX', 'Observation', own, `OBX||${'|'.repeat(13)}L1^Lab`);
    const [observation, lab] = result.bundle.entry ?? [];
    expect(lab?.resource).toMatchObject({ resourceType: 'Organization', name: 'Lab', active: true });
    expect(observation?.resource).toMatchObject({ performer: [{ reference: lab?.fullUrl }] });
    expect(mapSegment('OBX', 'Observation', own, `OBX||${'|'.repeat(13)}L1`).bundle.entry).toBeUndefined();
  });
});
