/** Message maps: docs/mapping-language.md, "Message maps" and "Identity". */
import { describe, expect, test } from 'vitest';
import { mapperOf, messageOf, received, resourcesOf } from '../../test/support/mapping.ts';
import { build, named, nte, obr, obx, oru, pid, urlOf } from '../../test/support/oru.ts';
import { Message } from '../hl7/message.ts';
import type { MapSettings } from './types.ts';

describe('names', () => {
  const two = oru([
    'PID|||1^^^A',
    'ORC|||||||||20240101',
    'OBR|1|P1||X',
    'OBX|1||a',
    'NTE|||first',
    'OBX|2||b',
    'OBR|2|P2||Y',
    'OBX|1||c',
    'PID|||2^^^A',
    'OBR|1|P3||Z',
    'OBX|1||d',
  ]);

  test('are seen in the occurrence of the group they were made in, and in the groups beside and below', () => {
    const resources = named(two);
    expect(resources['Observation a']).toMatchObject({ subject: { reference: urlOf(two, 'Patient', 0) } });
    expect(resources['Observation d']).toMatchObject({ subject: { reference: urlOf(two, 'Patient', 1) } });
    expect(resources['DiagnosticReport X']).toMatchObject({
      result: [{ reference: urlOf(two, 'Observation', 0) }, { reference: urlOf(two, 'Observation', 1) }],
    });
    expect(resources['DiagnosticReport Y']).toMatchObject({ result: [{ reference: urlOf(two, 'Observation', 2) }] });
  });

  test('a step fills the resource of its own group, also where that is made later', () => {
    const result = oru([
      'PID|||1^^^A',
      'ORC|||||||||20240101080000Z',
      'ORC|||||||||20240101080000+0000',
      'OBR|1|P1||X',
      'ORC|||||||||20240202080000+0000',
      'OBR|2|P2||Y',
    ]);
    expect(named(result)['DiagnosticReport X']).toMatchObject({ issued: '2024-01-01T08:00:00+00:00' });
    expect(named(result)['DiagnosticReport Y']).toMatchObject({ issued: '2024-02-02T08:00:00+00:00' });
  });

  test('a note belongs to the observation before it', () => {
    expect(named(two)['Observation a']).toMatchObject({ note: [{ text: 'first' }] });
    expect(named(two)['Observation b']).not.toHaveProperty('note');
  });

  test('a reference to what was never made is not written, nor what would hold nothing else', () => {
    const map = build.replace(
      'refs: {subject: patient}, key',
      'refs: {subject: patient, encounter: patient, "media.link": patient}, key',
    );
    const report = named(oru(['OBR|1|P1||X'], {}, map))['DiagnosticReport X'];
    expect(Object.keys(report ?? {}).sort()).toEqual(['code', 'id', 'resourceType']);
  });
});

