/** What makes a resource the same one when it is sent again (docs/mapping-language.md, "Identity"). */
import { nameOf, uuidOf, uuidOfName } from '../fhir/identity.ts';
import type { KeyValues, Made } from './made.ts';
import type { FhirObject, Run } from './runtime.ts';

/** How a resource is addressed: by an id computed from its key or place, or by its identifier. */
export type Identity =
  | { readonly kind: 'id'; readonly type: string; readonly id: string }
  | { readonly kind: 'identifier'; readonly type: string; readonly query: string; readonly id: string };

/** Ids come again with every message of a ward or a doctor, and a hash costs more than looking it up. Bounded; what it gives does not depend on what it holds. */
export class IdCache {
  readonly #known = new Map<string, string>();

  uuid(parts: readonly string[]): string {
    const name = nameOf(parts);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const id = uuidOfName(name);
    if (this.#known.size >= 4000) this.#known.clear();
    this.#known.set(name, id);
    return id;
  }
}

/** The identities of all that a message made, each worked out once. */
export class Identities {
  readonly #run: Run;
  readonly #known = new Map<Made, Identity>();
  /** How often an id was seen: what repeats in a message is told apart by its ordinal. */
  readonly #seen = new Map<string, number>();

  constructor(run: Run) {
    this.#run = run;
  }

  of(made: Made): Identity {
    const known = this.#known.get(made);
    if (known !== undefined) return known;
    const { ids } = this.#run;
    // A step that is no authority must not overwrite: created where absent, which only an identifier can ask for.
    const { key } = made;
    const found =
      key !== null && (key.search.length > 0 || (key.step && made.mode === 'create')) ? byIdentifier(made, ids) : null;
    const identity = found ?? this.#byKey(made) ?? byIdentifier(made, ids) ?? this.#byPlace(made);
    this.#known.set(made, identity);
    return identity;
  }

  #byKey(made: Made): Identity | null {
    const { key, type } = made;
    if (key === null) return null;
    const parts = ['key', type];
    for (const value of key.values) parts.push(value);
    if (key.search.length > 0) for (const { name, token } of tokensOf(made)) parts.push(`${name} ${token}`);
    if (key.of !== null) {
      const owner = ownerOf(key.of);
      // What belongs to something that is not there is told apart by nothing: the same diagnosis is another one for another patient.
      if (owner === null) return null;
      // An owner that is its own would have no end.
      if (owner !== made) parts.push('of', owner.type, this.of(owner).id);
    }
    const id = this.#run.ids.uuid(parts);
    return { kind: 'id', type, id: key.counted ? this.#ordinal(id) : id };
  }

  #byPlace(made: Made): Identity {
    const { type, frame } = made;
    const { message, sender, receivedAt } = this.#run;
    // Messages without a control id are told apart by when they came.
    const which = message.controlId === '' ? ['received', receivedAt.toISOString()] : ['control', message.controlId];
    const place = [frame.segment.index, frame.field, frame.repetition, frame.component, frame.subcomponent].join('.');
    return { kind: 'id', type, id: this.#ordinal(uuidOf('place', type, sender, ...which, place)) };
  }

  #ordinal(id: string): string {
    const ordinal = (this.#seen.get(id) ?? 0) + 1;
    this.#seen.set(id, ordinal);
    return ordinal === 1 ? id : uuidOf('again', id, String(ordinal));
  }
}

function ownerOf(names: NonNullable<KeyValues['of']>): Made | null {
  for (const { name, group, made } of names) {
    const owner = made ?? group.findLate(name);
    if (owner !== null) return owner;
  }
  return null;
}

/** The first identifier with a system and a value, with what the key wants searched beside it. */
function byIdentifier(made: Made, ids: IdCache): Identity | null {
  const { type } = made;
  for (const { system, value } of listOf(made.object.identifier)) {
    if (typeof system !== 'string' || typeof value !== 'string') continue;
    const parts = ['identifier', type, system, value];
    let query = identifierQuery(system, value);
    for (const { name, token } of tokensOf(made)) {
      parts.push(`${name} ${token}`);
      query += `&${name}=${encodeURIComponent(token)}`;
    }
    return { kind: 'identifier', type, query, id: ids.uuid(parts) };
  }
  return null;
}

interface Token {
  readonly name: string;
  readonly token: string;
}

const noTokens: readonly Token[] = [];

/** The tokens of the elements that the key names: of a concept its first coding, of a code itself. */
function tokensOf({ key, object }: Made): readonly Token[] {
  if (key === null || key.search.length === 0) return noTokens;
  return key.search.flatMap((name) => {
    const held = object[name];
    if (typeof held === 'string') return [{ name, token: escapeSearch(held) }];
    const coding = listOf(held).flatMap((concept) => listOf(concept.coding))[0];
    if (typeof coding?.code !== 'string') return [];
    const code = escapeSearch(coding.code);
    return [{ name, token: typeof coding.system === 'string' ? `${escapeSearch(coding.system)}|${code}` : code }];
  });
}

function listOf(element: unknown): FhirObject[] {
  if (Array.isArray(element)) return element as FhirObject[];
  return element === undefined || element === null || typeof element !== 'object' ? [] : [element as FhirObject];
}

/** `identifier=system|value` as a search: the characters that search gives a meaning are escaped (FHIR R4, 3.1.1.5.3), then those of a URL. */
export function identifierQuery(system: string, value: string): string {
  return `identifier=${encodeURIComponent(`${escapeSearch(system)}|${escapeSearch(value)}`)}`;
}

function escapeSearch(text: string): string {
  return /[\\,|$]/.test(text) ? text.replace(/[\\,|$]/g, '\\$&') : text;
}
