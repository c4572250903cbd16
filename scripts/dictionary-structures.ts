/**
 * Message structures of hl7v2-dictionary in a line each: `MSH SFT* EVN PID NK1* PROCEDURE*(PR1 ROL*)`. A name alone stands exactly once, `?` at
 * most once, `*` any number of times, `+` at least once; a group has its content in parentheses; `OBR|RQD|RXO` is one of them.
 *
 * The package has a group's content as an object by name, so of a segment that stands at two places (ROL behind PID and behind PV1) the first
 * place was overwritten by the last. Both can be told: the object's order of keys holds the first, `idx` the last.
 */
import type { HL7Dictionary } from 'hl7v2-dictionary';
import { choices, structures29 } from './dictionary-2.9.ts';

interface Part {
  readonly idx: number;
  readonly min?: number;
  readonly max?: number;
  readonly segments?: Readonly<Record<string, Part>>;
}
type Parts = Readonly<Record<string, Part>>;

/** Name -> what it is, and its structure in a line. */
export type Structures = Record<string, readonly [name: string, structure: string]>;

/** What a version says of its messages. `events` are those whose structure has another name: `ADT_A04` -> `ADT_A01` (table 0354). */
export interface Messages {
  readonly structures: Structures;
  readonly events: Record<string, string>;
}

/** Table 0354 as rows: a structure and the trigger events of its message type that have it, `ADT_A01` and A01, A04, A08, A13. */
export type StructureTable = readonly (readonly [structure: string, events: readonly string[]])[];

/** Structures came with table 0354 in 2.3.1; before that each event has its own. */
export function messagesOf(version: string, messages: HL7Dictionary['messages'], table: StructureTable): Messages {
  const structures: Structures = {};
  for (const [name, { desc, segments }] of Object.entries(messages)) {
    const line = lineOf(segments as Parts);
    // Slips of the package: a name with a zero for an O, a structure without its header. The nearest version's stands in for it.
    const isSound = /^(ACK|[A-Z]{3}_[A-Z][A-Z0-9]{2})$/.test(name) && line.startsWith('MSH');
    if (isSound) structures[name] = [desc ?? '', line];
  }
  const events: Record<string, string> = {};
  const shared = version !== '2.1' && version !== '2.2' && version !== '2.3';
  for (const [structure, triggers] of table) {
    const members = triggers.map((event) => `${structure.slice(0, 3)}_${event}`).filter((member) => member !== structure);
    const known = structures[structure] ?? (shared ? members.map((member) => structures[member]).find(Boolean) : undefined);
    if (known === undefined) continue;
    structures[structure] = known;
    for (const member of members) {
      if (events[member] !== undefined || (!shared && structures[member])) continue;
      events[member] = structure;
    }
  }
  // What the table names differently is not kept under both names; an event that stands for itself in one row is not moved by another.
  for (const member of Object.keys(events)) {
    if (table.some(([structure]) => structure === member && structures[member])) delete events[member];
    else delete structures[member];
  }
  return { structures, events };
}

/** 2.9: as 2.8, but for the structures that 2.9 added segments to. */
export function messages29({ structures, events }: Messages): Messages {
  const all: Structures = { ...structures };
  for (const [name, line] of Object.entries(structures29)) all[name] = [all[name]?.[0] ?? '', line];
  return { structures: all, events };
}

function lineOf(parts: Parts): string {
  return inOrder(parts)
    .map((key) => {
      const part = parts[key] as Part;
      const name = /^,+$/.test(key) ? (choices[key] as string) : key.replaceAll(',', '|');
      // A choice stands once, which the package does not say.
      if (name.includes('|')) return name;
      const mark = part.max === 1 ? (part.min ? '' : '?') : part.min ? '+' : '*';
      if (part.segments) return `${key}${mark}(${lineOf(part.segments)})`;
      // 2.3 has one `Generic segment` in MFN_M01: any segment at all, which no structure can say.
      return /^[A-Z0-9|]+$/.test(name) ? name + mark : '';
    })
    .filter(Boolean)
    .join(' ');
}

/** The keys by place, those that stand at two places twice. */
function inOrder(parts: Parts): string[] {
  const keys = Object.keys(parts);
  const places: string[] = [];
  for (const key of keys) places[(parts[key] as Part).idx] = key;
  let at = 0;
  for (const key of keys) {
    const { idx } = parts[key] as Part;
    while (at < idx && places[at] !== undefined) at += 1;
    if (at < idx) places[at] = key;
    at += 1;
  }
  for (let place = 0; place < places.length; place += 1)
    if (places[place] === undefined) throw new Error(`place ${place} of ${keys.join(' ')} cannot be told`);
  return places;
}
