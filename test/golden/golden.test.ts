/**
 * Messages and the bundles that the mappings make of them, each bundle read line by line against the guide. Where a change of a mapping
 * is meant, `vitest run test/golden -u` writes the bundles again; read the difference before it is committed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMappings } from '../../src/channel/mappings.ts';
import { validateBundle } from '../../src/fhir/validate.ts';
import { Message } from '../../src/hl7/message.ts';
import { compile, type Mapper } from '../../src/map/compile.ts';
import { defaultSettings } from '../../src/map/defaults.ts';
import type { MapResult, MapSettings } from '../../src/map/types.ts';
import { accountGoldens } from './accounts.ts';
import { adtGoldens } from './adt.ts';
import type { Golden } from './golden.ts';
import { participantGoldens } from './participants.ts';
import { queryGoldens } from './queries.ts';
import { masterFileGoldens } from './master-files.ts';

/** What the update's "" deletes (HL7 2.9, 2.5.3). */
const nulls = [
  'name[0].given',
  'address',
  'telecom',
  "telecom[0].extension('contactpoint-country').valueString",
  'maritalStatus',
  'deceasedDateTime',
  'location',
  'hospitalization.dischargeDisposition',
];

const goldens: readonly Golden[] = [
  { name: 'adt-a01-rich', mapping: 'ADT_A01' },
  { name: 'adt-a03', mapping: 'ADT_A03' },
  { name: 'adt-a04-minimal', mapping: 'ADT_A01' },
  { name: 'adt-a08-nulls', mapping: 'ADT_A01', deletes: nulls },
  { name: 'adt-a08-provenance', message: 'adt-a08-nulls', settings: { provenance: 'message', messageHeader: true }, mapping: 'ADT_A01', deletes: nulls },
  ...adtGoldens,
  ...accountGoldens,
  ...queryGoldens,
  ...participantGoldens,
  ...masterFileGoldens,
  { name: 'oru-types', mapping: 'ORU_R01', issues: ['bad-number OBX[16]-5'] },
  { name: 'oru-document', mapping: 'ORU_R01' },
  { name: 'oru-notes-specimen', mapping: 'ORU_R01' },
  { name: 'pcd-01', mapping: 'PCD_01', routed: true },
  { name: 'ack', mapping: 'ACK' },
  { name: 'mdm-t02', mapping: 'MDM_T02' },
  { name: 'mdm-t11', mapping: 'MDM_T02' },
  { name: 'vxu-v04', mapping: 'VXU_V04' },
  { name: 'siu-s12', mapping: 'SIU_S12' },
  { name: 'siu-s15', mapping: 'SIU_S12' },
  { name: 'oru-micro', mapping: 'ORU_R01' },
  { name: 'oru-corrected', mapping: 'ORU_R01' },
  { name: 'oru-documents', mapping: 'ORU_R01', issues: ['bad-value OBX[5]-5', 'bad-value OBX[5]-5'] },
  { name: 'oru-r30', mapping: 'ORU_R30' },
  { name: 'oul-r21', mapping: 'OUL_R21' },
  { name: 'oul-r22', mapping: 'OUL_R22' },
  { name: 'oul-r23', mapping: 'OUL_R23' },
  { name: 'oul-r24', mapping: 'OUL_R24' },
  { name: 'oml-o21', mapping: 'OML_O21' },
  { name: 'orm-o01', mapping: 'ORM_O01' },
  { name: 'orm-cancel', mapping: 'ORM_O01' },
  { name: 'oml-cancel', mapping: 'OML_O21' },
  { name: 'oml-cancel-provenance', message: 'oml-cancel', settings: { provenance: 'message' }, mapping: 'OML_O21' },
  { name: 'omp-o09', mapping: 'OMP_O09' },
  { name: 'rde-o11', mapping: 'RDE_O11' },
  { name: 'rds-o13', mapping: 'RDS_O13' },
  { name: 'rgv-o15', mapping: 'RGV_O15' },
  { name: 'ras-o17', mapping: 'RAS_O17' },
  { name: 'oml-o21-provenance', message: 'oml-o21', settings: { provenance: 'field', messageHeader: true }, mapping: 'OML_O21' },
  { name: 'omg-o19', mapping: 'OMG_O19' },
  { name: 'omi-o23', mapping: 'OMI_O23' },
  { name: 'oml-o33', mapping: 'OML_O33' },
  { name: 'oml-o35', mapping: 'OML_O35' },
  { name: 'oml-o39', mapping: 'OML_O39' },
  { name: 'orl-o22', mapping: 'ORL_O22' },
  { name: 'orl-o34', mapping: 'ORL_O34' },
  { name: 'orl-o36', mapping: 'ORL_O36' },
  { name: 'org-o20', mapping: 'ORG_O20' },
  { name: 'ori-o24', mapping: 'ORI_O24' },
  { name: 'orr-o02', mapping: 'ORR_O02' },
  { name: 'osu-o51', mapping: 'OSU_O51' },
  { name: 'orp-o10', mapping: 'ORP_O10' },
  { name: 'rre-o12', mapping: 'RRE_O12' },
  { name: 'rrd-o14', mapping: 'RRD_O14' },
  { name: 'rrg-o16', mapping: 'RRG_O16' },
  { name: 'rra-o18', mapping: 'RRA_O18' },
];

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const { mappings } = await readMappings(here('../../mappings'));
const receivedAt = new Date('2026-03-11T00:00:00Z');

