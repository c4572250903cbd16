import type { OperationOutcome, Patient } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bundle,
  idOf,
  openSandbox,
  patient,
  post,
  put,
  statuses,
  system,
  type TestSandbox,
  uuid,
} from '../../test/support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());
const ask: TestSandbox['ask'] = (...request) => sandbox.ask(...request);

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
