/** Resources within those that refer to them, by setting: for servers that want no entries of their own for a doctor or a ward. */
import { isRawNumber } from '../fhir/json.ts';
import type { Made } from './made.ts';
import type { FhirObject, Run } from './runtime.ts';

/**
 * Moves the resources of the types that the setting names, where a datatype map or `make` made them, into `contained` of those that refer to
 * them (FHIR R4, 2.6.4). One that several refer to is contained in each; one that nothing refers to stays an entry.
 * @returns those that are no longer entries
 */
export function contain(run: Run, all: readonly Made[]): Set<Made> {
  const types = new Set(run.settings.contained);
  const moved = new Set<Made>();
  if (types.size === 0) return moved;
  const inner = new Set(all.filter((made) => !made.step && types.has(made.type)));
  // The first of an identity stands for those merged into it.
  const standing = new Map(all.map((made) => [made.fullUrl, made]));
  for (const outer of all) {
    if (inner.has(outer)) continue;
    const container = new Container(run, outer, inner, standing);
    const found = container.fill();
    if (found.length === 0) continue;
    outer.object.contained = found.map((made) => container.copyOf(made, moved.has(made)));
    for (const made of found) moved.add(made);
  }
  return moved;
}

class Container {
  readonly #run: Run;
  readonly #outer: Made;
  readonly #inner: ReadonlySet<Made>;
  readonly #standing: ReadonlyMap<string, Made>;
  readonly #ids = new Map<Made, string>();

  constructor(run: Run, outer: Made, inner: ReadonlySet<Made>, standing: ReadonlyMap<string, Made>) {
    this.#run = run;
    this.#outer = outer;
    this.#inner = inner;
    this.#standing = standing;
  }

  /** The resources that it contains, in the order of their references; what those refer to in turn too. */
  fill(): Made[] {
    const found: Made[] = [];
    const queue: Made[] = [this.#outer];
    for (const from of queue) {
      for (const reference of this.#references(from.object)) {
        const to = this.#target(reference);
        if (to === undefined || !this.#inner.has(to) || this.#ids.has(to)) continue;
        this.#ids.set(to, `${to.type.toLowerCase()}-${this.#ids.size + 1}`);
        found.push(to);
        queue.push(to);
      }
    }
    for (const reference of this.#references(this.#outer.object)) this.#point(reference, true);
    return found;
  }

  /** The resource itself where this is the first to contain it, so that the trace finds it; else a copy of it. */
  copyOf(made: Made, again: boolean): FhirObject {
    const object = again ? this.#copy(made.object) : made.object;
    if (!again) for (const reference of this.#references(object)) this.#point(reference, false);
    const { resourceType, id: _, ...rest } = object;
    for (const name of Object.keys(object)) delete object[name];
    return Object.assign(object, { resourceType, id: this.#ids.get(made) }, rest);
  }

  #copy<T>(value: T): T {
    if (Array.isArray(value)) return value.map((one: unknown) => this.#copy(one)) as T;
    if (typeof value !== 'object' || value === null || isRawNumber(value)) return value;
    const copy: FhirObject = {};
    for (const [name, inner] of Object.entries(value)) copy[name] = this.#copy(inner);
    const to = this.#target(value as FhirObject);
    if (to !== undefined) copy.reference = this.#addressOf(to, false);
    return copy as T;
  }

  #point(reference: FhirObject, fromOutside: boolean): void {
    const to = this.#target(reference);
    if (to !== undefined) reference.reference = this.#addressOf(to, fromOutside);
  }

  #addressOf(to: Made, fromOutside: boolean): string {
    const id = this.#ids.get(to);
    if (id !== undefined) return `#${id}`;
    // What is contained says so where it refers to the resource that it is in (FHIR R4, 2.3.0.6).
    return to === this.#outer && !fromOutside ? '#' : to.fullUrl;
  }

  #target(reference: FhirObject): Made | undefined {
    const to = this.#run.links.get(reference);
    return to && this.#standing.get(to.fullUrl);
  }

  *#references(value: unknown): Iterable<FhirObject> {
    if (Array.isArray(value)) for (const one of value) yield* this.#references(one);
    else if (typeof value === 'object' && value !== null && !isRawNumber(value)) {
      if (this.#run.links.has(value)) yield value as FhirObject;
      for (const [name, inner] of Object.entries(value)) if (name !== 'contained') yield* this.#references(inner);
    }
  }
}
