/** Datatype maps, compiled: a v2 value to a primitive, to the parts of an element, or to a resource. */
import { WeirError } from '../errors.ts';
import { isPrimitive, isResource } from '../fhir/elements.ts';
import { compileKey, type KeyFn } from './compile-key.ts';
import { compileRows } from './compile-row.ts';
import { compileValueRows } from './compile-value-row.ts';
import type { Compiler } from './compiler.ts';
import type { Context } from './context.ts';
import { type Made, made } from './made.ts';
import type { DatatypeMap, MadeResource, Row } from './mapping.ts';
import { nextItem } from './paths.ts';
import { referTo } from './references.ts';
import {
  constant,
  data,
  type ElementFn,
  type FhirObject,
  type Frame,
  nothing,
  type ResourceFn,
  type ValueFn,
} from './runtime.ts';
import { ScopePlan } from './scope.ts';
import type { SkipRule } from './skips.ts';
import { compileTarget, putObject } from './target.ts';
import { compileWhen, type Test } from './when.ts';

/** What a map is compiled to, by the kind of its type. The functions are filled in when its rows are compiled. */
export interface CompiledDatatype {
  readonly name: string;
  readonly datatype: string;
  readonly type: string;
  readonly kind: 'value' | 'element' | 'resource';
  value: ValueFn;
  /** Fills an element or a resource that is there. */
  element: ElementFn;
  resource: ResourceFn;
  /** Fill further items of the list that the element goes into (`to: $next`). */
  next: readonly ElementFn[];
  /** Whether it may write constants, so that what it writes may have to be taken back. */
  hasConstant: boolean;
}

/** Compiles a map. `register` is called before its rows are, as they may use the map itself. */
export function compileDatatype(
  compiler: Compiler,
  map: DatatypeMap,
  register: (compiled: CompiledDatatype) => void,
): CompiledDatatype {
  const kind = isPrimitive(map.type) ? 'value' : isResource(map.type) ? 'resource' : 'element';
  const wrong = (): never => {
    throw new WeirError('map-failed', `${map.map} is used for what it does not make`);
  };
  const compiled: CompiledDatatype = {
    name: map.map,
    datatype: map.datatype,
    type: map.type,
    kind,
    value: wrong,
    element: wrong,
    resource: wrong,
    next: [],
    hasConstant: true,
  };
  register(compiled);
  const context: Context = {
    compiler,
    map: map.map,
    levels: [{ segment: null, field: 0, datatype: map.datatype }],
    type: map.type,
    plan: new ScopePlan(),
    conditional: false,
    skips: [],
  };
  if (kind === 'value') {
    compiled.value = withSkips(compileValueRows(context, map.rows), context.skips);
    return compiled;
  }
  const isNext = ({ to }: Row): boolean => to === nextItem;
  compiled.element = compileFill(
    context,
    map.rows.filter((row) => !isNext(row)),
  );
  compiled.next = map.rows
    .filter(isNext)
    .map(({ to: _, ...row }) => compileFill({ ...context, plan: new ScopePlan(), skips: [] }, [row]));
  compiled.hasConstant = context.plan.hasConstant;
  if (kind === 'resource') {
    const key = compileKey(context, map.key, false, map.map);
    if (map.type === 'RelatedPerson' && !compiler.settings.relatedPerson) compiled.resource = leftOut(map.map);
    else
      compiled.resource =
        map.make === undefined ? oneResource(map.type, compiled.element, key) : severalResources(context, map, map.make);
  }
  return compiled;
}

function withSkips(read: ValueFn, skips: readonly SkipRule[]): ValueFn {
  if (skips.length === 0) return read;
  return (frame) => {
    frame.run.skipped.push(skips, frame);
    return read(frame);
  };
}

/** Writes a value's parts. Constants alone are no value where the map has rows that read one. */
function compileFill(context: Context, rows: DatatypeMap['rows']): ElementFn {
  const { plan, skips } = context;
  const fill = compileRows(context, rows);
  const wanted = plan.hasData ? data : ~nothing;
  return (frame, object) => {
    const scope = plan.open(object);
    const level = fill(frame, scope);
    plan.close(scope);
    if (skips.length > 0) frame.run.skipped.push(skips, frame);
    return (level & wanted) === 0 ? nothing : level;
  };
}

function oneResource(type: string, fill: ElementFn, key: KeyFn | null): ResourceFn {
  return (frame) => {
    const { run } = frame;
    const before = run.made.length;
    const object: FhirObject = { resourceType: type };
    if (fill(frame, object) === nothing) {
      run.made.length = before;
      return null;
    }
    const resource = made(type, object, 'create', frame, key === null ? null : key(frame));
    run.made.push(resource);
    return resource;
  };
}

/** Makes nothing of its value, and says why. */
function leftOut(map: string): ResourceFn {
  const rules: SkipRule[] = [{ row: map, why: 'the setting relatedPerson is off', path: null }];
  return (frame) => {
    frame.run.skipped.push(rules, frame);
    return null;
  };
}

interface Part {
  readonly name: string;
  readonly test: Test | null;
  readonly make: ResourceFn;
  readonly link: (made: Made, others: ReadonlyMap<string, Made>, frame: Frame) => void;
}

/** One value, several resources: the first that was made is the result, the others stand behind it. */
function severalResources(context: Context, map: DatatypeMap, resources: readonly MadeResource[]): ResourceFn {
  const parts = resources.map((resource): Part => {
    const own: Context = { ...context, plan: new ScopePlan() };
    const row = `${map.map}@${resource.source.line}`;
    return {
      name: resource.as,
      test: resource.when === undefined ? null : compileWhen(own, resource.when),
      make: oneResource(map.type, compileFill(own, resource.rows), compileKey(own, resource.key, false, row)),
      link: compileLinks(map.type, resource, row),
    };
  });
  const { skips } = context;
  const single = map.type === 'Location' && !context.compiler.settings.locationChain;
  return (frame) => {
    if (skips.length > 0) frame.run.skipped.push(skips, frame);
    const found = new Map<string, Made>();
    for (const { name, test, make } of parts) {
      if (test !== null && !test(frame)) continue;
      const resource = make(frame);
      if (resource !== null) found.set(name, resource);
      // The most specific stands for the chain: its key and its name say where it is.
      if (single && resource !== null) break;
    }
    for (const { name, link } of parts) {
      const resource = found.get(name);
      if (resource !== undefined) link(resource, found, frame);
    }
    return found.values().next().value ?? null;
  };
}

function compileLinks(type: string, resource: MadeResource, row: string): Part['link'] {
  const plan = new ScopePlan();
  const links = Object.entries(resource.refs ?? {}).map(([element, names]) => ({
    target: compileTarget(plan, type, element),
    names,
  }));
  return (from, others, frame) => {
    for (const { target, names } of links) {
      const name = names.find((one) => others.has(one));
      if (name === undefined) continue;
      const reference = referTo(frame.run, others.get(name) as Made);
      frame.run.trace.constant(reference, 'reference', frame, row);
      putObject(target, plan.open(from.object), reference, frame, constant, false);
    }
  };
}
