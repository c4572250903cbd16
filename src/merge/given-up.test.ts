/** A patient whom a merge gave up stays so, whatever updates of that number leave out (docs/adr/0008). */
import type { Bundle, FhirResource, Patient } from 'fhir/r4';
import { describe, expect, test } from 'vitest';
import { validateBundle } from '../fhir/validate.ts';
import { markGivenUp, patientsOf } from './given-up.ts';

const address = (number: string) => `Patient?identifier=urn%3Aid%3AA%7C${number}`;
const update = (number: string, more: Partial<Patient> = {}) => ({
  fullUrl: `urn:uuid:00000000-0000-4000-8000-0000000000${number}`,
  resource: { resourceType: 'Patient' as const, identifier: [{ system: 'urn:id:A', value: number }], ...more },
  request: { method: 'PUT' as const, url: address(number) },
});
const replacedBy = (number: string): Partial<Patient> => ({
  active: false,
  link: [{ type: 'replaced-by', other: { reference: `urn:uuid:00000000-0000-4000-8000-0000000000${number}` } }],
});
const bundle = (...entry: NonNullable<Bundle<FhirResource>['entry']>): Bundle<FhirResource> => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry,
});
const visit = {
  fullUrl: 'urn:uuid:00000000-0000-4000-8000-0000000000aa',
  resource: { resourceType: 'Encounter' as const, id: 'x', status: 'planned' as const, class: { code: 'AMB' } },
  request: { method: 'PUT' as const, url: 'Encounter/x' },
};

describe('what a bundle says of patients', () => {
  test('a merge gives one up for another, who is given up no more', () => {
    expect(patientsOf(bundle(update('11'), update('12', replacedBy('11'))), false)).toEqual({
      updates: [address('11'), address('12')],
      givenUp: new Map([[address('12'), address('11')]]),
      active: [address('11')],
    });
  });

  test('an update says nothing of merges; one that takes a merge back makes the patient active', () => {
    const one = bundle(update('11'), visit);
    expect(patientsOf(one, false)).toEqual({ updates: [address('11')], givenUp: new Map(), active: [] });
    expect(patientsOf(one, true)?.active).toEqual([address('11')]);
  });

  test('a link of two who both go on gives nobody up, and who is only created is not updated', () => {
    const linked = update('12', { link: [{ type: 'seealso', other: { reference: update('11').fullUrl } }] });
    expect(patientsOf(bundle(update('11'), linked), false)?.givenUp.size).toBe(0);
    const { resource } = update('11');
    expect(
      patientsOf(bundle({ resource, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=x' } }, visit), false),
    ).toBeNull();
  });
});

describe('the mark', () => {
  const marks = new Map([[address('12'), address('11')]]);

  test('stands beside what the update says; who goes on is created where absent, by the number as it was', () => {
    const odd = `Patient?identifier=${encodeURIComponent('urn:id:A\\|B|7\\,8')}`;
    const marked = markGivenUp(bundle(update('12', { birthDate: '1980-01-01' }), visit), new Map([[address('12'), odd]]));
    expect(validateBundle(marked as Bundle)).toEqual([]);
    const [patient, encounter, goesOn] = marked.entry ?? [];
    expect(patient?.resource).toMatchObject({
      active: false,
      birthDate: '1980-01-01',
      link: [{ type: 'replaced-by', other: { reference: goesOn?.fullUrl } }],
    });
    expect(encounter).toEqual(visit);
    expect(goesOn).toMatchObject({
      resource: { resourceType: 'Patient', identifier: [{ system: 'urn:id:A|B', value: '7,8' }] },
      request: { method: 'POST', url: 'Patient', ifNoneExist: odd.slice('Patient?'.length) },
    });
  });

  test('names who goes on where the bundle has that patient, keeps other links, and comes once', () => {
    const link = [{ type: 'seealso' as const, other: { display: 'twin' } }];
    const marked = markGivenUp(bundle(update('12', { link }), update('11')), marks);
    expect(marked.entry).toHaveLength(2);
    expect(marked.entry?.[0]?.resource).toHaveProperty('link', [...link, ...(replacedBy('11').link ?? [])]);
    expect(markGivenUp(marked, marks)).toEqual(marked);
  });

  test('by an id it is a reference to that', () => {
    const marked = markGivenUp(bundle(update('12')), new Map([[address('12'), 'Patient/p9']]));
    expect(marked.entry).toHaveLength(1);
    expect(marked.entry?.[0]?.resource).toMatchObject({ link: [{ other: { reference: 'Patient/p9' } }] });
  });

  test('and nobody else gets it', () => {
    expect(markGivenUp(bundle(update('11'), visit), marks)).toEqual(bundle(update('11'), visit));
  });
});