const mappers = new Map<string, Mapper>();

function mapperOf(settings: Partial<MapSettings> = {}): Mapper {
  const key = JSON.stringify(settings);
  const mapper = mappers.get(key) ?? compile(mappings, { ...defaultSettings, ...settings });
  mappers.set(key, mapper);
  return mapper;
}

function map({ name, message, settings, mapping: wanted, routed }: Golden): { readonly mapping: string | null; readonly result: MapResult } {
  const mapper = mapperOf(settings);
  const parsed = Message.parse(readFileSync(here(`${message ?? name}.hl7`)));
  const mapping = routed ? wanted : mapper.mappingFor(parsed.type, parsed.event, parsed.structure);
  return { mapping, result: mapper.map(mapping ?? '', parsed, { receivedAt }) };
}

describe('a message in, a bundle out', () => {
  for (const golden of goldens) {
    describe(golden.name, () => {
      const { mapping, result } = map(golden);

      it('makes its bundle', async () => {
        expect(mapping).toBe(golden.mapping);
        const file = here(`${golden.name}.json`);
        expect(existsSync(file), `${file} is there`).toBe(true);
        await expect(`${JSON.stringify(result.bundle, null, 2)}\n`).toMatchFileSnapshot(file);
      });

      it('says what it could not map', () => {
        expect(result.issues.map(({ code, path }) => `${code} ${path}`)).toEqual(golden.issues ?? []);
        expect(result.deletes.map(({ path }) => path)).toEqual(golden.deletes ?? []);
        const dropped = result.ledger().filter(({ state }) => state === 'dropped');
        expect(dropped.map(({ path }) => path)).toEqual(golden.dropped ?? []);
      });

      it('is valid R4 (promise 6)', () => {
        expect(validateBundle(result.bundle)).toEqual([]);
      });

      it('refers to nothing that is not in it', () => {
        const urls = new Set(result.bundle.entry?.map(({ fullUrl }) => fullUrl));
        const references = [...JSON.stringify(result.bundle).matchAll(/"reference":"([^"]+)"/g)].map(([, url]) => url);
        expect(references.filter((url) => !urls.has(url))).toEqual([]);
      });
    });
  }
});

