/** The fields of segments against the dictionary of the message's version: what must be there, how often, how long, of which datatype. */
import { type FieldEntry, field, fieldCount } from '../dictionary.ts';
import type { Message } from '../message.ts';
import type { Segment } from '../segment.ts';
import { table } from '../tables.ts';
import { isName, type Notebook, type Place } from './finding.ts';
import { checkRepetition } from './values.ts';

export function checkFields(message: Message, version: string, notes: Notebook): void {
  for (const segment of message.segments) {
    // Z segments are the site's; those that the version does not have are told by the structure.
    if (!isName(segment.name) || segment.name.startsWith('Z')) continue;
    const known = fieldCount(segment.name, version);
    if (known === 0) continue;
    const last = Math.max(known, segment.fieldCount);
    for (let position = segment.name === 'MSH' ? 3 : 1; position <= last && !notes.isFull; position += 1) {
      const entry = field(segment.name, position, version);
      if (entry) checkField(segment, position, entry, { version, notes });
      else if (position > known && segment.field(position) !== '') beyond(segment, position, { version, notes });
    }
  }
}

interface Context {
  readonly version: string;
  readonly notes: Notebook;
}

function checkField(segment: Segment, position: number, entry: FieldEntry, { version, notes }: Context): void {
  const count = segment.count(position);
  const place = (repetition: number): Place => ({ field: position, repetition, component: 0, subcomponent: 0 });
  if (isEmpty(segment, position)) {
    if (entry.usage === 'R') {
      const text = `${entry.name} is missing (version ${version} requires ${segment.name}-${position}); fill it`;
      notes.note(notes.path(segment, place(1)), '101', 'error', text);
    }
    return;
  }
  if (entry.repetitions !== 0 && count > entry.repetitions) {
    const most = entry.repetitions === 1 ? 'does not repeat' : `repeats ${entry.repetitions} times at most`;
    const text = `${entry.name} stands ${count} times (${segment.name}-${position} ${most} in version ${version}); send no more`;
    notes.note(notes.path(segment, place(entry.repetitions + 1)), '198', 'error', text);
  }
  const type = typeOf(segment, position, entry, notes);
  for (let repetition = 1; repetition <= count && !notes.isFull; repetition += 1) {
    const value = segment.value(position, repetition, 0, 0);
    if (value === '' || value === '""') continue;
    if (isTooLong(entry, value, version)) {
      const text = `${entry.name} is too long (${segment.name}-${position} has ${entry.length} characters at most in version ${version}); shorten it`;
      notes.note(notes.path(segment, place(repetition)), '104', 'warning', text);
    }
    if (type !== null) checkRepetition({ segment, version, notes }, place(repetition), { type, table: entry.table });
  }
}

/** Nothing but delimiters says nothing. `""` in a required field deletes what must be there. */
function isEmpty(segment: Segment, position: number): boolean {
  for (let repetition = 1; repetition <= segment.count(position); repetition += 1) {
    const value = segment.value(position, repetition, 0, 0);
    if (value !== '' && !/^[\^&]*$/.test(value)) return false;
  }
  return true;
}

/**
 * Up to 2.6 a field's length is its most; from 2.7 on it is what a receiver must at least take (2.5.5.3), which is no fault of the message. The
 * longest (65536) stands for any, and a code of the field's table is as long as it is (CWE in OBX-2, of length 2).
 */
function isTooLong({ length, table: id }: FieldEntry, value: string, version: string): boolean {
  if (length === 0 || length > 65_000 || value.length <= length || Number(version.slice(2, 3)) >= 7) return false;
  return id === '' || table(id)?.codes.has(value) !== true;
}

/** The datatype of a field; OBX-5 has that of OBX-2 (7.4.2.2). Null where it cannot be known. */
function typeOf(segment: Segment, position: number, { type }: FieldEntry, notes: Notebook): string | null {
  if (type !== 'VARIES') return type;
  if (segment.name !== 'OBX' || position !== 5) return null;
  const said = segment.value(2, 1, 1, 1);
  if (said === '') {
    const path = notes.path(segment, { field: 2, repetition: 1, component: 0, subcomponent: 0 });
    notes.note(path, '101', 'error', 'Value Type is missing (OBX-5 has a value, and OBX-2 says of which datatype); fill it');
    return null;
  }
  return /^[A-Z]{2,3}$/.test(said) ? said : null;
}

function beyond(segment: Segment, position: number, { version, notes }: Context): void {
  const path = notes.path(segment, { field: position, repetition: 1, component: 0, subcomponent: 0 });
  const text = `Version ${version} has no such field (${segment.name} ends with field ${fieldCount(segment.name, version)}, a receiver may ignore it); see that the receiver reads it`;
  notes.note(path, '199', 'information', text);
}
