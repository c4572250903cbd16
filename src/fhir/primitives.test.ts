import { describe, expect, test } from 'vitest';
import { inOrder } from './dates.ts';
import { parseJson, rawNumber } from './json.ts';
import { primitiveCheck } from './primitives.ts';

const check = (type: string, value: unknown) => primitiveCheck(type)?.(value);

describe('FHIR R4 2.24.0.1: formats of primitive datatypes', () => {
  test.each<[string, unknown[], unknown[]]>([
    ['boolean', [true, false], []],
    ['string', ['a', ' a ', 'a\tb\r\nc', 'é'], ['', 'a\u0000b', 'a\u000bb', 'x'.repeat(1_048_577)]],
    ['markdown', ['# a\n'], ['']],
    ['code', ['male', 'in progress'], ['', ' male', 'male ', 'in  progress', 'a\tb']],
    ['id', ['a-1.B', 'x'.repeat(64)], ['', 'a_b', 'x'.repeat(65), 'a/b']],
    [
      'uri',
      ['urn:oid:2.16.840', 'http://a.example', 'urn:id:LAB', 'x'],
      ['', 'a b', 'urn:oid:2.16.', 'urn:oid:3.1', 'urn:uuid:1'],
    ],
    ['oid', ['urn:oid:1.2.3'], ['1.2.3', 'urn:oid:1.02']],
    ['uuid', ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'], ['c757873d-ec9a-4326-a141-556f43239520']],
    [
      'date',
      ['2024', '2024-02', '2024-02-29', '2000-02-29'],
      ['24', '2023-02-29', '1900-02-29', '2024-13', '2024-04-31', '2024-01-01T00:00:00Z', '0000', '20240101'],
    ],
    [
      'dateTime',
      ['2024', '2024-01-01T00:00:00Z', '2024-01-01T23:59:60.123+14:00'],
      ['2024-01-01T00:00:00', '2024-01-01T24:00:00Z', '2024-01-01T10:00Z', '2024-01-01T00:00:00+15:00'],
    ],
    ['instant', ['2024-01-01T00:00:00.000-05:00'], ['2024-01-01', '2024-01-01T00:00:00']],
    ['time', ['08:30:00', '23:59:59.9'], ['8:30:00', '08:30', '24:00:00']],
    ['decimal', [1, -1.5, rawNumber('1.50'), rawNumber('1e3')], []],
    ['integer', [0, -2147483648, 2147483647], [1.5, 2147483648, rawNumber('1.0')]],
    ['positiveInt', [1], [0, -1, 1.5]],
    ['unsignedInt', [0, 7], [-1]],
    ['base64Binary', ['QUJD', 'QUI=', 'QUJD\nQUJD', 'QQ=='], ['', 'QUJ', 'QQ=', '====', 'Q*==', 'QQ==QUJD']],
  ])('%s', (type, right, wrong) => {
    for (const value of right) expect(check(type, value), JSON.stringify(value)).toBeUndefined();
    for (const value of wrong) expect(check(type, value), JSON.stringify(value)).toBe('format');
  });

  test('the JSON type must fit', () => {
    expect(check('boolean', 'true')).toBe('type');
    expect(check('decimal', '1.5')).toBe('type');
    expect(check('integer', '1')).toBe('type');
    expect(check('string', 1)).toBe('type');
    expect(check('date', parseJson('2024.0'))).toBe('type');
    expect(check('positiveInt', true)).toBe('type');
  });

  test('a long text is checked in one pass', () => {
    expect(check('base64Binary', `${'A'.repeat(2_000_000)}*`)).toBe('format');
    expect(check('code', `${'a '.repeat(50_000)} `)).toBe('format');
  });
});

// The answers are those of HL7's own validator.
describe('per-1: the order of dates', () => {
  test.each([
    ['2024-01', '2024-02', true],
    ['2024-02', '2024-01', false],
    ['2024-02', '2024-02', true],
    ['2020', '2021-05', true],
    ['2020', '2020-05', false],
    ['2020-05', '2020', false],
    ['2024-05-01', '2024-05-01T10:00:00Z', false],
    ['2024-05-01T10:00:00Z', '2024-05-01', false],
    ['2024-05-01', '2024-05-02T10:00:00Z', true],
    ['2024-05-01T23:00:00-05:00', '2024-05-02', false],
    ['2024-05-02T03:00:00+14:00', '2024-05-02', true],
    ['2024-04-30T20:00:00-05:00', '2024-04-30', false],
    ['2024-01-01T10:00:00+02:00', '2024-01-01T09:00:00Z', true],
    ['2024-01-01T10:00:00-02:00', '2024-01-01T09:00:00Z', false],
    ['2024-05-01T10:00:00.5Z', '2024-05-01T10:00:00Z', false],
    ['2016-12-31T23:59:58Z', '2016-12-31T23:59:60Z', true],
    ['nonsense', '2024', true],
  ])('%s to %s: %s', (a, b, right) => expect(inOrder(a, b)).toBe(right));
});
