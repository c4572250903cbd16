/** Whether a value is of its datatype (HL7 2.9, chapter 2A), down to the subcomponents. */
import { parseZone, toDate, toDateTime, toTime, type Zone } from '../date.ts';
import { component, componentCount, type FieldEntry } from '../dictionary.ts';
import type { Segment } from '../segment.ts';
import { table } from '../tables.ts';
import type { Notebook, Place } from './finding.ts';

/** What the values of a message are checked by and noted in. */
export interface ValueCheck {
  readonly segment: Segment;
  readonly version: string;
  readonly notes: Notebook;
}

/** A datatype with the table of its codes, empty where there is none. */
export interface Typed {
  readonly type: string;
  readonly table: string;
}

/** Whose first component is a code of the field's table, and whose third says of another system that it is from there. */
const coded = new Set(['CE', 'CWE', 'CNE', 'CF']);

/** Checks one repetition of a field. */
export function checkRepetition(check: ValueCheck, { field, repetition }: Place, typed: Typed): void {
  const { segment, version } = check;
  const parts = segment.componentCount(field, repetition);
  const known = componentCount(typed.type, version);
  const at = (component: number): Place => ({ field, repetition, component, subcomponent: 0 });
  if (known === 0) {
    if (parts > 1 && !isOpen(typed.type)) divided(check, at(0), typed.type);
    else checkSimple(check, at(0), typed);
    return;
  }
  checkRequired(check, at, { type: typed.type, known });
  for (let part = 1; part <= parts; part += 1) {
    if (segment.value(field, repetition, part, 0) === '') continue;
    const entry = component(typed.type, part, version);
    if (entry)
      checkComponent(check, at(part), { type: typeOf(entry, typed.type), table: tableOf(check, at(part), entry, typed) });
    else unknownPart(check, at(part), `${typed.type} has ${known} components`);
  }
}

/** Checks a repetition, a component or a subcomponent, by how far the place goes. */
export function checkPart(check: ValueCheck, place: Place, typed: Typed): void {
  if (place.component === 0) checkRepetition(check, place, typed);
  else if (place.subcomponent === 0) checkComponent(check, place, typed);
  else checkSimple(check, place, typed);
}

function checkComponent(check: ValueCheck, place: Place, typed: Typed): void {
  const { segment, version } = check;
  const { field, repetition, component: part } = place;
  const parts = segment.subcomponentCount(field, repetition, part);
  const known = componentCount(typed.type, version);
  const at = (subcomponent: number): Place => ({ ...place, subcomponent });
  if (known === 0) {
    if (parts > 1 && !isOpen(typed.type)) divided(check, place, typed.type);
    else checkSimple(check, place, typed);
    return;
  }
  checkRequired(check, at, { type: typed.type, known });
  for (let sub = 1; sub <= parts; sub += 1) {
    if (segment.value(field, repetition, part, sub) === '') continue;
    const entry = component(typed.type, sub, version);
    if (!entry) unknownPart(check, at(sub), `${typed.type} has ${known} components`);
    // What lies deeper than a subcomponent is its first part: HL7 has no fifth delimiter.
    else checkSimple(check, at(sub), { type: typeOf(entry, typed.type), table: entry.table });
  }
}

/** Parts that the datatype cannot do without, of a value that is there. */
function checkRequired(
  { segment, version, notes }: ValueCheck,
  at: (part: number) => Place,
  { type, known }: { type: string; known: number },
): void {
  for (let part = 1; part <= known; part += 1) {
    const entry = component(type, part, version);
    const { field, repetition, component: whole, subcomponent } = at(part);
    if (entry?.usage !== 'R' || segment.value(field, repetition, whole, subcomponent) !== '') continue;
    notes.note(
      notes.path(segment, at(part)),
      '101',
      'error',
      `${entry.name} is missing (${type} of version ${version} requires component ${part}); fill it`,
    );
  }
}

