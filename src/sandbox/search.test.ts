import type { Bundle, Patient } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, bundle, ids, openSandbox, put, type TestSandbox } from '../../test/support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());
const ask: TestSandbox['ask'] = (...request) => sandbox.ask(...request);

describe('search (FHIR R4 3.1.1)', () => {
  beforeAll(async () => {
    const name = (family: string, ...given: string[]) => ({ name: [{ family, given }] });
    await ask(
      'POST',
      '/',
      bundle(
        'transaction',
        put('Patient/s-1', {
          resourceType: 'Patient',
          id: 's-1',
          identifier: [{ system: 'urn:id:A', value: 's1' }],
          ...name('Åkerström', 'Eva', 'Maria'),
        }),
        put('Patient/s-2', {
          resourceType: 'Patient',
          id: 's-2',
          identifier: [{ system: 'urn:id:B', value: 's1' }],
          ...name('Akers', 'Tom'),
        }),
        put('Patient/s-3', {
          resourceType: 'Patient',
          id: 's-3',
          identifier: [{ value: 's1' }, { system: 'urn:id:A', value: 's,3' }],
          ...name("O'Neil_x", 'Eva'),
        }),
        put('Organization/s-o', { resourceType: 'Organization', id: 's-o', name: 'Søndre Clinic' }),
        put('Encounter/s-e', {
          resourceType: 'Encounter',
          id: 's-e',
          status: 'finished',
          class: { code: 'AMB' },
          subject: { reference: 'Patient/s-1' },
        }),
        put('Observation/s-ob', {
          resourceType: 'Observation',
          id: 's-ob',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'Patient/s-1' },
          encounter: { reference: 'Encounter/s-e' },
        }),
        put('Observation/s-od', {
          resourceType: 'Observation',
          id: 's-od',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'Device/s-1' },
        }),
        put('Coverage/s-c', {
          resourceType: 'Coverage',
          id: 's-c',
          status: 'active',
          beneficiary: { reference: 'Patient/s-1' },
          payor: [{ display: 'x' }],
        }),
        put('AllergyIntolerance/s-al', {
          resourceType: 'AllergyIntolerance',
          id: 's-al',
          clinicalStatus: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
          },
          patient: { reference: 'Patient/s-1' },
        }),
      ),
    ).then((a) => expect(a.status, a.text).toBe(200));
  });

  test.each<[string, string[]]>([
    ['Patient?identifier=urn:id:A|s1', ['s-1']],
    ['Patient?identifier=urn:id:A%7Cs1', ['s-1']],
    ['Patient?identifier=s1', ['s-1', 's-2', 's-3']],
    ['Patient?identifier=|s1', ['s-3']],
    ['Patient?identifier=urn:id:A|', ['s-1', 's-3']],
    ['Patient?identifier=urn:id:A|s1,urn:id:B|s1', ['s-1', 's-2']],
    ['Patient?identifier=urn:id:A|s\\,3', ['s-3']],
    ['Patient?identifier=S1', []],
    ['Patient?_id=s-1,s-3', ['s-1', 's-3']],
    ['Patient?family=akers', ['s-1', 's-2']],
    ['Patient?family:exact=akers', ['s-2']],
    ["Patient?family=o'neil_", ['s-3']],
    ['Patient?family=o%25', []],
    ['Patient?name=eva&_id=s-1,s-2', ['s-1']],
    ['Patient?given=mar', ['s-1']],
    ['Organization?name=SØN', ['s-o']],
    ['Observation?patient=s-1', ['s-ob']],
    ['Observation?patient=Patient/s-1', ['s-ob']],
    ['Observation?subject=Device/s-1', ['s-od']],
    ['Observation?subject=s-1', ['s-ob', 's-od']],
    ['Observation?subject:Patient=s-1', ['s-ob']],
    ['Observation?encounter=s-e', ['s-ob']],
    ['Encounter?patient=http://weir.example/fhir/Patient/s-1', ['s-e']],
    ['AllergyIntolerance?patient=s-1', ['s-al']],
  ])('%s', async (query, expected) => {
    const answer = await ask('GET', `/${query}`);
    expect(answer.status, answer.text).toBe(200);
    expect((ids(answer) ?? []).sort()).toEqual(expected);
    expect(answer.body).toMatchObject({ type: 'searchset', total: expected.length });
    for (const entry of answer.body.entry ?? [])
      expect(entry.fullUrl).toBe(`http://weir.example/fhir/${entry.resource?.resourceType}/${entry.resource?.id}`);
  });

  test('by POST', async () => {
    const answer = await ask('POST', '/Patient/_search?_count=5', 'identifier=urn:id:A%7Cs1', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(ids(answer)).toEqual(['s-1']);
  });

  test('_lastUpdated with prefixes', async () => {
    const updated = (await ask<Patient>('GET', '/Patient/s-1')).body.meta?.lastUpdated ?? '';
    const day = updated.slice(0, 10);
    const hits = async (value: string) => (await ask('GET', `/Patient?_id=s-1&_lastUpdated=${value}`)).body.total;
    for (const value of [day, `ge${day}`, `le${day}`, `gt1999`, updated, `ge${updated}`, `le${updated}`, 'lt2999-01'])
      expect(await hits(value), value).toBe(1);
    for (const value of ['1999', `gt${day}`, `lt${day}`, `gt${updated}`, `lt${updated}`, `sa${day}`, 'eb1999-01-01'])
      expect(await hits(value), value).toBe(0);
    expect((await ask('GET', '/Patient?_lastUpdated=yesterday')).status).toBe(400);
  });

  test('_count pages, with links, through all and none twice', async () => {
    for (let i = 0; i < 7; i++)
      await ask('PUT', `/Location/page-${i}`, { resourceType: 'Location', id: `page-${i}`, name: `Ward ${i}` });
    const seen: (string | undefined)[] = [];
    let path: string | undefined = '/Location?name=ward&_count=3';
    let pages = 0;
    while (path !== undefined && pages < 9) {
      const answer: Answer<Bundle> = await ask('GET', path);
      seen.push(...(ids(answer) ?? []));
      expect(answer.body.total).toBe(7);
      path = answer.body.link?.find((l) => l.relation === 'next')?.url.replace('http://weir.example/fhir', '');
      pages++;
    }
    expect(pages).toBe(3);
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `page-${i}`));
    expect(seen[0]).toBe('page-6');
    expect((await ask('GET', '/Location?name=ward&_count=0')).body).toMatchObject({ total: 7 });
    expect((await ask('GET', '/Location?_count=x')).status).toBe(400);
    expect((await ask('GET', '/Location?_after=x')).status).toBe(400);
  });
});
