import fastify, { type FastifyInstance } from 'fastify';
import type { Bundle, OperationOutcome, Patient } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../test/support/postgres.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { openDb } from '../store/pg.ts';
import { registerSandbox, sandboxMigrations } from './sandbox.ts';

let db: Db;
let app: FastifyInstance;

beforeAll(async () => {
  db = openDb(await freshDatabase(), 16);
  await migrate(db, sandboxMigrations);
  app = fastify();
  await registerSandbox(app, db);
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await db.close();
});

interface Answer<T> {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly body: T;
}

async function ask<T = Bundle>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/fhir+json' };
  const response = await app.inject({
    method,
    url: `/fhir${path}`,
    headers: { host: 'weir.example', ...type, ...headers },
    ...payload,
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: (response.body === '' ? undefined : response.json()) as T,
  };
}

const system = 'urn:id:TEST';
const patient = (value: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  ...more,
});
const post = (resource: object, more: object = {}, url = (resource as { resourceType: string }).resourceType) => ({
  resource,
  request: { method: 'POST', url, ...more },
});
const put = (url: string, resource: object, fullUrl?: string) => ({
  ...(fullUrl ? { fullUrl } : {}),
  resource,
  request: { method: 'PUT', url },
});
const bundle = (type: 'transaction' | 'batch', ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const uuid = (n: number) => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const statuses = (answer: Answer<Bundle>) => answer.body.entry?.map((e) => e.response?.status);
const idOf = (answer: Answer<Bundle>, entry = 0) =>
  /\/([^/]+)\/_history/.exec(answer.body.entry?.[entry]?.response?.location ?? '')?.[1] ?? '';
const ids = (answer: Answer<Bundle>) => answer.body.entry?.map((e) => e.resource?.id);

describe('one resource', () => {
  test('create, read, update, read a version, history, delete', async () => {
    const created = await ask<Patient>('POST', '/Patient', patient('one'));
    expect(created).toMatchObject({
      status: 201,
      headers: { etag: 'W/"1"', 'content-type': 'application/fhir+json; charset=utf-8' },
    });
    const { id, meta } = created.body;
    expect(created.headers.location).toBe(`http://weir.example/fhir/Patient/${id}/_history/1`);
    expect(meta?.versionId).toBe('1');

    const updated = await ask<Patient>('PUT', `/Patient/${id}`, { ...created.body, gender: 'female' });
    expect(updated).toMatchObject({
      status: 200,
      headers: { etag: 'W/"2"' },
      body: { id, gender: 'female', meta: { versionId: '2' } },
    });
    expect((await ask<Patient>('GET', `/Patient/${id}`)).body).toEqual(updated.body);
    expect((await ask<Patient>('GET', `/Patient/${id}/_history/1`)).body).toEqual(created.body);
    expect((await ask('GET', `/Patient/${id}/_history/9`)).status).toBe(404);

    expect((await ask('DELETE', `/Patient/${id}`)).status).toBe(204);
    expect((await ask('DELETE', `/Patient/${id}`)).status).toBe(204);
    expect(await ask<OperationOutcome>('GET', `/Patient/${id}`)).toMatchObject({
      status: 410,
      body: { issue: [{ code: 'deleted' }] },
    });
    expect((await ask('GET', `/Patient?identifier=${system}|one`)).body.total).toBe(0);

    const { body } = await ask('GET', `/Patient/${id}/_history`);
    expect(body).toMatchObject({ type: 'history', total: 3 });
    expect(body.entry?.map((e) => [e.request?.method, e.response?.etag, e.resource?.meta?.versionId])).toEqual([
      ['DELETE', 'W/"3"', undefined],
      ['PUT', 'W/"2"', '2'],
      ['POST', 'W/"1"', '1'],
    ]);

    expect(await ask('PUT', `/Patient/${id}`, { ...patient('one'), id })).toMatchObject({
      status: 201,
      headers: { etag: 'W/"4"' },
    });
  });

  test('an update with an id that is not there creates it', async () => {
    expect(await ask('PUT', '/Patient/mine-1', { ...patient('mine'), id: 'mine-1' })).toMatchObject({
      status: 201,
      body: { id: 'mine-1' },
    });
    expect((await ask('GET', '/Patient/mine-1')).status).toBe(200);
  });

  test('promise 4: the same content again makes no version', async () => {
    const content = { ...patient('same'), id: 'same-1', meta: { source: 'urn:weir', versionId: '77' } };
    const first = await ask<Patient>('PUT', '/Patient/same-1', content);
    const again = await ask<Patient>('PUT', '/Patient/same-1', content);
    expect(again).toMatchObject({ status: 200, headers: { etag: 'W/"1"' } });
    expect(again.body).toEqual(first.body);
    expect((await ask('GET', '/Patient/same-1/_history')).body.total).toBe(1);
    expect(await ask('PUT', '/Patient/same-1', { ...content, meta: { source: 'urn:other' } })).toMatchObject({
      headers: { etag: 'W/"2"' },
    });
  });

  test('FHIR R4 2.24.0.1: decimals keep their digits', async () => {
    const text =
      '{"resourceType":"Observation","id":"dec-1","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.500},"referenceRange":[{"low":{"value":0.10},"high":{"value":1e2}}]}';
    for (const answer of [await ask('PUT', '/Observation/dec-1', text), await ask('GET', '/Observation/dec-1')]) {
      expect(answer.text).toContain('"valueQuantity":{"value":1.500}');
      expect(answer.text).toContain('[{"low":{"value":0.10},"high":{"value":1e2}}]');
    }
    expect((await ask('GET', '/Observation?_id=dec-1')).text).toContain('1.500');
    await ask(
      'POST',
      '/',
      `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${text.replace('1.500', '1.50')},"request":{"method":"PUT","url":"Observation/dec-1"}}]}`,
    );
    expect((await ask('GET', '/Observation/dec-1')).text).toContain('"valueQuantity":{"value":1.50}');
  });

  test('If-Match, If-None-Match and Prefer are heeded', async () => {
    const content = { ...patient('etag'), id: 'etag-1' };
    await ask('PUT', '/Patient/etag-1', content);
    expect((await ask('PUT', '/Patient/etag-1', { ...content, active: true }, { 'if-match': 'W/"9"' })).status).toBe(412);
    expect((await ask('PUT', '/Patient/etag-1', { ...content, active: true }, { 'if-match': 'W/"1"' })).status).toBe(200);
    expect((await ask('GET', '/Patient/etag-1', undefined, { 'if-none-match': 'W/"2"' })).status).toBe(304);
    expect(await ask('PUT', '/Patient/etag-1', content, { prefer: 'return=minimal' })).toMatchObject({ status: 200, text: '' });
    expect((await ask('PUT', '/Patient/etag-1', content, { 'if-match': 'nonsense' })).status).toBe(400);
  });

  test.each<[string, 'GET' | 'POST' | 'PUT', string, unknown, number]>([
    ['not there', 'GET', '/Patient/nobody', undefined, 404],
    ['no such type', 'GET', '/Patience/1', undefined, 404],
    ['no such type, searched', 'GET', '/Patience', undefined, 404],
    ['another id', 'PUT', '/Patient/a', { ...patient('x'), id: 'b' }, 400],
    ['another type', 'POST', '/Encounter', patient('x'), 400],
    ['not JSON', 'POST', '/Patient', '{"resourceType":"Patient", "name":[{"family":"SECRET"', 400],
    ['not valid', 'PUT', '/Patient/a', { resourceType: 'Patient', id: 'a', gender: 'SECRET' }, 422],
    ['not valid, created', 'POST', '/Patient', { resourceType: 'Patient', SECRET: 1 }, 422],
    ['a resource at the base', 'POST', '/', patient('x'), 400],
    ['a bundle of another kind', 'POST', '/', { resourceType: 'Bundle', type: 'collection' }, 400],
    ['an unknown parameter', 'GET', '/Patient?shoe-size=44', undefined, 400],
    ['an unknown modifier', 'GET', '/Patient?family:contains=a', undefined, 400],
    ['a condition that names nothing', 'PUT', '/Patient', patient('x'), 412],
  ])('%s is refused with an outcome', async (_what, method, path, body, status) => {
    const answer = await ask<OperationOutcome>(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    expect(answer.body.issue[0]?.severity).toBe('error');
    expect(answer.text.replaceAll('Patient.SECRET', '')).not.toContain('SECRET');
  });

  test('another content type is refused with an outcome', async () => {
    const answer = await ask<OperationOutcome>('POST', '/Patient', '<Patient/>', { 'content-type': 'application/fhir+xml' });
    expect(answer).toMatchObject({ status: 415, body: { resourceType: 'OperationOutcome' } });
  });
});

describe('conditional writes', () => {
  test('create if none exists, by header', async () => {
    const first = await ask<Patient>('POST', '/Patient', patient('cc-1'), { 'if-none-exist': `identifier=${system}|cc-1` });
    const again = await ask<Patient>('POST', '/Patient', patient('cc-1', { gender: 'male' }), {
      'if-none-exist': `identifier=${system}|cc-1`,
    });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
  });

  test('conditional update creates, updates, and refuses several matches', async () => {
    const path = `/Patient?identifier=${encodeURIComponent(`${system}|cu-1`)}`;
    const first = await ask<Patient>('PUT', path, patient('cu-1'));
    const second = await ask<Patient>('PUT', path, patient('cu-1', { active: true }));
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toMatchObject({ id: first.body.id, active: true, meta: { versionId: '2' } });
    await ask('POST', '/Patient', patient('cu-1'));
    expect(await ask<OperationOutcome>('PUT', path, patient('cu-1'))).toMatchObject({
      status: 412,
      body: { issue: [{ code: 'multiple-matches' }] },
    });
  });

  test('an identifier that was taken away is no longer found', async () => {
    await ask('PUT', '/Patient/moved-1', { ...patient('old-id'), id: 'moved-1' });
    await ask('PUT', '/Patient/moved-1', { ...patient('new-id'), id: 'moved-1' });
    expect((await ask('GET', `/Patient?identifier=${system}|old-id`)).body.total).toBe(0);
    expect(ids(await ask('GET', `/Patient?identifier=${system}|new-id`))).toEqual(['moved-1']);
  });

  test('conditional delete', async () => {
    await ask('POST', '/Patient', patient('cd-1'));
    expect((await ask('DELETE', `/Patient?identifier=${system}|cd-1`)).status).toBe(204);
    expect((await ask('DELETE', `/Patient?identifier=${system}|cd-1`)).status).toBe(204);
    expect((await ask('GET', `/Patient?identifier=${system}|cd-1`)).body.total).toBe(0);
  });

  test('promise 4: twelve at once make one patient', async () => {
    const one = () =>
      ask('POST', '/', bundle('transaction', post(patient('twelve'), { ifNoneExist: `identifier=${system}|twelve` })));
    const answers = await Promise.all(Array.from({ length: 12 }, one));
    expect(answers.map((a) => a.status)).toEqual(Array(12).fill(200));
    expect(answers.flatMap(statuses).filter((s) => s === '201 Created')).toHaveLength(1);
    expect(new Set(answers.map((a) => idOf(a))).size).toBe(1);
    expect((await ask('GET', `/Patient?identifier=${system}|twelve`)).body.total).toBe(1);
  });

  test('promise 4: conditional updates of the same patients at once, in any order, neither double nor lose one', async () => {
    const names = ['p', 'q', 'r', 's'];
    const one = (n: number) => {
      const order = [...names.slice(n % 4), ...names.slice(0, n % 4)];
      return ask(
        'POST',
        '/',
        bundle(
          'transaction',
          ...order.map((v) => put(`Patient?identifier=${system}|many-${v}`, patient(`many-${v}`, { birthDate: `19${10 + n}` }))),
        ),
      );
    };
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => one(n)));
    expect(answers.map((a) => a.status)).toEqual(Array(16).fill(200));
    for (const name of names) {
      const found = await ask('GET', `/Patient?identifier=${system}|many-${name}`);
      expect(found.body.total).toBe(1);
      expect(found.body.entry?.[0]?.resource?.meta?.versionId).toBe('16');
    }
  });

  test('updates of the same new id at once all succeed', async () => {
    const one = (n: number) => ask('PUT', '/Patient/race-1', { resourceType: 'Patient', id: 'race-1', birthDate: `19${10 + n}` });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => one(n)));
    expect(answers.map((a) => a.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect((await ask('GET', '/Patient/race-1/_history')).body.total).toBe(8);
  });
});