describe('identity', () => {
  test('by the first identifier that has a system and a value', () => {
    const entry = (segments: string[], map = build) => oru(segments, {}, map).bundle.entry?.[0];
    expect(entry(['PID|||9~1^^^A'])?.request).toEqual({ method: 'POST', url: 'Patient', ifNoneExist: 'identifier=A%7C1' });
    const update = build.replace(', mode: create', '');
    expect(entry(['PID|||9~1^^^A'], update)?.request).toEqual({ method: 'PUT', url: 'Patient?identifier=A%7C1' });
    expect(entry(['PID|||a,b^^^urn:x-y'], update)?.request?.url).toBe('Patient?identifier=urn%3Ax-y%7Ca%5C%2Cb');
  });

  test('by key: an id that is the same in every message, and another for another key', () => {
    const id = (segments: string[]) => named(oru(segments))['DiagnosticReport X']?.id;
    const first = id(['PID|||1^^^A', 'OBR|1|P1|F1|X']);
    expect(id(['PID|||2^^^A', 'NTE|1', 'OBR|7|Other|F1|X'])).toBe(first);
    expect(id(['OBR|1|P1|F2|X'])).not.toBe(first);
    expect(id(['OBR|1|F1||X'])).not.toBe(first);
  });

  test("a key without an assigning authority is the sending facility's own", () => {
    const map = build.replace('first: [OBR-3, OBR-2], by: [OBR-4]', 'first: [OBR-3, OBR-2], by: [OBR-4], authority: [OBR-3.2]');
    const of = (facility: string, number: string) => {
      const mapper = mapperOf([pid, obr, obx, nte, map]);
      const message = messageOf('PID|||1^^^A', `OBR|||${number}|GLU`);
      return urlOf(mapper.map('ORU_R01', message, { receivedAt: received, sender: `LAB^${facility}` }), 'DiagnosticReport');
    };
    expect(of('EAST', 'F1')).not.toBe(of('WEST', 'F1'));
    expect(of('EAST', 'F1')).toBe(of('EAST', 'F1'));
    expect(of('EAST', 'F1^CORE')).toBe(of('WEST', 'F1^CORE'));
  });

  test('a key of what belongs to another resource tells the two owners apart, a repetition gets its ordinal', () => {
    const ids = (segments: string[]) =>
      resourcesOf(oru(segments))
        .filter(({ resourceType }) => resourceType === 'Observation')
        .map(({ id }) => id);
    const [a, again, other] = ids(['OBR|1|P1||X', 'OBX|1||a', 'OBX|2||a', 'OBR|2|P2||Y', 'OBX|1||a']);
    expect(new Set([a, again, other]).size).toBe(3);
    expect(ids(['OBR|1|P1||X', 'OBX|1||a'])).toEqual([a]);
  });

  test('by sender, control id and place, where nothing else is known', () => {
    const ids = (text: string) =>
      resourcesOf(
        mapperOf([pid, obr, obx, nte, build]).map('ORU_R01', messageOf(text), {
          receivedAt: received,
          sender: text.length > 20 ? 'X' : 'Y',
        }),
      ).map(({ id }) => id);
    expect(ids('PID|||||||1980')).toEqual(ids('PID|||||||1981'));
    expect(ids('PID|||||||1980')).not.toEqual(ids('PID||||||||||||||||||'));
  });

  test('the same message makes byte-identical bundles', () => {
    const text = () => JSON.stringify(oru(['PID|||1^^^A', 'OBR|1|P1||X', 'OBX|1||a', 'OBX|2||a']).bundle);
    expect(text()).toBe(text());
  });

  test('two of one identity are one entry; the first statement stands, the second completes it', () => {
    const result = oru(['PID|||1^^^A', 'OBR|1|P1||X', 'PID|||1^^^A~2^^^B||||1980', 'OBR|1|P2||Y']);
    expect(resourcesOf(result).filter(({ resourceType }) => resourceType === 'Patient')).toMatchObject([
      { identifier: [{ value: '1' }, { value: '2' }], birthDate: '1980' },
    ]);
    expect(named(result)['DiagnosticReport Y']).toMatchObject({ subject: { reference: urlOf(result, 'Patient') } });
    expect(
      result
        .ledger()
        .filter(({ path }) => path.includes('PID'))
        .every(({ state }) => state === 'mapped'),
    ).toBe(true);
  });
});

describe('the bundle', () => {
  const header = build.replace(
    '  - {skip: MSH, why: no data}',
    '  - {segment: MSH, fill: bundle, rows: [{from: MSH-7, to: timestamp}]}\n  - {id: 4, segment: MSH, make: MessageHeader, as: header, rows: [{from: MSH-9.2, to: eventCoding.code}], refs: {focus: report}, setting: messageHeader}',
  );

  test('is a transaction with requests, or a batch; a step fills the Bundle itself', () => {
    expect(oru(['PID|||1^^^A'], {}, header).bundle).toMatchObject({
      type: 'transaction',
      timestamp: '2024-01-02T03:04:05+00:00',
      entry: [{ request: { method: 'POST' } }],
    });
    expect(oru(['PID|||1^^^A'], { bundle: 'batch' }, header).bundle.type).toBe('batch');
  });

  test('of a message begins with the MessageHeader, which refers to what is made later, and has no requests (bdl-3)', () => {
    const result = oru(['PID|||1^^^A', 'OBR|1|P1||X'], { bundle: 'message' }, header);
    expect(result.bundle.type).toBe('message');
    expect(result.bundle.entry?.[0]?.resource).toMatchObject({
      resourceType: 'MessageHeader',
      focus: [{ reference: urlOf(result, 'DiagnosticReport') }],
    });
    expect(result.bundle.entry?.every(({ request }) => request === undefined)).toBe(true);
  });

  test('leaves out a step whose setting is off, and the ledger says so of what the step would have read', () => {
    const result = oru(['PID|||1^^^A'], {}, header);
    expect(resourcesOf(result).map(({ resourceType }) => resourceType)).toEqual(['Patient']);
    expect(result.ledger().find(({ path }) => path === 'MSH-9[1].2.1')).toMatchObject({
      state: 'skipped',
      rows: ['ORU_R01#4'],
      why: 'the setting messageHeader is off',
    });
    expect(resourcesOf(oru(['PID|||1^^^A'], { messageHeader: true }, header))).toHaveLength(2);
  });
});

