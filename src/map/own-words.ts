/**
 * The words of a sender for a code of HL7's own code systems. A display must be one that the system has (FHIR R4, 2.6.2.2 "Coding"),
 * and senders write their own: they are the text of the concept.
 */
import type { FhirObject, Run } from './runtime.ts';

const ofHl7 = 'http://terminology.hl7.org/CodeSystem/';

/**
 * Takes the displays as sent out of the codings of HL7's own systems; the first of them becomes the text where there is none.
 * @param mapped the coding whose display is not as sent
 */
export function keepOwnWords(run: Run, concept: FhirObject, mapped: FhirObject | null = null): void {
  const { coding } = concept;
  if (!Array.isArray(coding)) return;
  for (const one of coding as FhirObject[])
    if (one !== mapped && one.display !== undefined && typeof one.system === 'string' && one.system.startsWith(ofHl7))
      toText(run, concept, one);
}

/** Moves a coding's display to the concept's text, and its trace with it; it is lost where there is a text. */
export function toText(run: Run, concept: FhirObject, coding: FhirObject): void {
  const { records } = run.trace;
  const { display } = coding;
  delete coding.display;
  const at = records.findLastIndex(({ object, key }) => object === coding && key === 'display');
  const record = records[at];
  if (concept.text === undefined) {
    concept.text = display;
    if (record !== undefined) records[at] = { ...record, object: concept, key: 'text' };
  } else if (record !== undefined) records.splice(at, 1);
}
