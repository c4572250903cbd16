/**
 * Writes src/hl7/dictionary/: VERSION.json from the development dependency hl7v2-dictionary (fields, datatypes, message structures), tables.json from
 * HL7's terminology package (codes of the HL7 tables, CC0). Importing the first costs 2 s and 320 MB, which no engine should pay at start.
 *
 *     npm pack hl7.terminology.r4@7.0.1
 *     node scripts/dictionary.ts hl7.terminology.r4-7.0.1.tgz
 *
 * A field or component is `[name, datatype, repetitions, usage, length, table]`: repetitions 0 is any number, length and table 0 is none
 * stated. 2.9 is 2.8 with what 2.9 added (dictionary-2.9.ts) and with the datatypes that withdrawn fields had when they were last in use:
 * senders go on filling them.
 */
import { writeFileSync } from 'node:fs';
import { dictionaries, type HL7Dictionary, type HL7FieldDefinition } from 'hl7v2-dictionary';
import { added, corrected, segmentNames29 } from './dictionary-2.9.ts';
import { type Messages, messages29, messagesOf } from './dictionary-structures.ts';
import { readTables } from './dictionary-tables.ts';

type Field = readonly [name: string, type: string, repetitions: number, usage: string, length: number, table: number];
type Fields = Record<string, (Field | null)[]>;
interface Tables {
  readonly segments: Fields;
  readonly datatypes: Fields;
  /** What each segment is called. */
  readonly names: Record<string, string>;
  readonly messages: Messages;
}

/** 2.7 and 2.7.1 have the tables of 2.8. */
const versions = ['2.1', '2.2', '2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.8'] as const;

function tablesOf(version: string, dictionary: HL7Dictionary): Tables {
  const segments: Fields = {};
  const names: Record<string, string> = {};
  for (const [name, segment] of Object.entries(dictionary.segments)) {
    segments[name] = fieldsOf(segment.fields);
    names[name] = segment.desc ?? '';
  }
  const datatypes: Fields = {};
  for (const [name, type] of Object.entries(dictionary.types)) datatypes[name] = fieldsOf(type.fields ?? {});
  return { segments, datatypes, names, messages: messagesOf(version, dictionary.messages, structureTable) };
}

/** By position, from 1; a position that the version does not define is null. */
function fieldsOf(fields: Record<string, HL7FieldDefinition>): (Field | null)[] {
  const list: (Field | null)[] = [];
  for (const [position, field] of Object.entries(fields)) {
    while (list.length < Number(position)) list.push(null);
    list[Number(position) - 1] = fieldOf(field);
  }
  return list;
}

function fieldOf(field: HL7FieldDefinition): Field {
  const repetitions = field.rep === 'infinite' ? 0 : (field.rep ?? 1);
  const name = (field.desc ?? '').replace(/\s+/g, ' ').replace(/ \*$/, '').trim();
  return [name, field.type, repetitions, field.opt ?? 'O', field.len ?? 0, field.table ?? 0];
}

function newest(base: Tables, last: Tables): Tables {
  const merge = (now: Fields, before: Fields): Fields =>
    Object.fromEntries(
      Object.entries(now).map(([name, fields]) => [name, fields.map((field, at) => inUse(field, before[name]?.[at] ?? null))]),
    );
  const tables = {
    segments: merge(base.segments, last.segments),
    datatypes: merge(base.datatypes, last.datatypes),
    names: { ...base.names, ...segmentNames29 },
    messages: messages29(base.messages),
  };
  for (const [place, type, repetitions, name] of added) {
    const [owner, position] = split(place);
    const table = place.includes('-') ? tables.segments : tables.datatypes;
    table[owner] ??= [];
    const fields = table[owner];
    if (fields[position - 1]) throw new Error(`${place} is in 2.8 already; take it out of the list of additions`);
    while (fields.length < position) fields.push(null);
    fields[position - 1] = [name, type, repetitions, 'O', 0, 0];
  }
  for (const [place, type, repetitions] of corrected) {
    const [owner, position] = split(place);
    const fields = (place.includes('-') ? tables.segments : tables.datatypes)[owner];
    const field = fields?.[position - 1];
    if (!fields || !field) throw new Error(`${place} is not in 2.8; it cannot be corrected`);
    fields[position - 1] = [field[0], type, repetitions, field[3], field[4], field[5]];
  }
  return tables;
}

/** 2.7 turned withdrawn fields, and fields of varying type, into ST. */
function inUse(now: Field | null, before: Field | null): Field | null {
  if (now === null || before === null || now[1] !== 'ST' || before[1] === 'ST') return now;
  if (now[3] !== 'B' && before[1] !== 'VARIES') return now;
  return [now[0], before[1] === 'CE' ? 'CWE' : before[1], before[2], now[3], now[4], now[5]];
}

function split(place: string): [owner: string, position: number] {
  const [owner, position] = place.split(/[-.]/) as [string, string];
  return [owner, Number(position)];
}

/** One segment, datatype, structure or table a line, so that a change of the dictionary reads as one. */
function write(name: string, parts: Record<string, Record<string, unknown>>): void {
  const lines = (part: Record<string, unknown>): string =>
    Object.keys(part)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${JSON.stringify(part[key])}`)
      .join(',\n');
  const text = Object.entries(parts).map(([key, part]) => `"${key}":{\n${lines(part)}}`);
  const json = `{${text.join(',\n')}}\n`;
  JSON.parse(json);
  writeFileSync(new URL(`../src/hl7/dictionary/${name}.json`, import.meta.url), json);
}

function writeVersion(version: string, { segments, datatypes, names, messages }: Tables): void {
  write(version, { segments, datatypes, names, structures: messages.structures, events: messages.events });
}

const [terminology] = process.argv.slice(2);
if (terminology === undefined) throw new Error('name the package: node scripts/dictionary.ts hl7.terminology.r4-7.0.1.tgz');
const { tables: codeTables, structures: structureTable } = readTables(terminology);
write('tables', { tables: codeTables });
const all = new Map(versions.map((version) => [version as string, tablesOf(version, dictionaries[version] as HL7Dictionary)]));
for (const [version, tables] of all) writeVersion(version, tables);
writeVersion('2.9', newest(all.get('2.8') as Tables, all.get('2.6') as Tables));
