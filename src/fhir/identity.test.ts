import { describe, expect, test } from 'vitest';
import { uuidOf } from './identity.ts';

describe('promise 4: identities are deterministic', () => {
  test('a UUID of version 5 and the RFC variant (RFC 9562, 5.5)', () => {
    expect(uuidOf('Patient', '1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('ids delivered yesterday are the ids of today', () => {
    expect(uuidOf('Encounter', 'urn:id:MAIN', 'V100')).toBe('e61ef62a-1258-554b-b26c-bffb860cd6d7');
  });

  test('where parts begin and end matters', () => {
    const ids = [uuidOf('ab', 'c'), uuidOf('a', 'bc'), uuidOf('abc'), uuidOf('abc', ''), uuidOf(), uuidOf('')];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
