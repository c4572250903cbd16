import { describe, expect, test } from 'vitest';
import { Authorities, CodeSystems } from './code-systems.ts';
import { defaultSettings } from './defaults.ts';

describe('the name of a coding system (HL7 table 0396) as a URI', () => {
  const systems = new CodeSystems({
    ...defaultSettings,
    codeSystems: { L: 'http://lab.example/codes', LN: 'http://own.example' },
  });
  test.each([
    ['SCT', 'http://snomed.info/sct'],
    ['ucum', 'http://unitsofmeasure.org'],
    ['I10', 'http://hl7.org/fhir/sid/icd-10'],
    ['HL70001', 'http://terminology.hl7.org/CodeSystem/v2-0001'],
    ['HL70099', 'urn:oid:2.16.840.1.113883.12.99'],
    ['2.16.840.1.113883.6.1', 'urn:oid:2.16.840.1.113883.6.1'],
    ['http://x.example/y', 'http://x.example/y'],
    ['L', 'http://lab.example/codes'],
    ['LN', 'http://own.example'],
    ['99 LAB', 'urn:id:99%20LAB'],
    ['', ''],
    ['__proto__', 'urn:id:__proto__'],
  ])('%s', (name, uri) => expect(systems.uri(name)).toBe(uri));

  test('each channel has its own', () => expect(new CodeSystems(defaultSettings).uri('LN')).toBe('http://loinc.org'));
});

describe('an assigning authority (HD) as the system of an identifier', () => {
  const authorities = new Authorities({
    authorities: { MAIN: 'http://main.example/mrn' },
    unknownAuthority: 'http://hub.example/{namespace}',
  });
  test.each([
    [['MAIN', '1.2.3', 'ISO'], 'http://main.example/mrn'],
    [['OTHER', '1.2.3', 'ISO'], 'urn:oid:1.2.3'],
    [['', '1.2.3', ''], 'urn:oid:1.2.3'],
    [['', 'C9A0D2C5-1111-4222-8333-944455556666', 'GUID'], 'urn:uuid:c9a0d2c5-1111-4222-8333-944455556666'],
    [['OTHER', 'hosp.example', 'DNS'], 'http://hub.example/OTHER'],
    [['A B', '', ''], 'http://hub.example/A%20B'],
    [['', 'not an oid', 'ISO'], 'http://hub.example/not%20an%20oid'],
    [['', '', ''], ''],
    [['constructor', '', ''], 'http://hub.example/constructor'],
  ])('%j', ([namespace = '', id = '', type = ''], uri) => expect(authorities.uri(namespace, id, type)).toBe(uri));
});
