import { describe, expect, test } from 'vitest';
import {
  baseType,
  element,
  elements,
  isPrimitive,
  isResource,
  isType,
  typeInvariants,
  valueSetCodes,
  valueSetSystems,
} from './elements.ts';

describe('the R4 element table (FHIR 4.0.1)', () => {
  test('a plain element has type, cardinality and binding', () => {
    expect(element('Patient', 'gender')).toEqual({
      types: ['code'],
      list: false,
      required: false,
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' },
      path: 'code',
      invariants: [],
    });
    expect(element('Patient', 'name')).toMatchObject({ types: ['HumanName'], list: true, path: 'HumanName' });
    expect(element('Observation', 'status')).toMatchObject({ required: true });
  });

  test('a choice is found by its typed name and by its base name', () => {
    expect(element('Observation', 'valueQuantity')).toMatchObject({ types: ['Quantity'], choice: 'value[x]', path: 'Quantity' });
    expect(element('Observation', 'valueDateTime')).toMatchObject({ types: ['dateTime'], choice: 'value[x]' });
    expect(element('Observation', 'value[x]')?.types).toContain('SampledData');
    expect(element('Observation', 'value[x]')?.choice).toBeUndefined();
    expect(element('Observation', 'valueAddress')).toBeUndefined();
    expect(element('Observation', 'value')).toBeUndefined();
  });

  test('only a Reference has targets, also within a choice', () => {
    expect(element('MedicationRequest', 'medicationReference')?.targets).toEqual(['Medication']);
    expect(element('MedicationRequest', 'medicationCodeableConcept')?.targets).toBeUndefined();
    expect(element('Encounter', 'subject')?.targets).toEqual(['Patient', 'Group']);
  });

  test('backbone elements go on by their path, content references by the path they name', () => {
    expect(element('Encounter', 'participant')?.path).toBe('Encounter.participant');
    expect(element('Encounter.participant', 'individual')?.targets).toContain('Practitioner');
    expect(element('Observation.component', 'referenceRange')).toMatchObject({
      types: ['BackboneElement'],
      list: true,
      path: 'Observation.referenceRange',
    });
    expect(element('Timing', 'repeat')).toMatchObject({ types: ['Element'], path: 'Timing.repeat' });
  });

  test('inherited elements are there, from Resource, DomainResource, BackboneElement, Element, Quantity', () => {
    expect(element('Patient', 'id')?.types).toEqual(['id']);
    expect(element('HumanName', 'id')?.types).toEqual(['string']);
    expect(element('Patient', 'contained')).toMatchObject({ types: ['Resource'], list: true });
    expect(element('Bundle', 'contained')).toBeUndefined();
    expect(element('Encounter.participant', 'modifierExtension')?.list).toBe(true);
    expect(element('HumanName', 'modifierExtension')).toBeUndefined();
    expect(element('Age', 'value')?.types).toEqual(['decimal']);
    expect([...elements('Patient').keys()].slice(0, 4)).toEqual(['id', 'meta', 'implicitRules', 'language']);
  });

  test('types are told apart', () => {
    expect(isResource('Patient')).toBe(true);
    expect(isResource('DomainResource')).toBe(false);
    expect(isResource('HumanName')).toBe(false);
    expect(isPrimitive('dateTime')).toBe(true);
    expect(isPrimitive('Quantity')).toBe(false);
    expect(isType('Patient.contact')).toBe(true);
    expect(isType('Patient.kontact')).toBe(false);
    expect(isType('constructor')).toBe(false);
    expect(element('Patient', 'constructor')).toBeUndefined();
    expect(baseType('Age')).toBe('Quantity');
    expect(elements('Nothing').size).toBe(0);
  });

  test('invariants come with their type and its bases', () => {
    expect(typeInvariants('Observation')).toEqual(['dom-2', 'dom-3', 'dom-4', 'dom-5', 'obs-6', 'obs-7']);
    expect(typeInvariants('Age')).toEqual(['qty-3', 'age-1']);
    expect(typeInvariants('Patient.contact')).toEqual(['pat-1']);
    expect(element('Range', 'low')?.invariants).toEqual(['sqty-1']);
    expect(element('Organization', 'telecom')?.invariants).toEqual(['org-3']);
  });

  test('value sets of required bindings list their codes, with or without a version, nested ones too', () => {
    expect([...(valueSetCodes('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1') ?? [])].sort()).toEqual([
      'female',
      'male',
      'other',
      'unknown',
    ]);
    expect(valueSetCodes('http://hl7.org/fhir/ValueSet/condition-clinical')?.has('relapse')).toBe(true);
    expect(Object.keys(valueSetSystems('http://hl7.org/fhir/ValueSet/condition-clinical') ?? {})).toEqual([
      'http://terminology.hl7.org/CodeSystem/condition-clinical',
    ]);
    expect(valueSetCodes('http://hl7.org/fhir/ValueSet/mimetypes')).toBeUndefined();
  });

  test('every element leads to a type of the table', () => {
    const seen = new Set<string>();
    const visit = (type: string) => {
      if (seen.has(type)) return;
      seen.add(type);
      for (const [name, info] of elements(type)) {
        expect(info.types.length, `${type}.${name}`).toBeGreaterThan(0);
        for (const t of info.types) expect(isType(t), `${type}.${name}: ${t}`).toBe(true);
        expect(isType(info.path), `${type}.${name} -> ${info.path}`).toBe(true);
        visit(info.path);
      }
    };
    for (const type of [
      'Patient',
      'Encounter',
      'Observation',
      'Bundle',
      'ExplanationOfBenefit',
      'StructureDefinition',
      'Timing',
      'Questionnaire',
    ])
      visit(type);
    expect(seen.size).toBeGreaterThan(100);
  });
});
