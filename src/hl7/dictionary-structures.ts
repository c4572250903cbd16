/** Message structures by version: which a message has, and its groups and segments with their cardinality (HL7 2.9, 2.5.2 and table 0354). */
import { type VersionTables, versions, versionTables } from './dictionary-load.ts';
import type { Message } from './message.ts';
import type { StructureNode } from './structure.ts';

export interface MessageStructure {
  /** `ADT_A01`. */
  readonly name: string;
  /** `Admit/visit notification`. */
  readonly title: string;
  /** The version whose structure it is: that of the message, or the nearest that has it. */
  readonly version: string;
  readonly nodes: readonly StructureNode[];
}

const read = new Map<string, MessageStructure>();

/**
 * A structure by its name, `ORU_R01`. Where the version does not have it, the nearest older one that does, else the nearest newer: senders mix
 * versions. Undefined where none does.
 */
export function messageStructure(name: string, version: string): MessageStructure | undefined {
  const key = `${name} ${version}`;
  const known = read.get(key);
  if (known) return known;
  for (const candidate of nearest(version)) {
    const { structures } = versionTables(candidate);
    const row = Object.hasOwn(structures, name) ? structures[name] : undefined;
    if (row === undefined) continue;
    const found: MessageStructure = { name, title: row[0], version: candidate, nodes: new Reader(row[1]).nodes() };
    read.set(key, found);
    return found;
  }
  return undefined;
}

/** The names of a version's structures, sorted. */
export function structureNames(version: string): string[] {
  return Object.keys(versionTables(version).structures);
}

/** The structure that messages of a type and trigger event have: `ADT`, `A04` is `ADT_A01`. Null where no version has such messages. */
export function structureName(type: string, event: string, version: string): string | null {
  if (type === 'ACK') return 'ACK';
  const name = `${type}_${event}`;
  for (const candidate of nearest(version)) {
    const found = nameIn(versionTables(candidate), name);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The structure of a message: what its type and event have, else (a site's or a query's own event) what MSH-9.3 names. Null where neither is known.
 */
export function structureOf(message: Message): MessageStructure | null {
  const { version } = message;
  const name = structureName(message.type, message.event, version) ?? message.structure;
  return (name === '' ? undefined : messageStructure(name, version)) ?? null;
}

function nameIn({ structures, events }: VersionTables, name: string): string | null {
  if (Object.hasOwn(structures, name)) return name;
  return Object.hasOwn(events, name) ? (events[name] as string) : null;
}

/** The version itself (the newest where it is not known), then older ones, then newer ones. */
function nearest(version: string): readonly string[] {
  const at = versions.indexOf(version);
  if (at < 0) return versions.toReversed();
  return [...versions.slice(0, at + 1).toReversed(), ...versions.slice(at + 1)];
}

/** `MSH SFT* PATIENT?(PID PD1?) OBR|RXO`: see scripts/dictionary-structures.ts. */
class Reader {
  readonly #words: readonly string[];
  #at = 0;

  constructor(line: string) {
    this.#words = line.match(/[A-Z0-9_|]+[?*+]?\(?|\)/g) ?? [];
  }

  nodes(): StructureNode[] {
    const nodes: StructureNode[] = [];
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++] as string;
      if (word === ')') break;
      nodes.push(this.#node(word));
    }
    return nodes;
  }

  #node(word: string): StructureNode {
    const isGroup = word.endsWith('(');
    const marked = isGroup ? word.slice(0, -1) : word;
    const [name = ''] = marked.split(/[?*+]/);
    const mark = marked.slice(name.length);
    const cardinality = { min: mark === '?' || mark === '*' ? 0 : 1, max: mark === '*' || mark === '+' ? 0 : 1 };
    if (isGroup) return { group: name, children: this.nodes(), ...cardinality };
    const [segment = '', ...or] = name.split('|');
    return or.length === 0 ? { segment, ...cardinality } : { segment, or, ...cardinality };
  }
}