it('every message map and segment map has a golden', () => {
  const used = new Set(goldens.map(({ mapping }) => mapping));
  for (const golden of goldens) {
    const { result } = map(golden);
    // A map that only says why it skips has no trace.
    for (const { rows } of [...result.trace, ...result.ledger()]) for (const row of rows) used.add(row.replace(/[#@].*/, ''));
  }
  expect([...mappings.messages.keys(), ...mappings.segments.keys()].filter((name) => !used.has(name))).toEqual([]);
});

describe('sent again, or corrected (promise 4)', () => {
  const ids = (golden: Golden): string[] =>
    (map(golden).result.bundle.entry ?? []).map(({ request }) => `${request?.method} ${request?.url} ${request?.ifNoneExist ?? ''}`).sort();
  const of = (name: string): Golden => goldens.find((golden) => golden.name === name) as Golden;

  it('makes the same resources of the same message', () => {
    for (const golden of goldens) expect(ids(golden)).toEqual(ids(golden));
  });

  it('admission, update and discharge are one patient and one visit', () => {
    const visits = ['adt-a08-nulls', 'adt-a03'].map((name) => ids(of(name)).filter((id) => /^PUT (Patient|Encounter)/.test(id)));
    expect(visits[0]).toHaveLength(2);
    expect(visits[0]).toEqual(visits[1]);
  });

  /** `PUT Type/id` of the resources of some types. */
  const puts = (name: string, types: RegExp): string[] => ids(of(name)).filter((id) => types.test(id));

  it('corrected, cancelled, deleted and wrong results update the same report and observations', () => {
    const first = puts('oru-types', /^PUT (DiagnosticReport|Observation)/);
    const again = puts('oru-corrected', /^PUT (DiagnosticReport|Observation)/);
    const report = again.filter((id) => first.includes(id) && id.includes('DiagnosticReport'));
    expect(report).toHaveLength(1);
    // Sodium, potassium, colour and creatinine; the other two reports are new.
    expect(again.filter((id) => first.includes(id) && id.includes('Observation'))).toHaveLength(4);
  });

  it('a result is the same one by specimen, by container and by order, and its specimen too', () => {
    const [bySpecimen = [], byContainer = [], byOrder = []] = ['oul-r22', 'oul-r23', 'oul-r24'].map((name) =>
      puts(name, /^PUT (DiagnosticReport|Observation|Specimen)/),
    );
    const shared = bySpecimen.filter((id) => byContainer.includes(id) && byOrder.includes(id));
    expect(shared.map((id) => id.split(/[ /]/)[1])).toEqual(['DiagnosticReport', 'Observation', 'Specimen']);
  });

  it('an order is found by its number and code, whether the placer sent it or a result tells of it', () => {
    const [ordered] = ids(of('oml-o21')).filter((id) => id.includes('ORD-801'));
    const [told] = ids(of('oru-micro')).filter((id) => id.includes('ORD-801') && id.includes('600-7'));
    expect(ordered?.replace('PUT ServiceRequest?', '').trim()).toBe(told?.replace('POST ServiceRequest ', ''));
  });

  it('what a laboratory answers and what it tells later are one Task on the order', () => {
    const [answered = []] = [puts('orl-o22', /^PUT Task/)];
    expect(answered.filter((id) => puts('osu-o51', /^PUT Task/).includes(id))).toHaveLength(1);
  });

  it('dispense and administration are created on the order that the pharmacy encoded', () => {
    const prescription = 'identifier=urn%3Aid%3ACPOE%7CMED-501&intent=filler-order';
    for (const name of ['rds-o13', 'rgv-o15']) expect(ids(of(name)).join()).toContain(`POST MedicationRequest ${prescription}`);
  });

  it('a corrected result updates the observation that it corrects', () => {
    const text = readFileSync(here('oru-types.hl7'), 'utf8');
    const again = text.replaceAll('|GR01-0001|', '|GR01-0009|').replace('|139|', '|141|').replace('|135-145|N|||F|', '|135-145|N|||C|');
    expect(again).not.toBe(text);
    const mapper = compile(mappings, defaultSettings);
    const [first, second] = [text, again].map((one) => mapper.map('ORU_R01', Message.fromText(one), { receivedAt }).bundle.entry ?? []);
    expect(second?.map(({ request }) => request)).toEqual(first?.map(({ request }) => request));
    const sodium = second?.map(({ resource }) => resource).find((resource) => resource?.resourceType === 'Observation');
    expect(sodium).toMatchObject({ status: 'corrected' });
  });
});
