import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRawNumber, numberOf, parseJson, rawNumber } from './json.ts';

test.each([
  '1.0',
  '1.00',
  '0.10',
  '100.0',
  '1e3',
  '1.5E-7',
  '-0',
  '-0.0',
  '12345678901234567890',
  '0.1234567890123456789',
  '0.0000001',
])('FHIR R4 2.24.0.1: the digits of %s survive reading and writing', (digits) => {
  const text = `{"value":${digits},"list":[${digits},1]}`;
  expect(JSON.stringify(parseJson(text))).toBe(text);
});

test('a decimal of any digits survives', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.stringMatching(/^\d{0,20}$/), (whole, fraction) => {
      const text = `[${whole}${fraction === '' ? '' : `.${fraction}`}]`;
      expect(JSON.stringify(parseJson(text))).toBe(text);
    }),
  );
});

test('numbers that survive anyway stay numbers', () => {
  expect(parseJson('{"a":1.5,"b":[1.0,2]}')).toMatchObject({ a: 1.5, b: [{ rawJSON: '1.0' }, 2] });
  expect(numberOf((parseJson('{"b":1.50}') as { b: unknown }).b)).toBe(1.5);
  expect(numberOf('1.5')).toBeNaN();
});

test('a raw number is a number', () => {
  expect(isRawNumber(rawNumber('1.20'))).toBe(true);
  expect(isRawNumber({ rawJSON: '1.20' })).toBe(false);
  expect(() => rawNumber('"1"')).toThrow(SyntaxError);
  expect(() => rawNumber('1.')).toThrow(SyntaxError);
});
