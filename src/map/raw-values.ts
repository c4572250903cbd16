/** A value that could not be converted, kept as sent in an extension of the element that it was for, by setting. */
import type { FhirObject, Frame, Scope } from './runtime.ts';
import { data, nothing } from './runtime.ts';
import { open, push, touch } from './scope.ts';
import { putObject, type Target } from './target.ts';

/** HL7's own: the text as the author wrote it. It may stand in any element. */
const originalText = 'http://hl7.org/fhir/StructureDefinition/originalText';

/** Keeps it beside a primitive that has no value. A list of primitives has no place for it. */
export function keepBesidePrimitive(target: Target, scope: Scope, frame: Frame): number {
  // An extension whose value says nothing would stand for nothing.
  if (target.info.list || frame.text === '' || target.node?.url != null) return nothing;
  const object = target.node === null ? scope.object : open(scope, target.node, frame, '');
  const name = `_${target.name}`;
  if (object[target.name] !== undefined || object[name] !== undefined) return nothing;
  const beside: FhirObject = {};
  object[name] = beside;
  push(beside, 'extension', textOf(frame));
  touch(scope, target.node, data);
  return data;
}

/** Keeps it in an element that nothing else came of. */
export function keepInElement(target: Target, scope: Scope, frame: Frame, again: boolean): number {
  const { type } = target;
  if (target.url !== null || type === 'Reference' || type.includes('.') || frame.text === '') return nothing;
  putObject(target, scope, { extension: [textOf(frame)] }, frame, data, again);
  return data;
}

function textOf(frame: Frame): FhirObject {
  const extension: FhirObject = { url: originalText, valueString: frame.text };
  const { run } = frame;
  run.trace.constant(extension, 'url', frame, '');
  run.mark(frame, frame.component, frame.subcomponent);
  run.trace.wrote(extension, 'valueString', run);
  return extension;
}
