import type { OperationOutcome, Patient } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bundle,
  idOf,
  ids,
  openSandbox,
  patient,
  post,
  put,
  statuses,
  system,
  type TestSandbox,
} from '../../test/support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());
const ask: TestSandbox['ask'] = (...request) => sandbox.ask(...request);

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

test('the CapabilityStatement says what the sandbox does, and is valid', async () => {
  const { validate } = await import('../fhir/validate.ts');
  const { status, body } = await ask('GET', '/metadata');
  expect(status).toBe(200);
  expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', rest: [{ mode: 'server' }] });
  expect(validate(body)).toEqual([]);
});
