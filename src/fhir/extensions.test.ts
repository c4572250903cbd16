import { expect, test } from 'vitest';
import { extensionInfo, standsRight } from './extensions.ts';

const prefix = 'http://hl7.org/fhir/StructureDefinition/';

test('an extension of the standard says what it holds and where it stands', () => {
  expect(extensionInfo(`${prefix}patient-birthTime`)).toMatchObject({ types: ['dateTime'], contexts: ['Patient.birthDate'] });
  expect([...(extensionInfo(`${prefix}patient-nationality`)?.parts ?? [])]).toEqual([
    ['code', ['CodeableConcept']],
    ['period', ['Period']],
  ]);
  expect(extensionInfo(`${prefix}patient-birthtime`)).toBeUndefined();
  expect(extensionInfo('patient-birthTime')).toBeUndefined();
});

test('it stands in its type, in types made from that, and in the element it names', () => {
  const at = (name: string, type: string, element?: string) => {
    const info = extensionInfo(prefix + name);
    return info !== undefined && standsRight(info, type, element);
  };
  expect(at('patient-birthTime', 'date', 'Patient.birthDate')).toBe(true);
  expect(at('patient-birthTime', 'date', 'Immunization.expirationDate')).toBe(false);
  expect(at('patient-birthPlace', 'Patient')).toBe(true);
  expect(at('patient-birthPlace', 'Encounter')).toBe(false);
  expect(at('data-absent-reason', 'code', 'Patient.gender')).toBe(true);
  expect(at('iso21090-EN-qualifier', 'string', 'HumanName.given')).toBe(true);
});
