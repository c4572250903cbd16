/** What the messages of one stay, one bed or one person make is the same resource in each of them (promise 4; HL7 2.9, chapter 3). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMappings } from '../../src/channel/mappings.ts';
import { Message } from '../../src/hl7/message.ts';
import { compile } from '../../src/map/compile.ts';
import { defaultSettings } from '../../src/map/defaults.ts';
import type { AnyResource } from '../../src/map/types.ts';

const { mappings } = await readMappings(fileURLToPath(new URL('../../mappings', import.meta.url)));
const mapper = compile(mappings, defaultSettings);

interface Entry {
  readonly method: string;
  readonly url: string;
  readonly resource: AnyResource;
}

/** The entries of a type that a golden message makes. */
function made(name: string, type: string, change: (text: string) => string = (text) => text): Entry[] {
  const text = change(readFileSync(fileURLToPath(new URL(`${name}.hl7`, import.meta.url)), 'utf8'));
  const message = Message.fromText(text);
  const mapping = mapper.mappingFor(message.type, message.event, message.structure) ?? '';
  return (mapper.map(mapping, message, { receivedAt: new Date('2026-03-11T00:00:00Z') }).bundle.entry ?? []).flatMap(
    ({ resource, request }) =>
      resource?.resourceType === type
        ? [{ method: request?.method ?? '', url: request?.url ?? '', resource: resource as AnyResource }]
        : [],
  );
}

const one = (name: string, type: string): Entry => made(name, type)[0] as Entry;

describe('a visit', () => {
  it.each([
    ['adt-a02-transfer', 'in-progress'],
    ['adt-a05-preadmit', 'planned'],
    ['adt-a11-cancel-admit', 'cancelled'],
    ['adt-a12-cancel-transfer', 'in-progress'],
    ['adt-a13-cancel-discharge', 'in-progress'],
    ['adt-a15-pending-transfer', 'in-progress'],
    ['adt-a16-pending-discharge', 'in-progress'],
    ['adt-a21-leave', 'onleave'],
    ['adt-a22-back', 'in-progress'],
    ['adt-a23-delete-visit', 'entered-in-error'],
    ['adt-a27-cancel-pending-admit', 'cancelled'],
    ['adt-a38-cancel-preadmit', 'cancelled'],
    ['adt-a53-still-away', 'onleave'],
    ['adt-a54-attending', 'in-progress'],
  ])('of %s is the same one, and %s', (name, status) => {
    const { method, url, resource } = one(name, 'Encounter');
    expect([method, url]).toEqual(['PUT', 'Encounter?identifier=urn%3Aid%3ANORTHBRIDGE%7CVN700123']);
    expect(resource.status).toBe(status);
  });

  it('whose discharge is cancelled has neither end nor disposition, even where they are sent again', () => {
    const { resource } = one('adt-a13-cancel-discharge', 'Encounter');
    expect(resource.period).toEqual({ start: '2026-03-04T10:05:00+01:00' });
    expect(resource).not.toHaveProperty('hospitalization');
  });

  it('that is known is left as it is by a merge or a link, which tell of it', () => {
    for (const name of ['adt-a24-link', 'adt-a40-two-merges', 'adt-a60-allergies'])
      expect(one(name, 'Encounter').method).toBe('POST');
    const [given, kept] = made('adt-a42-merge-visit', 'Encounter');
    expect(given?.method).toBe('PUT');
    expect(kept?.method).toBe('POST');
  });
});

describe('a person without a visit', () => {
  it('has no encounter made of the PV1 that the structure asks for (A28)', () => {
    expect(made('adt-a28-person', 'Encounter')).toEqual([]);
  });

  it('has diagnoses of their own: the same one of two persons is two', () => {
    const dg1 = (text: string) => `${text}DG1|1||I10^Hypertension^I10\n`;
    const [mine] = made('adt-a28-person', 'Condition', dg1);
    const [theirs] = made('adt-a28-person', 'Condition', (text) => dg1(text).replace('MRN10045', 'MRN10046'));
    expect(mine?.url).not.toBe(theirs?.url);
    expect(mine?.url).toBe(made('adt-a28-person', 'Condition', (text) => dg1(text).replace('GAA28', 'AGAIN'))[0]?.url);
  });
});

describe('a merge', () => {
  it('makes the patient who is given up inactive, replaced by the one who goes on (PIXm, ITI-104)', () => {
    const [goesOn, givenUp] = made('adt-a40-merge', 'Patient');
    expect(goesOn?.resource).not.toHaveProperty('active');
    expect(givenUp?.resource).toMatchObject({ active: false, link: [{ type: 'replaced-by' }] });
    const [link] = givenUp?.resource.link as { other: { reference: string } }[];
    expect(link?.other.reference).toMatch(/^urn:uuid:/);
  });

  it('of a patient into itself gives nobody up', () => {
    for (const mrg of ['MRG|MRN10045', 'MRG|MRN10045^^^NORTHBRIDGE&2.16.840.1.113883.3.9999.1.1&ISO^MR'])
      expect(made('adt-a40-merge', 'Patient', (text) => text.replace(/MRG\|.*/, mrg))).toHaveLength(1);
  });

  it('tells the same number of another authority apart', () => {
    const other = made('adt-a40-merge', 'Patient', (text) => text.replace(/MRG\|.*/, 'MRG|MRN10045^^^ELSEWHERE'));
    expect(other.map(({ url }) => url)).toContain('Patient?identifier=urn%3Aid%3AELSEWHERE%7CMRN10045');
  });

  it('without an authority is one of those of the patient who goes on', () => {
    const bare = made('adt-a40-merge', 'Patient', (text) => text.replace(/MRG\|.*/, 'MRG|MRN09001'));
    expect(bare[1]?.url).toBe(made('adt-a40-merge', 'Patient')[1]?.url);
  });

  it.each(['A35', 'A41', 'A49'])('of accounts (%s) gives up the account, and no patient', (event) => {
    const change = (text: string) => text.replace('ADT^A40', `ADT^${event}`);
    expect(made('adt-a40-merge', 'Patient', change)).toHaveLength(1);
    expect(made('adt-a40-merge', 'Account', change).map(({ resource }) => resource.status)).toEqual(['active', 'inactive']);
  });

  it.each(['A18', 'A30', 'A34', 'A36', 'A39', 'A40', 'A46', 'A47'])('of patients (%s) gives up the patient', (event) => {
    expect(made('adt-a40-merge', 'Patient', (text) => text.replace('ADT^A40', `ADT^${event}`))).toHaveLength(2);
  });
});

it('the status of a bed is that of the bed that a stay is in (A20)', () => {
  const [bed] = made('adt-a20-bed', 'Location');
  const [room] = made('adt-a20-bed', 'Location').slice(1);
  const stay = made('adt-a01-rich', 'Location');
  expect(stay.map(({ url }) => url)).toEqual(expect.arrayContaining([bed?.url, room?.url]));
});

it('an allergy without a number is the one of the AL1 of the same allergen (A60)', () => {
  const known = made('adt-a05-preadmit', 'AllergyIntolerance').map(({ url }) => url);
  const updated = made('adt-a60-allergies', 'AllergyIntolerance').map(({ url }) => url);
  expect(updated).toEqual(expect.arrayContaining(known));
});
