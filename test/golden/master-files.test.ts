/** A record of a master file is the same resource whatever becomes of it (promise 4; HL7 2.9, 8.5). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMappings } from '../../src/channel/mappings.ts';
import { Message } from '../../src/hl7/message.ts';
import { validateBundle } from '../../src/fhir/validate.ts';
import { compile } from '../../src/map/compile.ts';
import { defaultSettings } from '../../src/map/defaults.ts';
import type { AnyResource, MapSettings } from '../../src/map/types.ts';

const { mappings } = await readMappings(fileURLToPath(new URL('../../mappings', import.meta.url)));
const receivedAt = new Date('2026-03-11T00:00:00Z');
const golden = (name: string): string => readFileSync(fileURLToPath(new URL(`${name}.hl7`, import.meta.url)), 'utf8');

interface Entry {
  readonly request: string;
  readonly resource: AnyResource | undefined;
}

function entries(text: string, settings: Partial<MapSettings> = {}): Entry[] {
  const mapper = compile(mappings, { ...defaultSettings, ...settings });
  const message = Message.fromText(text);
  const mapping = mapper.mappingFor(message.type, message.event, message.structure) ?? '';
  return (mapper.map(mapping, message, { receivedAt }).bundle.entry ?? []).map(({ request, resource }) => ({
    request: `${request?.method} ${request?.url}${request?.ifNoneExist === undefined ? '' : ` ${request.ifNoneExist}`}`,
    resource: resource as AnyResource | undefined,
  }));
}

const requests = (text: string, types: RegExp, settings: Partial<MapSettings> = {}): string[] =>
  entries(text, settings)
    .map(({ request }) => request)
    .filter((request) => types.test(request));

/** A notification with one record of each line. */
const notification = (event: string, ...segments: string[]): string =>
  ['MSH|^~\\&|STAFF|MAIN|||20260302||MFN^' + event + '|C1|P|2.5.1', 'MFI|X||UPD|||AL', ...segments].join('\r');

