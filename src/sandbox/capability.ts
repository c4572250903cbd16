/** What the sandbox says that it can do (FHIR R4, 5.2). */
import type { CapabilityStatement, CapabilityStatementRestResource, CapabilityStatementRestResourceSearchParam } from 'fhir/r4';
import { element, resourceTypes } from '../fhir/elements.ts';

/** The CapabilityStatement, for every resource type of R4. */
export function capability(base: string, date: Date): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: date.toISOString(),
    kind: 'instance',
    software: { name: 'Weir sandbox' },
    implementation: { description: 'The FHIR store built into Weir: a place to look, not a product', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        resource: resourceTypes().map((type) => ({
          type: type as CapabilityStatementRestResource['type'],
          interaction: [
            { code: 'create' },
            { code: 'read' },
            { code: 'vread' },
            { code: 'update' },
            { code: 'delete' },
            { code: 'history-instance' },
            { code: 'search-type' },
          ],
          versioning: 'versioned',
          readHistory: true,
          updateCreate: true,
          conditionalCreate: true,
          conditionalUpdate: true,
          conditionalDelete: 'single',
          searchParam: searchParams(type),
        })),
      },
    ],
  };
}

function searchParams(type: string): CapabilityStatementRestResourceSearchParam[] {
  const name = element(type, 'name')?.types[0];
  const params: CapabilityStatementRestResourceSearchParam[] = [
    { name: '_id', type: 'token' },
    { name: '_lastUpdated', type: 'date' },
  ];
  if (element(type, 'identifier')) params.push({ name: 'identifier', type: 'token' });
  if (element(type, 'code')?.types[0] === 'CodeableConcept') params.push({ name: 'code', type: 'token' });
  if (element(type, 'intent')) params.push({ name: 'intent', type: 'token' });
  if (element(type, 'patient') || element(type, 'subject')) params.push({ name: 'patient', type: 'reference' });
  for (const reference of ['subject', 'encounter'])
    if (element(type, reference)) params.push({ name: reference, type: 'reference' });
  if (name === 'HumanName' || name === 'string') params.push({ name: 'name', type: 'string' });
  if (name === 'HumanName') params.push({ name: 'family', type: 'string' }, { name: 'given', type: 'string' });
  return params;
}
