import { describe, expect, test } from 'vitest';
import { readResponse } from './response.ts';

const answer = (...entries: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction-response', entry: entries });
const entry = (status: string, outcome?: unknown) => ({ response: { status, ...(outcome ? { outcome } : {}) } });
const outcome = (issue: unknown) => ({ resourceType: 'OperationOutcome', issue: [issue] });

describe('design section 4: only provably transient causes are retried', () => {
  test.each([408, 409, 412, 425, 429, 500, 502, 503, 504])('HTTP %i is transient', (status) => {
    expect(readResponse(status, undefined)).toEqual({ kind: 'transient', status, text: `HTTP ${status}` });
  });

  test.each([400, 401, 403, 410, 422])('HTTP %i is permanent', (status) => {
    expect(readResponse(status, undefined)).toEqual({ kind: 'permanent', status, text: `HTTP ${status}` });
  });

  test('an answer whose entries all succeeded is ok, whatever their order and number', () => {
    expect(readResponse(200, answer(entry('201 Created'), entry('200'), entry('204 No Content'), entry('304')))).toEqual({
      kind: 'ok',
    });
    expect(readResponse(200, { resourceType: 'Bundle', type: 'batch-response' })).toEqual({ kind: 'ok' });
  });

  test('a conflict within a 200 answer is transient', () => {
    expect(readResponse(200, answer(entry('201'), entry('409 Conflict')))).toEqual({
      kind: 'transient',
      status: 409,
      text: 'entry[1] 409',
    });
    expect(readResponse(200, answer(entry('412'), entry('503'))).kind).toBe('transient');
  });

  test('one entry that cannot succeed makes the whole permanent, also behind a transient one', () => {
    expect(readResponse(200, answer(entry('409'), entry('422')))).toEqual({
      kind: 'permanent',
      status: 422,
      text: 'entry[0] 409; entry[1] 422',
    });
    expect(readResponse(200, answer(entry('301'))).kind).toBe('permanent');
  });

  test('every entry is read, the last of many too', () => {
    const many = Array.from({ length: 200 }, () => entry('200'));
    expect(readResponse(200, answer(...many, entry('400')))).toMatchObject({
      kind: 'permanent',
      status: 400,
      text: 'entry[200] 400',
    });
    expect(readResponse(200, answer(...many.map(() => entry('400'))))).toMatchObject({
      text: expect.stringMatching(/entry\[4\] 400; and 195 more$/),
    });
  });
});

describe('what is no FHIR answer', () => {
  test.each<[string, number, unknown]>([
    ['no JSON', 200, undefined],
    ['a page', 200, 'hello'],
    ['another resource', 200, { resourceType: 'CapabilityStatement' }],
    ['the bundle that was sent', 200, { resourceType: 'Bundle', type: 'transaction', entry: [] }],
    ['entries without a response', 200, answer({ resource: {} })],
    ['entries without a status', 200, answer({ response: {} })],
    ['a status that is none', 200, answer(entry('fine'))],
    ['entries that are no list', 200, { resourceType: 'Bundle', type: 'batch-response', entry: {} }],
    ['a redirect', 302, undefined],
    ['a page that is not there', 404, undefined],
  ])('%s is a bad answer', (_what, status, body) => {
    expect(readResponse(status, body)).toEqual({ kind: 'permanent', status, text: 'bad-answer' });
  });

  test('a FHIR server that says 404 has answered', () => {
    expect(readResponse(404, outcome({ severity: 'error', code: 'not-found' }))).toEqual({
      kind: 'permanent',
      status: 404,
      text: 'HTTP 404: error not-found',
    });
  });
});

describe("promise 7: a server's own words are not repeated", () => {
  const secret = 'DOE^JANE';
  test('of an outcome only severity, code and element path are kept', () => {
    const said = outcome({
      severity: 'error',
      code: 'value',
      diagnostics: `bad name ${secret}`,
      details: { text: secret, coding: [{ code: secret }] },
      expression: ['Patient.name[0].family'],
    });
    for (const verdict of [readResponse(422, said), readResponse(200, answer(entry('422', said)))]) {
      expect(JSON.stringify(verdict)).not.toContain('DOE');
      expect(verdict).toMatchObject({ text: expect.stringContaining('error value at Patient.name[0].family') });
    }
  });

  test('what only looks like a code, status or path is left out', () => {
    const said = outcome({ severity: 'error', code: secret, expression: [`Patient.where(name='${secret}')`] });
    expect(readResponse(422, said)).toMatchObject({ text: 'HTTP 422' });
    expect(readResponse(200, answer(entry(`400 ${secret}`)))).toMatchObject({ text: 'entry[0] 400' });
    const path = outcome({ severity: 'error', code: 'value', expression: [`Patient.where(name='${secret}')`, secret] });
    expect(readResponse(422, path)).toMatchObject({ text: 'HTTP 422: error value' });
  });
});