describe('a member of staff', () => {
  const people = /^PUT Practitioner/;

  it('is the same one with other numbers and another name, and so are the roles', () => {
    const text = golden('mfn-m02');
    const changed = text.replaceAll('Okafor', 'Lang').replaceAll('|4711^', '|4999^').replace('MFE|MAD|REC-1', 'MFE|MUP|REC-1');
    expect(changed).not.toBe(text);
    expect(requests(changed, people)).toEqual(requests(text, people));
    expect(requests(text, people)).toHaveLength(9);
  });

  it('is another one in another facility, whose keys are its own', () => {
    const text = golden('mfn-m02');
    const elsewhere = text.replaceAll('NORTHBRIDGE', 'SOUTHBRIDGE');
    expect(requests(elsewhere, people).filter((one) => requests(text, people).includes(one))).toEqual([]);
  });

  it('who is deleted and was named twice is one entry', () => {
    const text = notification('M02', 'MFE|MAD|1||77^^L|CE', 'STF|77|77^^^A|Fox', 'MFE|MDL|2||77^^L|CE');
    expect(requests(text, /Practitioner\//, { deletes: 'delete' })).toHaveLength(1);
    expect(requests(text, /^DELETE Practitioner\//, { deletes: 'delete' })).toHaveLength(1);
  });
});

describe('a place', () => {
  const bed = '4W^412^B^MERCY';
  const master = notification('M05', `MFE|MAD|1||${bed}|PL`, `LOC|${bed}|By the window|B`);
  const admission = ['MSH|^~\\&|ADT|MAIN|||20260302||ADT^A01|C1|P|2.5.1', 'PID|1||7^^^A', `PV1|1|I|${bed}`].join('\r');
  const places = / Location/;

  it('is the one that other messages name', () => {
    expect(requests(master, places).sort()).toEqual(requests(admission, places).sort());
    expect(requests(master, places)).toHaveLength(4);
  });

  it('found by identifier, is updated by the master file and only created by others', () => {
    const found: Partial<MapSettings> = { identityOf: { Location: 'identifier' } };
    const [updated = '', ...around] = requests(master, places, found);
    const query = updated.replace('PUT Location?', '');
    expect(updated).toMatch(/^PUT Location\?identifier=/);
    expect(around.every((one) => one.startsWith('POST Location identifier='))).toBe(true);
    expect(requests(admission, places, found)).toContain(`POST Location ${query}`);
  });

  it.each([
    ['a ward', '4W^^^MERCY'],
    ['a floor', '^^^MERCY^^^MAIN^4'],
    ['a building', '^^^MERCY^^^MAIN'],
    ['a facility', '^^^MERCY'],
  ])('is never part of itself: %s', (_, place) => {
    const made = entries(notification('M05', `MFE|MAD|1||${place}|PL`, `LOC|${place}||N`));
    const [record] = made;
    expect(record?.resource?.partOf).toEqual(made.length === 1 ? undefined : { reference: expect.any(String) });
    expect(JSON.stringify(record?.resource?.partOf ?? '')).not.toContain(String(record?.resource?.id));
  });
});

describe('a test', () => {
  const record = (event: string, rest: string) => notification('M08', `MFE|${event}|1||NA^Sodium^LAB|CE`, `OM1|1|NA^${rest}^LAB|NM|Y|LAB`);
  const definitions = /^PUT (Activity|Observation)Definition/;

  it('is the same one when it is renamed, retired and used again', () => {
    const first = requests(record('MAD', 'Sodium'), definitions);
    for (const event of ['MUP', 'MDC', 'MDL', 'MAC']) expect(requests(record(event, 'Natrium'), definitions)).toEqual(first);
    expect(first).toHaveLength(2);
    const statusOf = (event: string) => entries(record(event, 'Sodium'))[0]?.resource?.status;
    expect(['MAD', 'MUP', 'MDC', 'MDL', 'MAC'].map(statusOf)).toEqual(['active', 'active', 'retired', 'retired', 'active']);
  });

  it('that a deletion names by its key alone is the same one', () => {
    const [activity = ''] = requests(record('MAD', 'Sodium'), /ActivityDefinition/);
    expect(requests(notification('M08', 'MFE|MDL|1||NA^Sodium^LAB|CE'), /ActivityDefinition/)).toEqual([activity]);
  });

  it('of a battery is referred to by the identifier that its definition has', () => {
    const [, definition] = entries(record('MAD', 'Sodium'));
    const battery = notification('M10', 'MFE|MAD|1||LY^Lytes^LAB|CE', 'OM1|1|LY^Lytes^LAB||Y|LAB|||||||||||||P', 'OM5|1|NA^Sodium^LAB');
    const [activity] = entries(battery);
    expect(activity?.resource?.observationResultRequirement).toEqual([
      { identifier: (definition?.resource?.identifier as object[])[0], display: 'Sodium' },
    ]);
  });
});

describe('what is deleted', () => {
  const settings: Partial<MapSettings> = { deletes: 'delete', provenance: 'message' };
  const bundleOf = (text: string) => {
    const message = Message.fromText(text);
    const mapper = compile(mappings, { ...defaultSettings, ...settings });
    return mapper.map(mapper.mappingFor(message.type, message.event, message.structure) ?? '', message, { receivedAt }).bundle;
  };
  const targets = (text: string) =>
    (bundleOf(text).entry ?? []).flatMap(({ resource }) => (resource as AnyResource | undefined)?.target ?? []);

  it.each(['mfn-m02', 'mfn-m05', 'mfn-m08', 'mfn-m13', 'adt-a23-delete-visit', 'adt-a29-delete-person'])(
    'is referred to by what it was known by, as the bundle does not have it: %s',
    (name) => {
      const bundle = bundleOf(golden(name));
      expect(bundle.entry?.some(({ request }) => request?.method === 'DELETE')).toBe(true);
      expect(validateBundle(bundle)).toEqual([]);
    },
  );

  it('by its identifier where it is found by one, else by the id that was computed for it', () => {
    expect(targets(golden('adt-a29-delete-person'))).toContainEqual({
      type: 'Patient',
      identifier: { system: expect.any(String), value: 'MRN10045' },
    });
    const [gone] = requests(golden('mfn-m08'), /^DELETE/, settings);
    const id = gone?.replace('DELETE ActivityDefinition/', '');
    expect(targets(golden('mfn-m08'))).toContainEqual({
      type: 'ActivityDefinition',
      identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` },
    });
  });
});
