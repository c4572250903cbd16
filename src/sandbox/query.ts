/** Search parameters (FHIR R4, 3.1.1) read into criteria. What the sandbox does not know is refused, never ignored. */

import { datePrecision } from '../fhir/dates.ts';
import { element, isResource } from '../fhir/elements.ts';
import { FhirFault } from './fault.ts';
import { folded, type SearchParam } from './values.ts';

/** One condition; the values of one are alternatives, all criteria must hold. */
export type Criterion =
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  | { readonly kind: 'token'; readonly param: SearchParam; readonly tokens: readonly Token[] }
  | { readonly kind: 'reference'; readonly param: SearchParam; readonly references: readonly string[] }
  | { readonly kind: 'string'; readonly param: SearchParam; readonly exact: boolean; readonly starts: readonly string[] }
  | { readonly kind: 'updated'; readonly from: Date | null; readonly before: Date | null };

/** `system` null: any; '' none. `value` null: any value of the system. */
export interface Token {
  readonly system: string | null;
  readonly value: string | null;
}

export interface Search {
  readonly type: string;
  readonly criteria: readonly Criterion[];
  readonly count: number;
  /** The cursor of the page to begin with, as this store gave it out; null for the first. */
  readonly after: string | null;
}

const defaultCount = 50;
const mostCount = 1000;
/** More conditions than any client sends; each is a part of the statement. */
const mostCriteria = 12;

/** Reads `identifier=sys|1&_count=5` for a resource type. Throws FhirFault 400 for what the sandbox does not know. */
export function parseSearch(type: string, query: string): Search {
  if (!isResource(type)) throw new FhirFault(404, 'not-supported', 'R4 has no resource of this type; correct the address');
  const criteria: Criterion[] = [];
  let count = defaultCount;
  let after: string | null = null;
  for (const [name, value] of new URLSearchParams(query)) {
    if (value === '' || name === '_format' || name === '_pretty') continue;
    if (name === '_count') count = countOf(value);
    else if (name === '_after') after = value;
    else criteria.push(...criteriaOf(type, name, value));
  }
  if (criteria.length > mostCriteria) throw refused('There are too many search parameters; send fewer');
  return { type, criteria, count, after };
}

function criteriaOf(type: string, name: string, value: string): Criterion[] {
  const [param = '', modifier] = name.split(':', 2);
  const values = alternatives(value);
  switch (param) {
    case '_id':
      return plain(modifier, { kind: 'id', ids: values });
    case '_lastUpdated':
      return plain(modifier, updated(value));
    case 'identifier':
      return has(type, 'identifier', plain(modifier, { kind: 'token', param, tokens: tokens(values) }));
    case 'code':
    case 'intent':
      if (element(type, param)?.types[0] !== (param === 'code' ? 'CodeableConcept' : 'code')) throw unknownParameter();
      return plain(modifier, { kind: 'token', param, tokens: tokens(values) });
    case 'patient':
    case 'subject':
    case 'encounter': {
      const target = param === 'patient' ? 'Patient' : param === 'encounter' ? 'Encounter' : modifier;
      if (param === 'patient' ? !element(type, 'patient') && !element(type, 'subject') : !element(type, param))
        throw unknownParameter();
      if (modifier !== undefined && !isResource(modifier)) throw unknownParameter();
      const references = values.flatMap((v) => referencesTo(v, modifier ?? target));
      return [{ kind: 'reference', param: param === 'encounter' ? param : 'subject', references }];
    }
    case 'name':
    case 'family':
    case 'given': {
      const known = element(type, 'name')?.types[0];
      if (known !== 'HumanName' && !(param === 'name' && known === 'string')) throw unknownParameter();
      if (modifier !== undefined && modifier !== 'exact') throw unknownParameter();
      return [{ kind: 'string', param, exact: modifier === 'exact', starts: values.map(folded) }];
    }
    default:
      throw unknownParameter();
  }
}

/** Commas separate alternatives; `\,` is a comma of the value (FHIR R4, 3.1.1.4.0.1). */
function alternatives(value: string): string[] {
  return (value.match(/(?:\\.|[^\\,])+/gs) ?? []).map((part) => part.replace(/\\([\\,$|])/g, '$1'));
}

function tokens(values: readonly string[]): Token[] {
  const read = values.map(token);
  if (read.some((t) => t.value === null) && read.some((t) => t.value !== null))
    throw refused('Tokens with and without a value cannot be mixed; search for them apart');
  return read;
}

function token(text: string): Token {
  const bar = text.indexOf('|');
  if (bar < 0) return { system: null, value: text };
  const value = text.slice(bar + 1);
  if (bar === 0 && value === '') throw refused('A token needs a system or a value; give one');
  return { system: text.slice(0, bar), value: value === '' ? null : value };
}

/** `1`, `Patient/1` or a URL that ends so. Without a type in either place an id may be that of any subject. */
function referencesTo(text: string, type: string | undefined): string[] {
  const own = /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z\d\-.]{1,64})$/.exec(text)?.[1];
  if (own !== undefined) return type === undefined || own.startsWith(`${type}/`) ? [own, text] : [];
  if (type !== undefined) return [`${type}/${text}`];
  return ['Patient', 'Group', 'Device', 'Location', 'Practitioner', 'Medication', 'Substance', 'Organization'].map(
    (t) => `${t}/${text}`,
  );
}

/** A date stands for the whole span that it names; prefixes compare with its ends (FHIR R4, 3.1.1.4.6). */
function updated(text: string): Criterion {
  const [, prefix = 'eq', date = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/.exec(text) ?? [];
  const span = spanOf(date);
  if (span === undefined) throw refused('_lastUpdated takes a date or time, 2024-05-01 or 2024-05-01T10:00:00Z; correct it');
  const { from, before } = span;
  switch (prefix) {
    case 'gt':
    case 'sa':
      return { kind: 'updated', from: before, before: null };
    case 'ge':
      return { kind: 'updated', from, before: null };
    case 'lt':
    case 'eb':
      return { kind: 'updated', from: null, before: from };
    case 'le':
      return { kind: 'updated', from: null, before };
    case 'eq':
      return { kind: 'updated', from, before };
    default:
      throw refused('_lastUpdated takes the prefixes eq, gt, lt, ge, le, sa and eb; use one of them');
  }
}

function spanOf(text: string): { from: Date; before: Date } | undefined {
  const precision = datePrecision(text);
  if (precision === undefined) return undefined;
  if (precision === 4) {
    const from = new Date(text);
    return { from, before: new Date(from.getTime() + (text.includes('.') ? 1 : 1000)) };
  }
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  const next: [number, number, number] =
    precision === 1 ? [year + 1, 0, 1] : precision === 2 ? [year, month, 1] : [year, month - 1, day + 1];
  return { from: new Date(Date.UTC(year, month - 1, day)), before: new Date(Date.UTC(...next)) };
}

function countOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw refused('_count takes a whole number; correct it');
  return Math.min(Number(text), mostCount);
}

function plain(modifier: string | undefined, criterion: Criterion): Criterion[] {
  if (modifier !== undefined) throw unknownParameter();
  return [criterion];
}

function has(type: string, name: string, criteria: Criterion[]): Criterion[] {
  if (element(type, name) === undefined) throw unknownParameter();
  return criteria;
}

function unknownParameter(): FhirFault {
  return refused('The sandbox does not know this search parameter or modifier; see /fhir/metadata for those it knows');
}

function refused(text: string): FhirFault {
  return new FhirFault(400, 'not-supported', text);
}