describe('transactions (FHIR R4 3.1.0.11.2)', () => {
  test('links between entries become the ids given', async () => {
    const answer = await ask(
      'POST',
      '',
      bundle(
        'transaction',
        put(
          'Encounter/enc-1',
          { resourceType: 'Encounter', id: 'enc-1', status: 'finished', class: { code: 'IMP' }, subject: { reference: uuid(1) } },
          uuid(2),
        ),
        {
          fullUrl: uuid(1),
          ...post(
            patient('tx-1', {
              identifier: [
                { system, value: 'tx-1' },
                { system, value: uuid(1) },
              ],
            }),
          ),
        },
        {
          fullUrl: uuid(3),
          ...post({
            resourceType: 'Observation',
            status: 'final',
            code: { text: 'x' },
            subject: { reference: uuid(1) },
            encounter: { reference: uuid(2) },
          }),
        },
      ),
    );
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'transaction-response' });
    expect(statuses(answer)).toEqual(['201 Created', '201 Created', '201 Created']);
    const id = idOf(answer, 1);
    expect(answer.body.entry?.[1]?.response).toMatchObject({
      location: `http://weir.example/fhir/Patient/${id}/_history/1`,
      etag: 'W/"1"',
    });
    expect((await ask('GET', '/Encounter/enc-1')).body).toMatchObject({ subject: { reference: `Patient/${id}` } });
    expect((await ask('GET', `/Observation/${idOf(answer, 2)}`)).body).toMatchObject({
      subject: { reference: `Patient/${id}` },
      encounter: { reference: 'Encounter/enc-1' },
    });
    // A business identifier that looks like a link is none.
    expect((await ask('GET', `/Patient/${id}`)).body).toMatchObject({ identifier: [{ value: 'tx-1' }, { value: uuid(1) }] });
  });

  test('links to a conditionally created or updated patient lead to the one that was there', async () => {
    const { body } = await ask<Patient>('POST', '/Patient', patient('there'));
    const send = (entry: object) =>
      ask(
        'POST',
        '/',
        bundle(
          'transaction',
          { fullUrl: uuid(1), ...entry },
          put('Basic/b-there', { resourceType: 'Basic', id: 'b-there', code: { text: 'x' }, subject: { reference: uuid(1) } }),
        ),
      );
    const created = await send(post(patient('there', { active: true }), { ifNoneExist: `identifier=${system}|there` }));
    expect(statuses(created)).toEqual(['200 OK', '201 Created']);
    expect((await ask('GET', '/Basic/b-there')).body).toMatchObject({ subject: { reference: `Patient/${body.id}` } });
    expect((await ask<Patient>('GET', `/Patient/${body.id}`)).body.active).toBeUndefined();
    const updated = await send(put(`Patient?identifier=${system}|there`, patient('there', { active: true })));
    expect(statuses(updated)).toEqual(['200 OK', '200 OK']);
    expect((await ask<Patient>('GET', `/Patient/${body.id}`)).body.active).toBe(true);
  });

  test('conditional references are resolved, also to what the same bundle makes', async () => {
    const basic = {
      resourceType: 'Basic',
      id: 'b-cond',
      code: { text: 'x' },
      subject: { reference: `Patient?identifier=${system}|cref` },
    };
    const missing = await ask<OperationOutcome>('POST', '/', bundle('transaction', put('Basic/b-cond', basic)));
    expect(missing).toMatchObject({ status: 404, body: { issue: [{ code: 'not-found' }] } });
    expect((await ask('GET', '/Basic/b-cond')).status).toBe(404);
    const both = await ask(
      'POST',
      '/',
      bundle('transaction', put('Basic/b-cond', basic), put(`Patient?identifier=${system}|cref`, patient('cref'))),
    );
    const stored = (await ask<{ subject: { reference: string } }>('GET', '/Basic/b-cond')).body;
    expect(stored.subject.reference).toBe(`Patient/${idOf(both, 1)}`);
    const again = await ask('POST', '/', bundle('transaction', put('Basic/b-cond', basic)));
    expect(again.body.entry?.[0]?.response).toMatchObject({ status: '200 OK', etag: 'W/"1"' });
    await ask('POST', '/Patient', patient('cref'));
    expect((await ask('POST', '/', bundle('transaction', put('Basic/b-cond', basic)))).status).toBe(412);
  });

  test('all or nothing', async () => {
    await ask('POST', '/Patient', patient('twice'));
    await ask('POST', '/Patient', patient('twice'));
    const refused = await ask<OperationOutcome>(
      'POST',
      '/',
      bundle(
        'transaction',
        put('Patient/atomic-1', { ...patient('atomic'), id: 'atomic-1' }),
        put(`Patient?identifier=${system}|twice`, patient('twice')),
      ),
    );
    expect(refused).toMatchObject({
      status: 412,
      body: { resourceType: 'OperationOutcome', issue: [{ expression: ['Bundle.entry[1]'] }] },
    });
    expect((await ask('GET', '/Patient/atomic-1')).status).toBe(404);
  });

  test('promise 6: a transaction with a fault anywhere is refused whole', async () => {
    const refused = await ask<OperationOutcome>(
      'POST',
      '/',
      bundle(
        'transaction',
        put('Patient/valid-1', { ...patient('v'), id: 'valid-1' }),
        post({ resourceType: 'Observation', status: 'final' }),
      ),
    );
    expect(refused).toMatchObject({
      status: 422,
      body: { issue: [{ code: 'required', expression: ['Bundle.entry[1].resource.code'] }] },
    });
    expect((await ask('GET', '/Patient/valid-1')).status).toBe(404);
  });

  test('two entries that write the same resource are refused, two creates under one condition make one', async () => {
    const same = put('Patient/dup-1', { ...patient('dup'), id: 'dup-1' });
    expect(await ask('POST', '/', bundle('transaction', same, same))).toMatchObject({
      status: 400,
      body: { issue: [{ code: 'duplicate' }] },
    });
    const create = post(patient('dup-2'), { ifNoneExist: `identifier=${system}|dup-2` });
    const answer = await ask(
      'POST',
      '/',
      bundle('transaction', { fullUrl: uuid(1), ...create }, { fullUrl: uuid(2), ...create }),
    );
    expect(statuses(answer)).toEqual(['201 Created', '200 OK']);
    expect(idOf(answer, 0)).toBe(idOf(answer, 1));
  });

  test('reads, searches and deletions are done too, reads after writes', async () => {
    await ask('PUT', '/Patient/del-1', { ...patient('del'), id: 'del-1' });
    const get = (url: string) => ({ request: { method: 'GET', url } });
    const answer = await ask(
      'POST',
      '/',
      bundle(
        'transaction',
        get('Patient/got-1'),
        get('Patient?_id=got-1'),
        put('Patient/got-1', { ...patient('got'), id: 'got-1' }),
        { request: { method: 'DELETE', url: 'Patient/del-1' } },
      ),
    );
    expect(statuses(answer)).toEqual(['200 OK', '200 OK', '201 Created', '204 No Content']);
    expect(answer.body.entry?.[0]?.resource).toMatchObject({ id: 'got-1' });
    expect(answer.body.entry?.[1]?.resource).toMatchObject({ type: 'searchset', total: 1 });
    expect((await ask('GET', '/Patient/del-1')).status).toBe(410);
  });

  test('an empty transaction is answered, and resources are returned where asked for', async () => {
    expect((await ask('POST', '/', { resourceType: 'Bundle', type: 'transaction' })).body).toEqual({
      resourceType: 'Bundle',
      type: 'transaction-response',
    });
    const full = await ask('POST', '/', bundle('transaction', put('Patient/full-1', { ...patient('full'), id: 'full-1' })), {
      prefer: 'return=representation',
    });
    expect(full.body.entry?.[0]?.resource).toMatchObject({ id: 'full-1', meta: { versionId: '1' } });
  });
});

test('a batch does each entry by itself', async () => {
  const answer = await ask(
    'POST',
    '/',
    bundle(
      'batch',
      put('Patient/batch-1', { ...patient('b1'), id: 'batch-1' }),
      post({ resourceType: 'Observation', status: 'final' }),
      { request: { method: 'GET', url: 'Patient/batch-none' } },
      { request: { method: 'GET', url: 'Patient/batch-1' } },
      put('Patient?identifier=a&shoe=1', patient('b2')),
    ),
  );
  expect(answer).toMatchObject({ status: 200, body: { type: 'batch-response' } });
  expect(statuses(answer)).toEqual(['201 Created', '422', '404', '200 OK', '400']);
  expect(answer.body.entry?.[1]?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
});

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

test('the CapabilityStatement says what the sandbox does, and is valid', async () => {
  const { validate } = await import('../fhir/validate.ts');
  const { status, body } = await ask('GET', '/metadata');
  expect(status).toBe(200);
  expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', rest: [{ mode: 'server' }] });
  expect(validate(body)).toEqual([]);
});