describe('mappingFor', () => {
  test('finds by type and event, then by any event, then by structure', () => {
    const mapper = mapperOf([
      'message: ADT_A01\nfor: [ADT^A01, ADT^A04]\nbuild: []',
      'message: ADT_X\nfor: [ADT^*]\nbuild: []',
      'message: ORU_R01\nfor: []\nbuild: []',
    ]);
    expect(mapper.mappingFor('ADT', 'A04')).toBe('ADT_A01');
    expect(mapper.mappingFor('ADT', 'A99')).toBe('ADT_X');
    expect(mapper.mappingFor('ORU', 'R40', 'ORU_R01')).toBe('ORU_R01');
    expect(mapper.mappingFor('ORU', 'R40')).toBeNull();
  });

  test('a mapping that is not there is an error of its own code', () => {
    expect(() => mapperOf([]).map('NONE', messageOf(), { receivedAt: received })).toThrow(
      expect.objectContaining({ code: 'route-unknown-mapping' }),
    );
  });
});

describe('segments out of place', () => {
  test('are reported as structure, and mapped all the same', () => {
    const result = oru(['OBX|1||a', 'PID|||1^^^A']);
    expect(result.issues.some(({ code, path }) => code === 'structure' && path === 'OBX')).toBe(true);
    expect(named(result)['Observation a']).toBeDefined();
  });
});

test('bytes that mean nothing in the character set are reported with their place', () => {
  const header = 'MSH|^~\\&|A|B|||2026||ORU^R01|1|P|2.5||||||UNICODE UTF-8\rPID|1||1^^^A\rOBX|1||a\rOBX|2||b';
  const message = Message.parse(Buffer.concat([Buffer.from(header), Buffer.from([0xe9]), Buffer.from('|x\r')]));
  const { issues } = mapperOf([build, pid, obr, obx, nte]).map('ORU_R01', message, { receivedAt: received });
  expect(issues.find(({ code }) => code === 'undecodable')).toMatchObject({ severity: 'error', path: 'OBX[2]-3[1].1.1' });
  expect(oru([]).issues.some(({ code }) => code === 'undecodable')).toBe(false);
});

describe('a look-up of values', () => {
  const order = `message: ORU_R01
for: [ORU^R01]
build:
  - {skip: MSH, why: no data}
  - group: PATIENT_RESULT
    build:
      - group: PATIENT
        build:
          - {segment: PID, make: Patient, as: patient, map: "PID[Patient]"}
      - group: ORDER_OBSERVATION
        build:
          - {skip: ORC, why: read by others}
          - segment: OBR
            make: DiagnosticReport
            map: "OBR[DiagnosticReport]"
            rows: [{from: ORC-9, to: issued}, {from: PID-8, to: language}, {from: MSH-4, to: conclusion}, {set: final, to: status, when: ORC-1 not valued}]`;
  const reports = (...segments: string[]) =>
    resourcesOf(oru(segments, {}, order)).filter(({ resourceType }) => resourceType === 'DiagnosticReport');

  test("goes no further out than the group that has both segments: an order without ORC does not read another order's", () => {
    expect(reports('PID|||1^^^A', 'ORC|NW||||||||20240101120000+0000', 'OBR||||first', 'OBR||||second')).toMatchObject([
      { code: { text: 'first' }, issued: '2024-01-01T12:00:00+00:00' },
      { code: { text: 'second' }, status: 'final' },
    ]);
    expect(reports('PID|||1^^^A', 'ORC|NW||||||||20240101120000+0000', 'OBR||||first', 'OBR||||second')[1]).not.toHaveProperty(
      'issued',
    );
  });

  test('reaches into the groups beside, and what stands outside of groups', () => {
    expect(reports('PID|||1^^^A||||||', 'PID|||2^^^A|||||en', 'OBR||||a', 'PID|||3^^^A|||||de', 'OBR||||b')).toMatchObject([
      { language: 'en', conclusion: 'MAIN' },
      { language: 'de', conclusion: 'MAIN' },
    ]);
  });
});

