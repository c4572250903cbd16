/** Items of a list that are told apart by a value of the message: `recommendation[OBX-4]`. */
import { nearestSegment } from './groups.ts';
import { type FieldPath, parseSource, type TargetStep } from './paths.ts';
import type { FhirObject, Frame } from './runtime.ts';

/**
 * The path in a label, null where the label is a name or a number. Throws `map-failed` where it looks like a path and is none.
 * @param label `OBX-4`
 */
export function itemPath(label: string): FieldPath | null {
  if (!/^[A-Z][A-Z0-9]{2}-/.test(label)) return null;
  return parseSource(label) as FieldPath;
}

/** The paths in the labels of a target. */
export function labelPaths(steps: readonly TargetStep[]): string[] {
  return steps.flatMap((step) => (step.kind === 'name' && itemPath(step.label) !== null ? [step.label] : []));
}

/** The items that a message has made, by list and by the value that they are known by. */
export class Items {
  readonly #known = new Map<FhirObject, Map<string, FhirObject>>();

  /** The item of that list of `parent` with the value that the path has at the frame's step; made where there is none. */
  of(parent: FhirObject, name: string, path: FieldPath, frame: Frame): FhirObject {
    const key = `${name}\n${valueAt(path, stepOf(frame))}`;
    const items = this.#known.get(parent) ?? new Map<string, FhirObject>();
    this.#known.set(parent, items);
    const list = (parent[name] ?? []) as FhirObject[];
    parent[name] = list;
    const known = items.get(key);
    // What held constants only was taken out again.
    if (known !== undefined && list.includes(known)) return known;
    const item: FhirObject = {};
    items.set(key, item);
    list.push(item);
    return item;
  }
}

/** The frame of the whole segment that is worked. */
function stepOf(frame: Frame): Frame {
  let at = frame;
  while (at.outer !== null) at = at.outer;
  return at;
}

function valueAt({ segment, field, repetition, component, subcomponent }: FieldPath, frame: Frame): string {
  const found = nearestSegment(frame.group, segment, frame.segment);
  return found?.value(field, repetition ?? 1, component, subcomponent) ?? '';
}
