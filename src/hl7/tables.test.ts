import { expect, test } from 'vitest';
import { versions } from './dictionary.ts';
import { versionTables } from './dictionary-load.ts';
import { table, tableIds, tableText } from './tables.ts';

test.each([
  ['0001', 'user', 'F', 'Female'],
  ['0008', 'hl7', 'AA', 'Original mode: Application Accept'],
  ['0076', 'hl7', 'ORU', 'Unsolicited transmission of an observation'],
  ['0136', 'hl7', 'Y', 'Yes'],
  ['0357', 'hl7', '198', 'Non-Conformant Cardinality'],
  // its codes are those of another code system, under headings that are no codes
  ['0078', 'hl7', 'HH', 'Critical high'],
])('table %s is %s-defined, and %s means %s', (id, kind, code, text) => {
  expect(table(id)?.kind).toBe(kind);
  expect(tableText(id, code)).toMatch(new RegExp(`^${text}`, 'i'));
});

test('a heading is no code, and countries are another organisation’s', () => {
  expect([...(table('0078')?.codes.keys() ?? [])].filter((code) => code.startsWith('_'))).toEqual([]);
  expect(table('0399')).toMatchObject({ kind: 'other', codes: new Map() });
});

test('what is no table or no code has no text', () => {
  expect(table('9999')).toBeUndefined();
  expect(table('__proto__')).toBeUndefined();
  expect(tableText('0001', '__proto__')).toBeUndefined();
});

test('the tables that fields name are there', () => {
  const named = new Set<number>();
  for (const version of versions)
    for (const fields of Object.values(versionTables(version).segments))
      for (const field of fields) if (field) named.add(field[5]);
  named.delete(0);
  const ids = new Set(tableIds());
  const missing = [...named].map((id) => String(id).padStart(4, '0')).filter((id) => !ids.has(id));
  expect(missing.length / named.size).toBeLessThan(0.1);
});