test('two statements of one resource in a message: what the shorter says in a list is not said twice', () => {
  const made = (field: string, rows: string) =>
    `  - {from: ${field}, to: generalPractitioner, make: Practitioner, key: {by: [${field}.1]}, with: [${rows}]}`;
  const twice = [
    'map: "PID[Patient]"\nsegment: PID\nresource: Patient\nrows:',
    made('PID-5', '{from: PID-5.1, to: name.family}, {from: PID-5.5, to: name.prefix}'),
    made('PID-9', '{from: PID-9.1, to: name.family}'),
  ].join('\n');
  const message = 'message: M\nfor: [ADT^A01]\nbuild:\n  - {segment: PID, make: Patient, map: "PID[Patient]"}';
  const result = mapperOf([twice, message]).map('M', messageOf('PID|||||Smith^^^^Dr||||Smith'), { receivedAt: received });
  const doctors = resourcesOf(result).filter(({ resourceType }) => resourceType === 'Practitioner');
  expect(doctors).toMatchObject([{ name: [{ family: 'Smith', prefix: ['Dr'] }] }]);
  expect((doctors[0] as { name?: unknown[] }).name).toHaveLength(1);
});

describe('a key of a step that is no authority', () => {
  const created = (key: string) => `message: M
for: []
build:
  - {skip: MSH, why: no data}
  - {segment: PID, make: Patient, map: "PID[Patient]", mode: create, key: {first: [${key}]}}`;

  test('is created by its identifier where absent, and never overwrites what another message said', () => {
    const { bundle } = mapperOf([pid, created('PID-3')]).map('M', messageOf('PID|||1^^^http://a.example'), {
      receivedAt: received,
    });
    expect(bundle.entry?.[0]).toMatchObject({
      request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=http%3A%2F%2Fa.example%7C1' },
    });
    expect(bundle.entry?.[0]?.resource).not.toHaveProperty('id');
  });

  test('has the id computed from the key where there is no identifier with a system', () => {
    const { bundle } = mapperOf([pid, created('PID-3')]).map('M', messageOf('PID|||1'), { receivedAt: received });
    expect(bundle.entry?.[0]?.request).toEqual({ method: 'PUT', url: `Patient/${bundle.entry?.[0]?.resource?.id}` });
  });
});

describe('what a message takes back', () => {
  const pv1 =
    'map: "PV1[Encounter]"\nsegment: PV1\nresource: Encounter\nrows:\n  - {from: PV1-19, to: identifier, with: [{from: PV1-19.1, to: value}, {set: "urn:visits", to: system}]}\n  - {set: in-progress, to: status}\n  - {set: \'""\', to: period.end, when: MSH-9.2 = "A01"}';
  const step = (more: string) => `message: ADT_A01
for: [ADT^A01]
build:
  - {segment: PID, make: Patient, as: patient, map: "PID[Patient]"}
  - {segment: PV1, make: Encounter, as: visit, map: "PV1[Encounter]"${more}}`;
  const run = (more: string, settings: Partial<MapSettings> = {}) =>
    mapperOf([pid, pv1, step(more)], settings).map('ADT_A01', messageOf('PID|||1^^^A', 'PV1|||||||||||||||||||V1'), {
      receivedAt: received,
    });

  test('a constant null is a deletion, as "" is (HL7 2.9, 2.5.3)', () => {
    const result = run('');
    expect(result.deletes).toMatchObject([{ path: 'period.end', entry: 1, row: 'PV1[Encounter]@7' }]);
    expect(result.bundle.entry?.[1]?.resource).not.toHaveProperty('period');
  });

  test('a resource that is deleted is written as its rows mark it, or deleted where the channel says so', () => {
    const [, marked] = run(', mode: delete').bundle.entry ?? [];
    expect(marked).toMatchObject({ resource: { status: 'in-progress' }, request: { method: 'PUT' } });
    const result = run(', mode: delete', { deletes: 'delete' });
    const [, gone] = result.bundle.entry ?? [];
    expect(gone).toEqual({
      fullUrl: marked?.fullUrl,
      request: { method: 'DELETE', url: 'Encounter?identifier=urn%3Avisits%7CV1' },
    });
    const left = result.ledger().filter(({ path }) => path.startsWith('PV1'));
    expect(left).toMatchObject([{ state: 'skipped', why: 'the message deletes the resource' }]);
  });

  test('the message decides by a condition whether it deletes', () => {
    const methodOf = (condition: string) =>
      run(`, delete: '${condition}'`, { deletes: 'delete' }).bundle.entry?.[1]?.request?.method;
    expect(methodOf('PV1-19 = "V1"')).toBe('DELETE');
    expect(methodOf('PV1-19 = "V2"')).toBe('PUT');
  });
});