/** A text of one part, against its format and its table. `""` deletes, and is of any datatype. */
export function checkSimple(check: ValueCheck, place: Place, { type, table: id }: Typed): void {
  const { segment, notes } = check;
  const value = segment.value(place.field, place.repetition, place.component, place.subcomponent);
  if (value === '' || value === '""') return;
  const wrong = formatFault(type, value);
  if (wrong !== null) notes.note(notes.path(segment, place), '102', 'error', `The value is no ${type} (${wrong}); correct it`);
  if (id !== '') checkCode(check, place, { type, table: id }, value);
}

/** What is wrong with the form of a simple value; null where nothing is. */
export function formatFault(type: string, value: string): string | null {
  switch (type) {
    case 'NM':
      return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value) ? null : 'a number is an optional sign, digits and at most one decimal point';
    case 'SI':
      return /^\d{1,4}$/.test(value) ? null : 'a sequence is a whole number of at most four digits';
    case 'DT':
      return value.length > 8 ? 'a date is YYYY[MM[DD]]' : dateFault(toDate(value), 'a date is YYYY[MM[DD]]');
    case 'TM':
      return dateFault(toTime(value), 'a time is HH[MM[SS[.SSSS]]][+/-ZZZZ]');
    case 'DTM':
      return dateFault(toDateTime(value, utc), 'a time is YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]');
    default:
      return null;
  }
}

/** Whether a time exists does not depend on where. */
const utc = parseZone('UTC') as Zone;

function dateFault(result: ReturnType<typeof toDate>, form: string): string | null {
  if (result.ok) return null;
  return result.reason === 'impossible' ? `there is no such ${result.part}` : form;
}

/** Codes that HL7 defines are an error where it defines no such code; a site's own are told for whoever looks. */
function checkCode({ segment, notes }: ValueCheck, place: Place, { type, table: id }: Typed, value: string): void {
  // Which structure a message has, its own check says.
  if (id === '0354') return;
  const found = table(id);
  if (!found || found.kind === 'other' || found.codes.has(value)) return;
  const codes = [...found.codes.keys()].filter((code) => !isAndSoOn(code));
  if (codes.length === 0) return;
  const isClosed = found.kind === 'hl7' && (type === 'ID' || type === 'CNE') && codes.length === found.codes.size;
  const text = isClosed
    ? `The code is not in table ${id}, ${found.name} (HL7 defines its codes); send one that is`
    : `The code is not among those that HL7 suggests for table ${id}, ${found.name} (a site may have its own); see that the receiver knows it`;
  notes.note(notes.path(segment, place), '103', isClosed ? 'error' : 'information', text);
}

/** Tables that go on with the codes of a site or of another list end with dots. */
function isAndSoOn(code: string): boolean {
  return /^(\.+|…)$/.test(code);
}

/** TS held its time as ST before 2.5; its form is that of DTM all the same. */
function typeOf(entry: FieldEntry, of: string): string {
  return of === 'TS' && entry.type === 'ST' ? 'DTM' : entry.type;
}

/** A coded value's first component is of the field's table, unless its third names another coding system. */
function tableOf(
  { segment }: ValueCheck,
  { field, repetition, component: part }: Place,
  entry: FieldEntry,
  { type, table: id }: Typed,
): string {
  if (!coded.has(type) || part !== 1) return entry.table;
  const system = segment.value(field, repetition, 3, 0);
  return system === '' || system === `HL7${id}` ? id : '';
}

function isOpen(type: string): boolean {
  return type === 'VARIES' || type === 'CM' || type === '*';
}

function divided({ segment, notes }: ValueCheck, place: Place, type: string): void {
  notes.note(
    notes.path(segment, place),
    '102',
    'warning',
    `The value is divided (${type} has no parts, a receiver reads the first); escape the delimiters, or send one part`,
  );
}

function unknownPart({ segment, notes, version }: ValueCheck, place: Place, why: string): void {
  notes.note(
    notes.path(segment, place),
    '199',
    'information',
    `This part is none of its datatype (${why} in version ${version}, a receiver may ignore it); see that the receiver reads it`,
  );
}
