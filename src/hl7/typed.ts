import { component, componentCount, type FieldEntry, field, segmentTitle } from './dictionary.ts';
import type { Message } from './message.ts';
import type { Segment } from './segment.ts';
import type { Location } from './types.ts';

/** A repetition, a component or a subcomponent with what the standard says of it. */
export interface TypedValue {
  readonly location: Location;
  /** Its name in the standard, `Family Name`; empty where the version has no such part. */
  readonly name: string;
  /** The datatype, `XPN`; empty where nobody knows. */
  readonly type: string;
  /** The table of its codes, `0001`; empty where there is none. */
  readonly table: string;
  /** As `Segment.value` gives it: escapes resolved where it is not divided. `""` is a value. */
  readonly value: string;
  /** The components that were sent, empty ones left out; none where the datatype is simple and nothing divides the value. */
  readonly parts: readonly TypedValue[];
}

/** A populated field. */
export interface TypedField {
  readonly position: number;
  /** What the message's version says of it; undefined where it has no such field (Z segments, fields of later versions). */
  readonly entry: FieldEntry | undefined;
  /** The datatype of this very field: that of `entry`, but of OBX-5 what OBX-2 says. */
  readonly type: string;
  readonly repetitions: readonly TypedValue[];
}

export interface TypedSegment {
  readonly segment: Segment;
  /** `Patient Identification`; empty for a segment that the version does not know. */
  readonly title: string;
  /** Among the segments of its name, from 1. */
  readonly occurrence: number;
  readonly fields: readonly TypedField[];
}

/** The segments of a message with their populated fields, each in the datatype that the message's version (MSH-12) gives it. */
export function* typed(message: Message): Iterable<TypedSegment> {
  const seen = new Map<string, number>();
  const columns = new Columns();
  for (const segment of message.segments) {
    const occurrence = (seen.get(segment.name) ?? 0) + 1;
    seen.set(segment.name, occurrence);
    if (segment.name === 'RDF') columns.read(segment);
    const fields: TypedField[] = [];
    for (let position = 1; position <= segment.fieldCount; position += 1) {
      if (segment.field(position) !== '') fields.push(readField(segment, position, message.version, columns));
    }
    yield { segment, title: segmentTitle(segment.name, message.version), occurrence, fields };
  }
}

/** A field with its datatype; undefined where it is empty. For a field of RDT, whose columns a segment before it declares, use `typed`. */
export function typedField(segment: Segment, position: number, version: string): TypedField | undefined {
  return segment.field(position) === '' ? undefined : readField(segment, position, version, new Columns());
}

/** Fields whose datatype another field of the segment states: OBX-5 by OBX-2, MFE-4 by MFE-5, MFA-5 by MFA-6 (2.9, 7.4.2.2, 8.5.2.5, 8.5.3.6). */
const typedBy: Readonly<Record<string, number>> = { 'OBX-5': 2, 'MFE-4': 5, 'MFA-5': 6 };

/** The datatypes of a table's columns: RDF-2 says them for the fields of RDT (2.9, 5.4.6). */
class Columns {
  #types: readonly string[] = [];

  read(segment: Segment): void {
    this.#types = Array.from({ length: segment.count(2) }, (_, index) => segment.value(2, index + 1, 2, 1));
  }

  type(position: number): string {
    return this.#types[position - 1] ?? '';
  }
}

function readField(segment: Segment, position: number, version: string, columns: Columns): TypedField {
  const entry = field(segment.name, position, version);
  const type = typeOf(segment, position, columns) || (entry?.type ?? '');
  const repetitions: TypedValue[] = [];
  const about: About = { name: entry?.name ?? '', type, table: entry?.table ?? '', version };
  for (let repetition = 1; repetition <= segment.count(position); repetition += 1) {
    const location = { index: segment.index, segment: segment.name, field: position, repetition, component: 0, subcomponent: 0 };
    const value = segment.value(position, repetition, 0, 0);
    if (value !== '') repetitions.push({ ...described(about), location, value, parts: components(segment, location, about) });
  }
  return { position, entry, type, repetitions };
}

function typeOf(segment: Segment, position: number, columns: Columns): string {
  if (segment.name === 'RDT') return columns.type(position);
  const by = typedBy[`${segment.name}-${position}`];
  // MFE-4 repeats with MFE-5; a sender that types them differently has keys that nothing tells apart.
  return by === undefined ? '' : segment.value(by, 1, 1, 1);
}

interface About {
  readonly name: string;
  readonly type: string;
  readonly table: string;
  readonly version: string;
}

function described({ name, type, table }: About): Pick<TypedValue, 'name' | 'type' | 'table'> {
  return { name, type, table };
}

function components(segment: Segment, whole: Location, about: About): TypedValue[] {
  const { field: position, repetition } = whole;
  const count = segment.componentCount(position, repetition);
  const parts: TypedValue[] = [];
  if (count < 2 && componentCount(about.type, about.version) === 0 && segment.subcomponentCount(position, repetition, 1) < 2)
    return parts;
  for (let at = 1; at <= count; at += 1) {
    const value = segment.value(position, repetition, at, 0);
    if (value === '') continue;
    const location = { ...whole, component: at };
    const below = aboutPart(about, at);
    parts.push({ ...described(below), location, value, parts: subcomponents(segment, location, below) });
  }
  return parts;
}

function subcomponents(segment: Segment, whole: Location, about: About): TypedValue[] {
  const { field: position, repetition, component: at } = whole;
  const count = segment.subcomponentCount(position, repetition, at);
  const parts: TypedValue[] = [];
  if (count < 2 && componentCount(about.type, about.version) === 0) return parts;
  for (let sub = 1; sub <= count; sub += 1) {
    const value = segment.value(position, repetition, at, sub);
    if (value === '') continue;
    parts.push({ ...described(aboutPart(about, sub)), location: { ...whole, subcomponent: sub }, value, parts: [] });
  }
  return parts;
}

/** What the standard says of a part. A simple datatype is its own first part (2.9, 2.6). */
function aboutPart(about: About, at: number): About {
  const { version, type } = about;
  if (at === 1 && componentCount(type, version) === 0) return about;
  const entry = component(type, at, version);
  return { name: entry?.name ?? '', type: entry?.type ?? '', table: entry?.table ?? '', version };
}
