/** The settings by which sites and servers differ (DESIGN, 6, "Configurable"): each does what docs/channels.md says of it. */
import { fileURLToPath } from 'node:url';
import type { Bundle, Patient } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { received } from '../../test/support/mapping.ts';
import { readMappings } from '../channel/mappings.ts';
import { validateBundle } from '../fhir/validate.ts';
import { compile } from './compile.ts';
import { defaultSettings } from './defaults.ts';
import { messageOf } from './trial.ts';
import type { MapResult, MapSettings } from './types.ts';

const { mappings } = await readMappings(fileURLToPath(new URL('../../mappings', import.meta.url)));

// Only what is mapped here is compiled.
const messages = new Map([...mappings.messages].filter(([name]) => name === 'ADT_A01'));

const admission = String.raw`
  MSH|^~\&|REG|MAIN|||20260301080000||ADT^A01^ADT_A01|S1|P|2.5.1
  EVN|A01|20260301080000
  PID|1||7001^^^MAIN&2.16.840.1.113883.3.1&ISO^MR~123-45-6789^^^^SS||Fox^Ann||1950-01-01|Q|||||||||||987654321
  NK1|1|Fox^Bob|SPO
  PV1|1|I|3W^312^B^MAIN||||5521^Okafor^Samuel^^^Dr|5521^Okafor^Samuel^^^Dr|||||||||||V1^^^MAIN^VN`;

function map(settings: Partial<MapSettings>, text = admission, mapping = 'ADT_A01'): MapResult {
  return compile({ ...mappings, messages }, { ...defaultSettings, ...settings }).map(mapping, messageOf(text), {
    receivedAt: received,
  });
}
const entries = ({ bundle }: MapResult) => bundle.entry ?? [];
const ofType = (result: MapResult, type: string) => entries(result).filter(({ resource }) => resource?.resourceType === type);
const patientOf = (result: MapResult) => ofType(result, 'Patient')[0]?.resource as Patient;
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
/** What is wrong with a bundle beyond what is wrong with it anyway. */
const faults = ({ bundle }: MapResult) => validateBundle(plain(bundle) as Bundle).map(({ path, text }) => `${path} ${text}`);

