import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  component,
  componentCount,
  componentType,
  datatypeNames,
  field,
  fieldCount,
  fieldRepeats,
  fieldType,
  segmentNames,
} from './dictionary.ts';

describe('the dictionary', () => {
  test.each([
    ['PID', 3, undefined, 'CX'],
    ['PID', 5, '2.3', 'XPN'],
    ['PID', 3, '2.1', 'CK'],
    ['OBX', 5, undefined, 'VARIES'],
    ['OBX', 3, '2.5.1', 'CE'],
    ['OBX', 3, undefined, 'CWE'],
    ['OH2', 4, undefined, 'CWE'],
    ['OH2', 4, '2.8', undefined],
    ['PID', 99, undefined, undefined],
    ['PID', 0, undefined, undefined],
    ['ZPI', 1, undefined, undefined],
    ['__proto__', 1, undefined, undefined],
    ['constructor', 1, undefined, undefined],
  ])('%s-%d in %s is %s', (segment, position, version, type) => expect(fieldType(segment, position, version)).toBe(type));

  test('withdrawn fields keep, in the newest version, the datatype that senders go on filling', () => {
    expect(fieldType('PID', 2)).toBe('CX');
    expect(fieldType('OBR', 27)).toBe('TQ');
    expect(fieldType('PID', 4)).toBe('CX');
  });

  test('a field has its name, repetition, usage and table', () => {
    expect(field('PID', 3)).toEqual({
      name: 'Patient Identifier List',
      type: 'CX',
      repetitions: 0,
      usage: 'R',
      length: 250,
      table: '',
    });
    expect(field('PID', 8)?.table).toBe('0001');
    expect(fieldRepeats('PID', 3)).toBe(true);
    expect(fieldRepeats('PID', 7)).toBe(false);
    expect(fieldRepeats('ZZZ', 1)).toBe(false);
  });

  test('components', () => {
    expect(componentType('CX', 4)).toBe('HD');
    expect(componentType('OG', 2)).toBe('NM');
    expect(componentType('ST', 1)).toBeUndefined();
    expect(component('XPN', 1)?.type).toBe('FN');
    expect(componentCount('HD')).toBe(3);
    expect(componentCount('ST')).toBe(0);
  });

  test('names', () => {
    expect(segmentNames()).toEqual(expect.arrayContaining(['MSH', 'PID', 'OBX', 'PRT', 'ARV', 'OH1', 'OH4']));
    expect(datatypeNames()).toEqual(expect.arrayContaining(['CX', 'ST', 'OG', 'TQ']));
    expect(fieldCount('MSH')).toBe(28);
    expect(segmentNames('2.1')).not.toContain('PRT');
  });

  test('a version that nobody knows counts as the newest', () => {
    expect(fieldType('PID', 3, '9.9')).toBe('CX');
    expect(fieldType('PID', 3, '')).toBe('CX');
  });
});

const guide = new URL('../../../shared/ig/v2-to-fhir.json', import.meta.url);
test.skipIf(!existsSync(guide))('every field that a segment map of the guide reads is in the newest version', () => {
  const { segments } = JSON.parse(readFileSync(guide, 'utf8')) as { segments: { rows: { v2Field?: string }[] }[] };
  const read = segments.flatMap((map) =>
    map.rows.flatMap((row) => /^([A-Z0-9]{3})-(\d+)/.exec(row.v2Field ?? '')?.slice(1, 3) ?? []),
  );
  const missing = [];
  for (let at = 0; at < read.length; at += 2)
    if (!field(read[at] as string, Number(read[at + 1]))) missing.push(`${read[at]}-${read[at + 1]}`);
  expect(read.length).toBeGreaterThan(1000);
  expect(missing).toEqual([]);
});
