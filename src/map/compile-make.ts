import { compileKey } from './compile-key.ts';
import { compileDetails } from './compile-row.ts';
import type { Context } from './context.ts';
import { made } from './made.ts';
import type { Row } from './mapping.ts';
import { referTo } from './references.ts';
import { data, type FhirObject, type Frame, nothing, type Scope } from './runtime.ts';
import { isTaken, putObject, type Target } from './target.ts';

/** A row with `make`: the rows of `with` fill a resource of its own, and the element refers to it. */
export function compileMake(
  context: Context,
  row: Row,
  type: string,
  name: string,
  target: Target,
): (frame: Frame, scope: Scope) => number {
  const details = compileDetails(context, row.with ?? [], type);
  const key = compileKey(context, row.key, false, name);
  return (frame, scope) => {
    if (isTaken(target, scope)) return data;
    const { run } = frame;
    const before = run.made.length;
    const object: FhirObject = { resourceType: type };
    const level = details.fill(frame, object);
    if ((details.hasData ? level & data : level) === 0) {
      run.made.length = before;
      return nothing;
    }
    const resource = made(type, object, 'create', frame, key === null ? null : key(frame));
    run.made.push(resource);
    const reference = referTo(run, resource);
    if (frame.field > 0) run.trace.reference(reference, frame);
    else run.trace.constant(reference, 'reference', frame, name);
    putObject(target, scope, reference, frame, data, false);
    return data;
  };
}
