import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wrong } from '../../test/fixtures/fhir/wrong.ts';
import { parseJson } from './json.ts';
import { validate, validateBundle } from './validate.ts';

const folder = join(import.meta.dirname, '../../test/fixtures/fhir/valid');

describe('promise 6: what is valid R4 is accepted', () => {
  test.each(readdirSync(folder))('%s', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(validate(JSON.parse(text))).toEqual([]);
    expect(validate(parseJson(text))).toEqual([]);
  });

  test('members that are undefined count as absent', () => {
    expect(validate({ resourceType: 'Patient', gender: undefined, name: [{ family: 'Quill', given: undefined }] })).toEqual([]);
    expect(validate({ resourceType: 'Observation', status: undefined, code: { text: 'x' } }).map((i) => i.code)).toEqual([
      'required',
    ]);
  });
});

describe('promise 6: what is not valid R4 is found, where it is wrong, by its code', () => {
  test.each(wrong)('$what', ({ resource, path, code }) => {
    expect(validate(resource).map((issue) => `${issue.code} ${issue.path}`)).toEqual([`${code} ${path}`]);
  });

  test('everything wrong is listed, not only the first', () => {
    const issues = validate({
      resourceType: 'Patient',
      gender: 'man',
      birthDate: '1.2.1990',
      name: { family: 'x' },
      colour: 'red',
    });
    expect(issues.map((i) => `${i.code} ${i.path}`)).toEqual([
      'binding Patient.gender',
      'format Patient.birthDate',
      'list Patient.name',
      'unknown-element Patient.colour',
    ]);
  });

  test('a Bundle is asked for where a Bundle must be', () => {
    expect(validateBundle({ resourceType: 'Patient' }).map((i) => i.code)).toEqual(['not-a-resource']);
    expect(validateBundle({ resourceType: 'Bundle', type: 'transaction' })).toEqual([]);
  });

  test('what is nested without end is refused, not followed', () => {
    let extension: object = { url: 'http://a.example/x', valueString: 'x' };
    for (let i = 0; i < 50_000; i++) extension = { url: 'http://a.example/x', extension: [extension] };
    expect(validate({ resourceType: 'Patient', extension: [extension] }).map((i) => i.code)).toContain('depth');
  });

  test('findings are limited in number', () => {
    const contact = Array.from({ length: 5000 }, () => ({ gender: 'x' }));
    expect(validate({ resourceType: 'Patient', contact })).toHaveLength(500);
  });
});

test('promise 7: no text of a finding holds a value', () => {
  const secret = 'QUILL^MARTA';
  const resource = JSON.parse(
    JSON.stringify(wrong.map((w) => w.resource)).replaceAll('"x"', JSON.stringify(secret)),
  ) as unknown[];
  const found = resource.flatMap((r) => validate(r));
  expect(found.length).toBeGreaterThan(100);
  for (const issue of found) expect(`${issue.text} ${issue.path}`).not.toContain('QUILL');
  const spread = validate({
    resourceType: 'Patient',
    gender: secret,
    birthDate: secret,
    identifier: [{ system: `urn:a ${secret}` }],
    name: secret,
    id: secret,
  });
  expect(spread).toHaveLength(5);
  expect(JSON.stringify(spread)).not.toContain('QUILL');
});

test('sentences for people say what, why and what to do', () => {
  for (const { resource } of wrong)
    for (const { text } of validate(resource)) expect(text, text).toMatch(/^[A-Z`][^;]+; [a-z][^;]+[^.]$/);
});
