import { expect, test } from 'vitest';
import { elements, typeInvariants } from './elements.ts';
import { elsewhere, invariant, unchecked } from './invariants.ts';
import table from './r4/elements.json' with { type: 'json' };

test('every error-severity constraint of R4 is checked, or named as not checked', () => {
  const missing: string[] = [];
  const known = (path: string, id: string) => invariant(path, id) !== undefined || elsewhere.has(id) || unchecked.test(id);
  for (const type of Object.keys(table)) {
    for (const id of typeInvariants(type)) if (!known(type, id)) missing.push(`${type} ${id}`);
    for (const [name, info] of elements(type))
      for (const id of info.invariants) if (!known(`${type}.${name}`, id)) missing.push(`${type}.${name} ${id}`);
  }
  expect(missing).toEqual([]);
});

test('what messages become has no unchecked constraint', () => {
  const types = [
    'Account',
    'AllergyIntolerance',
    'Appointment',
    'Basic',
    'Bundle',
    'CareTeam',
    'Condition',
    'Coverage',
    'Device',
    'DiagnosticReport',
    'DocumentReference',
    'Encounter',
    'EpisodeOfCare',
    'Immunization',
    'Location',
    'Medication',
    'MedicationAdministration',
    'MedicationDispense',
    'MedicationRequest',
    'MedicationStatement',
    'MessageHeader',
    'Observation',
    'Organization',
    'Patient',
    'Practitioner',
    'PractitionerRole',
    'Procedure',
    'Provenance',
    'RelatedPerson',
    'ServiceRequest',
    'Specimen',
    'Task',
  ];
  for (const type of Object.keys(table).filter((t) => types.includes(t.split('.')[0] ?? '')))
    for (const id of typeInvariants(type))
      expect(unchecked.test(id) && invariant(type, id) === undefined, `${type} ${id}`).toBe(false);
});
