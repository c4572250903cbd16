/** References between the resources of a message. Where they point is known when every resource has its identity. */
import type { Made } from './made.ts';
import { agrees, consumeMatch, type Pair, wantedAt } from './match.ts';
import { data, type FhirObject, type Frame, nothing, type RowFn, type Run, type Scope } from './runtime.ts';
import { peek, push } from './scope.ts';
import { isTaken, putObject, type Target } from './target.ts';

/** A Reference to a resource; its `reference` is filled in at the end. */
export function referTo(run: Run, made: Made): FhirObject {
  const reference: FhirObject = { reference: '' };
  run.links.set(reference, made);
  return reference;
}

/** Whether a list refers to the resource already: two rows may state the same relation. */
export function refersTo(run: Run, list: unknown, made: Made): boolean {
  return Array.isArray(list) && list.some((one: object) => run.links.get(one) === made);
}

/** Writes a reference made by a row without a value. */
function putReference(target: Target, scope: Scope, made: Made, frame: Frame, row: string): void {
  if (target.info.list && refersTo(frame.run, peek(scope, target.node)?.[target.name], made)) return;
  const reference = referTo(frame.run, made);
  frame.run.trace.constant(reference, 'reference', frame, row);
  putObject(target, scope, reference, frame, data, false);
}

/**
 * A reference to the resource of this name: the nearest made so far, else, when the message is done, the first made after. Where there is
 * none nothing is written.
 */
export function referenceByName(target: Target, name: number, row: string): RowFn {
  return (frame, scope) => {
    if (isTaken(target, scope)) return data;
    const made = frame.group.find(name);
    if (made !== null) {
      putReference(target, scope, made, frame, row);
      return data;
    }
    frame.run.late.push(() => {
      const later = frame.group.findLate(name);
      if (later === null) frame.run.unresolved.push(scope.object);
      else if (!isTaken(target, scope)) putReference(target, scope, later, frame, row);
    });
    return data;
  };
}

/** A reference to the last resource of this name made before, in whatever group: a device names its levels before what they measured. */
export function referenceBefore(target: Target, name: number, row: string): RowFn {
  return (frame, scope) => {
    if (isTaken(target, scope)) return data;
    const made = frame.group.all(name).at(-1);
    if (made === undefined) return nothing;
    putReference(target, scope, made, frame, row);
    return data;
  };
}

/** A match, compiled. */
export interface Match {
  readonly name: number;
  readonly pairs: readonly Pair[];
  /** The list element of the other resource that refers back. */
  readonly back: string | null;
  readonly row: string;
}

/**
 * References to the resources of this name, wherever in the message, whose paths have the values that the paths here have: a child result
 * to its parent. Of a single element the first. Paths that are empty on both sides agree, where another one has a value.
 */
export function referenceByMatch(target: Target, { name, pairs, back, row }: Match): RowFn {
  return (frame, scope) => {
    const wanted = wantedAt(pairs, frame);
    if (pairs.every(({ here }, at) => typeof here === 'string' || wanted[at] === '')) return nothing;
    // Children may stand before their parents.
    frame.run.late.push(() => {
      let found = false;
      for (const made of frame.group.all(name)) {
        if (made.object === scope.object || isTaken(target, scope)) continue;
        if (!agrees(pairs, wanted, made)) continue;
        found = true;
        consumeMatch(pairs, frame);
        putReference(target, scope, made, frame, row);
        if (back !== null) referBack(made.object, back, scope.object, frame, row);
      }
      if (!found) frame.run.unresolved.push(scope.object);
    });
    return data;
  };
}

function referBack(other: FhirObject, element: string, object: FhirObject, frame: Frame, row: string): void {
  const self = frame.run.made.find((made) => made.object === object);
  if (self === undefined || refersTo(frame.run, other[element], self)) return;
  const reference = push(other, element, referTo(frame.run, self));
  frame.run.trace.constant(reference, 'reference', frame, row);
}
