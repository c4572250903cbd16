/** Which simple v2 types become which FHIR primitives without a map. */
import { isPrimitive } from '../fhir/elements.ts';
import { isComposite } from './v2-types.ts';

const texts = new Set(['string', 'markdown', 'code', 'id', 'uri', 'url', 'canonical', 'oid', 'uuid', 'base64Binary', 'xhtml']);
const dates = new Set(['DT', 'DTM', 'TS', 'ST', 'TX', 'GTS']);
const numbers = new Set(['NM', 'SI', 'ST', 'TX', 'IS', 'ID']);
const numeric = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** Whether a value of the v2 type can become the FHIR type without a map. A type that is not known here can. */
export function converts(v2: string, fhir: string): boolean {
  if (!isPrimitive(fhir)) return false;
  // TS is a composite in name only: its first component is the time.
  if (v2 !== 'TS' && isComposite(v2)) return false;
  if (v2 === 'VARIES' || texts.has(fhir)) return true;
  if (numeric.has(fhir)) return numbers.has(v2);
  if (fhir === 'time') return v2 === 'TM' || dates.has(v2);
  if (fhir === 'date' || fhir === 'dateTime' || fhir === 'instant') return dates.has(v2);
  return fhir === 'boolean' && (v2 === 'ID' || v2 === 'IS' || v2 === 'ST');
}