describe('the owner in a key', () => {
  const dg1 = 'map: "DG1[Condition]"\nsegment: DG1\nresource: Condition\nrows:\n  - {from: DG1-4, to: code.text}';
  const pv1 = 'map: "PV1[Encounter]"\nsegment: PV1\nresource: Encounter\nrows:\n  - {from: PV1-18, to: status}';
  const map = (of: string) => `message: ADT_A01
for: [ADT^A01]
build:
  - {segment: PID, make: Patient, as: patient, map: "PID[Patient]"}
  - {segment: PV1, make: Encounter, as: visit, map: "PV1[Encounter]", key: {of: patient, by: [PV1-2]}}
  - {segment: DG1, make: Condition, map: "DG1[Condition]", key: {of: ${of}, by: [DG1-3]}}`;
  const condition = (of: string, ...segments: string[]) =>
    mapperOf([pid, pv1, dg1, map(of)])
      .map('ADT_A01', messageOf(...segments), { receivedAt: received })
      .bundle.entry?.find(({ resource }) => resource?.resourceType === 'Condition')?.request?.url;

  test('that was not made leaves no key: the same diagnosis of two patients is two', () => {
    const byPlace = condition('visit', 'PID|||1^^^A', 'DG1|1||I10|x');
    expect(condition('visit', 'PID|||1^^^A', 'ZZZ', 'DG1|1||I10|x')).not.toBe(byPlace);
    const [one, other] = ['1', '2'].map((id) => condition('[visit, patient]', `PID|||${id}^^^A`, 'DG1|1||I10|x'));
    expect(one).not.toBe(other);
  });

  test('and a text in quotes tell siblings apart, which the same paths would not', () => {
    const both = map('visit').replace('PV1-2]}}', 'PV1-2, \'"one"\']}}');
    const idOf = (text: string) =>
      mapperOf([pid, pv1, dg1, text])
        .map('ADT_A01', messageOf('PID|||1^^^A', 'PV1|1|I||||||||||||||||finished'), { receivedAt: received })
        .bundle.entry?.find(({ resource }) => resource?.resourceType === 'Encounter')?.request?.url;
    expect(both).not.toBe(map('visit'));
    expect(idOf(both)).toBe(idOf(both));
    expect(idOf(both)).not.toBe(idOf(both.replace('one', 'other')));
    expect(idOf(both)).not.toBe(idOf(map('visit')));
  });

  test('of several names is the first that there is, wherever the message makes it', () => {
    const visit = condition('[visit, patient]', 'PID|||1^^^A', 'PV1|1|I||||||||||||||||finished', 'DG1|1||I10|x');
    expect(visit).toBe(condition('visit', 'PID|||1^^^A', 'PV1|1|I||||||||||||||||finished', 'DG1|1||I10|x'));
    expect(condition('[visit, patient]', 'PID|||1^^^A', 'DG1|1||I10|x')).not.toBe(visit);
    expect(condition('[visit, patient]', 'PID|||1^^^A', 'DG1|1||I10|x')).toBe(
      condition('patient', 'PID|||1^^^A', 'DG1|1||I10|x'),
    );
  });
});
