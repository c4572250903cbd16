/** `to`, compiled: where a row writes, and how a value gets there. */
import { WeirError } from '../errors.ts';
import { type ElementInfo, element, isPrimitive } from '../fhir/elements.ts';
import { complete, equal } from './complete.ts';
import { extensionUrl, parseTarget, type TargetStep } from './paths.ts';
import { data, type FhirObject, type Frame, type Primitive, type Run, type Scope } from './runtime.ts';
import { newExtension, open, peek, push, type ScopePlan, type TargetNode, touch } from './scope.ts';

/** The last element of a path. `node` holds it; null is the element that the map as a whole writes. */
export interface Target {
  readonly node: TargetNode | null;
  readonly name: string;
  readonly info: ElementInfo;
  /** The FHIR type to convert to. */
  readonly type: string;
  /** The item itself, where the path labels it. */
  readonly item: TargetNode | null;
  /** The URL, where the path ends at an extension: every value makes one. */
  readonly url: string | null;
  /** Whether it takes every repetition: a list, or the value of an extension, which repeats as a whole. */
  readonly repeats: boolean;
  /** The path as FHIR writes it, for deletions. */
  readonly path: string;
}

/** Compiles a path below an element of this type. Throws `map-failed` where R4 has no such element: `weir check` finds that. */
export function compileTarget(plan: ScopePlan, type: string, text: string): Target {
  const steps = parseTarget(text);
  let node: TargetNode | null = null;
  let at = type;
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    const info = infoOf(at, step, text);
    if (next === undefined) {
      if (step.kind === 'extension') return extensionTarget(steps, node, step, info, at === 'Extension');
      const item = info.list && step.label !== '' ? plan.node(node, step.name, true, null, step.label) : null;
      const repeats = info.list || (node?.url != null && info.choice === 'value[x]');
      return { node, name: step.name, info, type: info.types[0] ?? '', item, url: null, repeats, path: plain(steps) };
    }
    if (step.kind === 'extension') {
      const nested = at === 'Extension';
      node = plan.node(node, step.name, true, extensionUrl(step.url, nested), '');
      at = 'Extension';
    } else if (isPrimitive(info.types[0] ?? '')) {
      // What a primitive has beside its value stands in an element with an underscore (FHIR R4, 2.6.2.3).
      if (info.list || next.kind !== 'extension')
        throw new WeirError('map-failed', `${text} goes into the primitive ${step.name}`);
      node = plan.node(node, `_${step.name}`, false, null, '');
      at = 'Element';
    } else {
      node = plan.node(node, step.name, info.list, null, info.list ? step.label : '');
      at = info.path;
    }
  }
  throw new WeirError('map-failed', `"${text}" is no path to a FHIR element`);
}

function extensionTarget(
  steps: readonly TargetStep[],
  node: TargetNode | null,
  step: Extract<TargetStep, { kind: 'extension' }>,
  info: ElementInfo,
  nested: boolean,
): Target {
  const url = extensionUrl(step.url, nested);
  return { node, name: step.name, info, type: 'Extension', item: null, url, repeats: true, path: plain(steps) };
}

function infoOf(type: string, step: TargetStep, text: string): ElementInfo {
  const info = element(type, step.name);
  if (info === undefined) throw new WeirError('map-failed', `${type} has no element ${step.name} (in ${text})`);
  return info;
}

function plain(steps: readonly TargetStep[]): string {
  return steps.map((step) => (step.kind === 'extension' ? `extension('${step.url}')` : step.name)).join('.');
}

/** Where a value goes: the holder of the element, opened; a repeated extension gets a new one. */
function holder(target: Target, scope: Scope, frame: Frame, row: string, again: boolean): FhirObject {
  const { node } = target;
  if (node === null) return scope.object;
  if (!again || node.url === null) return open(scope, node, frame, row);
  const parent = node.parent === null ? scope.object : open(scope, node.parent, frame, row);
  return newExtension(parent, node.name, node.url, frame, row);
}

/**
 * Writes the primitive that was read last. Of two that write the same element the first stands.
 * @param again whether this row has written here before, for an earlier repetition
 * @returns whether it stands there now
 */
export function putValue(target: Target, scope: Scope, value: Primitive, run: Run, level: number, again: boolean): boolean {
  const frame = run.from as Frame;
  const { name } = target;
  const object = holder(target, scope, frame, '', again && !target.info.list);
  touch(scope, target.node, level);
  const held = object[name];
  if (target.info.list) {
    const list = held === undefined ? [value] : (held as unknown[]);
    if (held === undefined) object[name] = list;
    else list.push(value);
    run.trace.wrote(list, list.length - 1, run);
    return true;
  }
  if (held === undefined) {
    object[name] = value;
    run.trace.wrote(object, name, run);
    return true;
  }
  if (!equal(held, value)) return false;
  run.trace.consumed(frame, '', run.fromComponent, run.fromSubcomponent);
  return true;
}

/** Adds the text that was read last to one that is there: the element holds both, and comes from both. */
export function putJoined(target: Target, scope: Scope, value: Primitive, run: Run, between: string): void {
  const held = peek(scope, target.node)?.[target.name];
  if (typeof held !== 'string') {
    putValue(target, scope, value, run, data, false);
    return;
  }
  const object = holder(target, scope, run.from as Frame, '', false);
  object[target.name] = target.type === 'base64Binary' ? joinedData(held, between, String(value)) : `${held}${between}${value}`;
  run.trace.wrote(object, target.name, run);
}

function joinedData(one: string, between: string, other: string): string {
  return Buffer.concat([Buffer.from(one, 'base64'), Buffer.from(between), Buffer.from(other, 'base64')]).toString('base64');
}

/** Writes a constant, for a row whose frame is not its own. */
export function putConstant(target: Target, scope: Scope, value: Primitive, frame: Frame, row: string, level: number): void {
  const object = holder(target, scope, frame, row, false);
  const { name } = target;
  touch(scope, target.node, level);
  const { trace } = frame.run;
  if (target.info.list) {
    push(object, name, value);
    trace.constant(object[name] as object, (object[name] as unknown[]).length - 1, frame, row);
  } else if (object[name] === undefined) {
    object[name] = value;
    trace.constant(object, name, frame, row);
  }
}

/** Adds a complex element that was filled apart: an item of a list, or one with what is there already. Gives the element as it stands now. */
export function putObject(
  target: Target,
  scope: Scope,
  value: FhirObject,
  frame: Frame,
  level: number,
  again: boolean,
): FhirObject {
  const { name, item } = target;
  const { run } = frame;
  if (item !== null && !again) {
    const known = item.path === null ? scope.slots[item.index] : open(scope, item, frame, '');
    touch(scope, item, level);
    if (known !== undefined) {
      complete(run, known, value);
      return known;
    }
    scope.slots[item.index] = push(holder(target, scope, frame, '', false), name, value);
    return value;
  }
  const object = holder(target, scope, frame, '', again && !target.info.list);
  touch(scope, target.node, level);
  if (target.url !== null) {
    // The URL first, as everyone writes it; the object itself has to stay the same one.
    const parts = { ...value };
    for (const part of Object.keys(value)) delete value[part];
    Object.assign(value, { url: target.url }, parts);
    run.trace.constant(value, 'url', frame, '');
  }
  if (target.info.list) return push(object, name, value);
  const held = object[name] as FhirObject | undefined;
  if (held === undefined) {
    object[name] = value;
    return value;
  }
  complete(run, held, value);
  return held;
}

/** Whether a single element is there already. */
export function isTaken(target: Target, scope: Scope): boolean {
  return !target.info.list && peek(scope, target.node)?.[target.name] !== undefined;
}
