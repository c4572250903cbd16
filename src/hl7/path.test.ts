import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeirError } from '../errors.ts';
import { formatLocation, formatPath, parsePath } from './path.ts';

describe('paths', () => {
  test.each([
    ['PID', { segment: 'PID', occurrence: 1, field: 0, repetition: 1, component: 0, subcomponent: 0 }],
    ['OBX[*]', { segment: 'OBX', occurrence: 0, field: 0, repetition: 1, component: 0, subcomponent: 0 }],
    ['PID-3', { segment: 'PID', occurrence: 1, field: 3, repetition: 1, component: 0, subcomponent: 0 }],
    ['PID-3[*]', { segment: 'PID', occurrence: 1, field: 3, repetition: 0, component: 0, subcomponent: 0 }],
    ['PID-3[2].4.2', { segment: 'PID', occurrence: 1, field: 3, repetition: 2, component: 4, subcomponent: 2 }],
    ['OBX[3]-5', { segment: 'OBX', occurrence: 3, field: 5, repetition: 1, component: 0, subcomponent: 0 }],
    ['OBX[*]-3.1', { segment: 'OBX', occurrence: 0, field: 3, repetition: 1, component: 1, subcomponent: 0 }],
    ['Z01-10.12', { segment: 'Z01', occurrence: 1, field: 10, repetition: 1, component: 12, subcomponent: 0 }],
  ])('%s', (text, path) => expect(parsePath(text)).toMatchObject(path));

  const wrong = [
    '',
    'PI',
    'PIDX',
    'pid-3',
    '1PD-3',
    'PID3',
    'PID.3',
    'PID-',
    'PID-0',
    'PID-03',
    'PID-3.',
    'PID-3.0',
    'PID-3[',
    'PID-3[]',
    'PID-3[0]',
  ];
  test.each([...wrong, 'PID-3[x]', 'PID-3.1.1.1', 'PID-3 ', ' PID-3', 'PID[2', 'PID-3[2]x', 'PID--3', 'PID-9999999', 'PID-3.*'])(
    'is none: %j',
    (text) => {
      expect(() => parsePath(text)).toThrow(WeirError);
      expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: 'hl7-bad-path' }));
    },
  );

  test('no text makes it throw anything but hl7-bad-path', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('P', 'I', 'D', '-', '[', ']', '*', '.', '1', '0', '9', '\u{1F600}')), (parts) => {
        try {
          const path = parsePath(parts.join(''));
          expect(parsePath(formatPath(path))).toEqual(path);
        } catch (error) {
          expect(error).toBeInstanceOf(WeirError);
        }
      }),
    );
  });

  test('format is the inverse of parse', () => {
    const number = fc.integer({ min: 1, max: 999 });
    const path = fc
      .record({
        segment: fc.constantFrom('PID', 'OBX', 'Z12'),
        occurrence: fc.integer({ min: 0, max: 99 }),
        field: number,
        repetition: fc.integer({ min: 0, max: 99 }),
        component: fc.integer({ min: 0, max: 99 }),
        subcomponent: fc.integer({ min: 0, max: 99 }),
      })
      .map((one) => (one.component === 0 ? { ...one, subcomponent: 0 } : one));
    fc.assert(
      fc.property(path, (one) => {
        expect(parsePath(formatPath(one))).toMatchObject(one);
      }),
    );
  });

  test('a location is written down to where it goes', () => {
    const location = { index: 2, segment: 'PID', field: 3, repetition: 1, component: 4, subcomponent: 1 };
    expect(formatLocation(location)).toBe('PID-3[1].4.1');
    expect(formatLocation({ ...location, subcomponent: 0 })).toBe('PID-3[1].4');
    expect(formatLocation({ ...location, component: 0, subcomponent: 0 })).toBe('PID-3[1]');
    expect(formatLocation({ ...location, field: 0, repetition: 0, component: 0, subcomponent: 0 })).toBe('PID');
    expect(formatLocation(location, 3)).toBe('PID[3]-3[1].4.1');
  });
});
