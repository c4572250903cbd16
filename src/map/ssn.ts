/** What becomes of social security numbers, by setting: they are found by what an identifier says of itself, wherever it came from. */
import { isObject } from './complete.ts';
import type { FhirObject, Frame, Run } from './runtime.ts';

const systems = new Set(['http://hl7.org/fhir/sid/us-ssn', 'urn:oid:2.16.840.1.113883.4.1']);

/** Takes social security numbers out of every resource that was made, or leaves their last four digits. Before anything is identified by them. */
export function hideSsn(run: Run): void {
  const { ssn } = run.settings;
  if (ssn === 'keep') return;
  for (const { object } of run.made) {
    const { identifier } = object;
    if (Array.isArray(identifier)) {
      const left = identifier.filter((one: FhirObject) => !isSsn(one) || hidden(one, run));
      if (left.length === 0) delete object.identifier;
      else if (left.length < identifier.length) object.identifier = left;
    } else if (isObject(identifier) && isSsn(identifier) && !hidden(identifier, run)) delete object.identifier;
  }
}

function isSsn({ system, type }: FhirObject): boolean {
  if (typeof system === 'string' && systems.has(system)) return true;
  const { coding } = (type ?? {}) as FhirObject;
  return Array.isArray(coding) && coding.some(({ code }: FhirObject) => code === 'SS');
}

/** Whether something of it stays. What was left of it identifies nobody: it has no system. */
function hidden(identifier: FhirObject, run: Run): boolean {
  if (run.settings.ssn === 'drop') {
    leaveOut(identifier, run);
    return false;
  }
  const digits = String(identifier.value ?? '').replace(/\D/g, '');
  delete identifier.system;
  if (digits.length < 4) delete identifier.value;
  else identifier.value = `***-**-${digits.slice(-4)}`;
  return true;
}

/** In the ledger its fields are left out by the setting, not lost. */
function leaveOut(identifier: FhirObject, run: Run): void {
  const rules = [{ row: 'settings.ssn', why: 'the setting ssn is drop', path: null }];
  const parts = new Set<object>();
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (isObject(value)) {
      parts.add(value);
      Object.values(value).forEach(collect);
    }
  };
  collect(identifier);
  const { records } = run.trace;
  const places = new Set<string>();
  for (const { object, frame } of records) {
    if (object === null || !parts.has(object) || frame.field === 0) continue;
    run.skipped.push(rules, frame);
    places.add(placeOf(frame));
  }
  // What was read there a second time went into the same identifier.
  const left = records.filter(({ object, frame }) => object !== null || !places.has(placeOf(frame)));
  records.splice(0, records.length, ...left);
}

function placeOf({ segment, field, repetition }: Frame): string {
  return `${segment.index}.${field}.${repetition}`;
}
