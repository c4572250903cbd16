/** The segments of a message against its structure: what is missing, too many, or where it does not belong (HL7 2.9, 2.5.2). */
import { fieldCount, versions } from '../dictionary.ts';
import { type MessageStructure, structureOf } from '../dictionary-structures.ts';
import { type Grouped, type GroupOccurrence, type Guess, group } from '../group.ts';
import type { Message } from '../message.ts';
import { Structure, type StructureNode } from '../structure.ts';
import { isName, type Notebook } from './finding.ts';

/** A message put into the groups of its structure. */
export interface Structured {
  readonly structure: MessageStructure;
  readonly grouped: Grouped;
}

const prepared = new WeakMap<MessageStructure, Structure>();

/** Null where the dictionary has no structure for the message's type and event. */
export function structured(message: Message): Structured | null {
  const structure = structureOf(message);
  if (structure === null) return null;
  const ready = prepared.get(structure) ?? new Structure(structure.nodes);
  prepared.set(structure, ready);
  return { structure, grouped: group(message, ready) };
}

export function checkStructure(message: Message, found: Structured | null, notes: Notebook): void {
  if (found === null) {
    const text =
      'The message has no structure in the standard (its type and event, MSH-9, are none of it); only its fields were checked';
    notes.note('MSH-9', '200', 'information', text);
    return;
  }
  const { structure, grouped } = found;
  if (message.structure !== '' && message.structure !== structure.name) {
    const text = `MSH-9.3 names another structure (messages of this type and event have ${structure.name}, table 0354); send that`;
    notes.note('MSH-9.3', '200', 'warning', text);
  }
  for (const guess of grouped.guesses) misplaced(message, guess, structure, notes);
  checkGroup(grouped.root, structure.nodes, structure.name, notes);
}

function misplaced(message: Message, { kind, location }: Guess, { name: structure }: MessageStructure, notes: Notebook): void {
  const segment = message.segments[location];
  // That a group is there twice is told by its number.
  if (!segment || kind === 'repeated') return;
  const path = notes.path(segment);
  if (!isName(segment.name)) {
    notes.note(
      path,
      '100',
      'error',
      `Segment ${location + 1} of the message has no segment's name (three capitals or digits); correct it`,
    );
    return;
  }
  const { name } = segment;
  switch (kind) {
    case 'unknown': {
      const isKnown = versions.some((version) => fieldCount(name, version) > 0);
      const why = isKnown ? `${structure} does not have it` : 'HL7 has no such segment';
      notes.note(path, '100', isKnown ? 'warning' : 'error', `${name} is not expected (${why}); leave it out, or name it Zxx`);
      return;
    }
    case 'late':
      notes.note(path, '100', 'error', `${name} stands too late (its place in ${structure} is before); send it in its place`);
      return;
    case 'unopened':
      notes.note(path, '100', 'error', `${name} stands where its group was not begun (${structure}); send what begins the group`);
  }
}

/** How often each child of a group stands, and so down. */
function checkGroup(occurrence: GroupOccurrence, nodes: readonly StructureNode[], where: string, notes: Notebook): void {
  for (const node of nodes) {
    if (notes.isFull) return;
    const groups = node.group === undefined ? [] : occurrence.groups(node.group, node);
    const segments = node.group === undefined ? occurrence.standing(node) : groups.flatMap((one) => firstOf(one) ?? []);
    const count = node.group === undefined ? segments.length : groups.length;
    if (count === 0) {
      if (node.min === 1) missing(node, where, notes);
      continue;
    }
    const second = segments[1];
    if (node.max === 1 && count > 1 && second) {
      const name = node.group ?? second.name;
      notes.note(notes.path(second), '198', 'error', `${name} stands ${count} times (${where} has one of it); send no more`);
    }
    for (const inner of groups) checkGroup(inner, node.children ?? [], inner.name, notes);
  }
}

function missing(node: StructureNode, where: string, notes: Notebook): void {
  const segment = firstRequired(node);
  if (segment === null) return;
  const names = [segment.segment, ...(segment.or ?? [])].join(' or ');
  const group = node.group === undefined ? '' : ` of ${node.group}`;
  notes.note(String(segment.segment), '100', 'error', `${names}${group} is missing (${where} requires it); send it`);
}

/** The first segment without which a required node cannot be; null for a group that may be empty. */
function firstRequired(node: StructureNode): StructureNode | null {
  if (node.min !== 1) return null;
  if (node.group === undefined) return node;
  for (const child of node.children ?? []) {
    const found = firstRequired(child);
    if (found !== null) return found;
  }
  return null;
}

function firstOf(occurrence: GroupOccurrence): GroupOccurrence['all'][number] | undefined {
  return occurrence.all[0] ?? occurrence.inner.map(firstOf).find((segment) => segment !== undefined);
}