describe('identity', () => {
  const requests = (settings: Partial<MapSettings>) =>
    entries(map(settings)).map(({ request }) => `${request?.method} ${request?.url}`);

  it('conditional: by identifier, else by a computed id', () => {
    expect(requests({})).toContainEqual(expect.stringMatching(/^PUT Patient\?identifier=/));
    expect(requests({})).toContainEqual(expect.stringMatching(/^PUT Location\//));
  });

  it('assigned: every id is computed, the same in every message', () => {
    const assigned = requests({ identity: 'assigned' });
    for (const request of assigned) expect(request).toMatch(/^PUT \w+\/[\da-f-]{36}$/);
    expect(requests({ identity: 'assigned' })).toEqual(assigned);
    const patient = patientOf(map({ identity: 'assigned' }));
    expect(patient.id).toMatch(/^[\da-f-]{36}$/);
  });

  it('identifier: no id is asked of the server, one that is needed is an identifier', () => {
    const result = map({ identity: 'identifier' });
    const withIdentifiers = entries(result).filter(({ resource }) => resource?.resourceType !== 'Provenance');
    for (const { request, resource } of withIdentifiers) {
      expect(`${request?.url} ${request?.ifNoneExist}`).toContain('identifier=');
      expect(resource?.id).toBeUndefined();
    }
    expect(plain(ofType(result, 'RelatedPerson')[0]?.resource)).toMatchObject({
      identifier: expect.arrayContaining([{ system: 'urn:ietf:rfc:3986', value: expect.stringMatching(/^urn:uuid:/) }]),
    });
    expect(faults(result)).toEqual([]);
  });

  it('create: nothing is overwritten, for all or for single types', () => {
    for (const { request } of entries(map({ identity: 'create' })))
      expect(request).toMatchObject({ method: 'POST', ifNoneExist: expect.any(String) });
    const one = map({ identityOf: { Patient: 'create' } });
    expect(ofType(one, 'Patient')[0]?.request).toMatchObject({
      method: 'POST',
      ifNoneExist: expect.stringContaining('identifier='),
    });
    expect(ofType(one, 'Encounter')[0]?.request?.method).toBe('PUT');
  });
});

describe('what is made', () => {
  it('RelatedPersons or not, their fields being skipped and not lost', () => {
    expect(ofType(map({}), 'RelatedPerson')).toHaveLength(1);
    const result = map({ relatedPerson: false });
    expect(ofType(result, 'RelatedPerson')).toHaveLength(0);
    expect(result.ledger().filter(({ path, state }) => path.startsWith('NK1') && state === 'dropped')).toEqual([]);
  });

  it('a chain of locations, or the bed alone', () => {
    expect(ofType(map({}), 'Location').length).toBeGreaterThan(2);
    const alone = ofType(map({ locationChain: false }), 'Location');
    expect(alone).toHaveLength(1);
    expect(alone[0]?.resource).not.toHaveProperty('partOf');
  });

  it('an Organization of the assigning authority beside the system', () => {
    expect(patientOf(map({})).identifier?.[0]).not.toHaveProperty('assigner');
    const patient = patientOf(map({ authority: 'system-and-organization' }));
    expect(patient.identifier?.[0]).toMatchObject({
      system: 'urn:oid:2.16.840.1.113883.3.1',
      assigner: { reference: expect.any(String) },
    });
  });

  it('Provenance to the field, which names fields and rows and holds no value', () => {
    expect(ofType(map({}), 'Provenance')).toHaveLength(0);
    const guide = ofType(map({ provenance: 'message' }), 'Provenance').length;
    expect(guide).toBeGreaterThan(0);
    const result = map({ provenance: 'field' });
    const made = ofType(result, 'Provenance').slice(guide);
    expect(made.length).toBe(entries(result).length - guide - made.length);
    const text = JSON.stringify(made);
    expect(text).toContain('name[0].family from PID-5[1].1');
    expect(text).toMatch(/by PID\[Patient\]#7, XPN\[HumanName\]/);
    expect(text).not.toContain('Fox');
    expect(faults(result)).toEqual(faults(map({ provenance: 'message' })));
  });
});

describe('contained resources', () => {
  const settings = { contained: ['Practitioner', 'Location'] };

  it('lie in what refers to them, and are no entries', () => {
    const result = map(settings);
    expect(ofType(result, 'Practitioner')).toEqual([]);
    expect(ofType(result, 'Location')).toEqual([]);
    const encounter = plain(ofType(result, 'Encounter')[0]?.resource) as {
      contained: { id: string; resourceType: string; partOf?: unknown }[];
    };
    const ids = encounter.contained.map(({ id }) => `#${id}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(encounter.contained.map(({ resourceType }) => resourceType)).toContain('Practitioner');
    const references = [...JSON.stringify(encounter).matchAll(/"reference":"(#[^"]*)"/g)].map(([, to]) => to);
    expect(new Set(references)).toEqual(new Set(ids));
    expect(faults(result)).toEqual([]);
    expect(result.trace.some(({ path }) => /^contained\[\d\]\.name\[0\]\.family$/.test(path))).toBe(true);
    expect(result.ledger().filter(({ path, state }) => path.startsWith('PV1-7') && state === 'dropped')).toEqual([]);
  });

  it('what steps make, or nothing refers to, stays an entry', () => {
    const result = map({ contained: ['Patient', 'Encounter'] });
    expect(ofType(result, 'Patient')).toHaveLength(1);
    expect(ofType(result, 'Encounter')).toHaveLength(1);
  });
});

describe('values', () => {
  it('that do not convert are kept as sent, where the setting says so', () => {
    const none = map({});
    expect(plain(patientOf(none))).not.toHaveProperty('_birthDate');
    expect(none.issues.map(({ code, path }) => `${code} ${path}`)).toContain('bad-date PID-7');
    const kept = map({ rawValues: 'extension' });
    expect(kept.issues).toEqual(none.issues);
    expect(plain(patientOf(kept))).toMatchObject({
      _birthDate: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/originalText', valueString: '1950-01-01' }] },
    });
    expect(kept.ledger().find(({ path }) => path === 'PID-7[1].1.1')).toMatchObject({ state: 'mapped' });
    expect(faults(kept)).toEqual([]);
  });

  it('that are social security numbers: kept, cut to four digits, or left out', () => {
    const ssns = (settings: Partial<MapSettings>) =>
      (patientOf(map(settings)).identifier ?? [])
        .filter(({ type }) => type?.coding?.some(({ code }) => code === 'SS'))
        .map(({ value }) => value);
    expect(ssns({})).toEqual(['123-45-6789', '987654321']);
    expect(ssns({ ssn: 'last-four' })).toEqual(['***-**-6789', '***-**-4321']);
    expect(ssns({ ssn: 'drop' })).toEqual([]);
    const dropped = map({ ssn: 'drop' });
    expect(JSON.stringify(dropped.bundle)).not.toMatch(/987654321|123-45-6789/);
    expect(dropped.ledger().find(({ path }) => path === 'PID-19[1].1.1')).toMatchObject({
      state: 'skipped',
      why: 'the setting ssn is drop',
    });
  });

  it('a social security number cut to four digits identifies nobody', () => {
    const result = map({ ssn: 'last-four' }, admission.replace('7001^^^MAIN&2.16.840.1.113883.3.1&ISO^MR~', ''));
    expect(ofType(result, 'Patient')[0]?.request?.url).not.toContain('6789');
  });

  it('of an unknown coding system get a made URI, one by pattern, or none', () => {
    const result = (settings: Partial<MapSettings>) =>
      JSON.stringify(map(settings, `${admission}\n  AL1|1||X9^Peanut^LOCALTAB`).bundle);
    expect(result({})).toContain('"system":"urn:id:LOCALTAB"');
    expect(result({ unknownCodeSystem: 'https://hub.example/cs/{name}' })).toContain(
      '"system":"https://hub.example/cs/LOCALTAB"',
    );
    expect(result({ unknownCodeSystem: 'none' })).not.toContain('LOCALTAB"');
  });
});
