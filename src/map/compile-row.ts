/** Rows, compiled. Each becomes a function that reads its value, converts it and writes it; nothing is looked up while a message is mapped. */
import { WeirError } from '../errors.ts';
import { isPrimitive } from '../fhir/elements.ts';
import type { CompiledDatatype } from './compile-datatype.ts';
import { compileMake } from './compile-make.ts';
import { compileSkip } from './compile-skip.ts';
import { converterFor, functionElement, overText } from './compile-value.ts';
import { complete, isEmpty } from './complete.ts';
import { type Context, rowName, within } from './context.ts';
import { conversion } from './convert.ts';
import type { Row } from './mapping.ts';
import { compilePairs } from './match.ts';
import { compileOver, type Gated, type Over, type Put, type Runner, runAll, runFields, runParts, WithoutValue } from './over.ts';
import { parseSource, resourceOfReference } from './paths.ts';
import { keepBesidePrimitive, keepInElement } from './raw-values.ts';
import { referenceBefore, referenceByMatch, referenceByName, referTo } from './references.ts';
import {
  chosen,
  constant,
  data,
  type FhirObject,
  Frame,
  leaf,
  nothing,
  type RowFn,
  type Scope,
  type ValueFn,
} from './runtime.ts';
import { ScopePlan } from './scope.ts';
import { isOn } from './settings.ts';
import { compileSource, type Source, sameValue } from './source.ts';
import { compileTarget, isTaken, putConstant, putJoined, putObject, putValue, type Target } from './target.ts';
import { compileSet, converted } from './template.ts';
import { compileWhen, reads } from './when.ts';

/** Compiles rows that write into one scope. Rows whose field or component is empty are not even called: most are. */
export function compileRows(context: Context, rows: readonly Row[]): RowFn {
  const compiled = rows.map((row) => compileRow(context, row)).filter((row) => row !== null);
  const runs = compiled.map(({ row }) => row);
  const gates = compiled.map(({ gate }) => gate);
  const [only] = runs;
  if (only !== undefined && runs.length === 1) return (frame, scope) => only.run(frame, scope);
  const inDatatype = context.levels[0]?.segment === null;
  if (!gates.some((gate) => gate > 0)) return (frame, scope) => runAll(runs, frame, scope);
  return inDatatype
    ? (frame, scope) => runParts(runs, gates, frame, scope)
    : (frame, scope) => runFields(runs, gates, frame, scope);
}

/** The field or component of the frame itself that a row reads first. */
function gateOf(context: Context, row: Row): number {
  if (row.from === undefined || row.skip !== undefined || context.levels.length > 1) return 0;
  const path = parseSource(row.from);
  if (path.kind === 'part') return context.levels[0]?.segment === null ? path.component : 0;
  return path.kind === 'field' && path.occurrence === null && path.segment === context.levels[0]?.segment ? path.field : 0;
}

/** Compiles one row; null where it only says what is left out. */
function compileRow(context: Context, row: Row): Gated | null {
  const name = rowName(context.map, row);
  if (row.skip !== undefined) {
    const skip = compileSkip(context, row, name);
    return skip === null ? null : { row: new WithoutValue(null, skip), gate: 0 };
  }
  if (row.setting !== undefined && !isOn(context.compiler.settings, row.setting)) {
    const skip = compileSkip(context, { ...row, skip: row.from ?? true, why: `the setting ${row.setting} is off` }, name);
    return skip === null ? null : { row: new WithoutValue(null, skip), gate: 0 };
  }
  const source = sourceOf(context, row, name);
  const conditional = row.when === undefined ? context : { ...context, conditional: true };
  // A condition on the repetitions that are read is tested for each of them.
  const each =
    row.when !== undefined &&
    source?.many === true &&
    source.level.segment !== null &&
    reads(row.when, source.level.segment, source.level.field);
  const inner = source === null ? conditional : within(conditional, source.level);
  const test = row.when === undefined ? null : compileWhen(each ? inner : context, row.when);
  return { row: compileBody(conditional, inner, row, name, compileOver(source, test, each)), gate: gateOf(context, row) };
}

/** What a row reads: its `from`; the value of the row around where it converts one and names none; else nothing. */
function sourceOf(context: Context, row: Row, name: string): Source | null {
  if (row.from !== undefined) return compileSource(context, row.from, name);
  if (row.set !== undefined || row.ref !== undefined) return null;
  const level = context.levels.at(-1);
  const hasValue = level !== undefined && (level.field > 0 || level.segment === null);
  const converts = row.as !== undefined || row.vocab !== undefined || row.use !== undefined;
  const plain = row.to !== undefined && row.with === undefined && row.make === undefined;
  return hasValue && (converts || plain) ? sameValue(context, name) : null;
}

function compileBody(context: Context, inner: Context, row: Row, name: string, over: Over): Runner {
  const { source } = over;
  const { to } = row;
  if (to === undefined || to === '$this') return compileSelf(context, inner, row, name, over);
  const target = compileTarget(context.plan, context.type, to);
  const holder = target.item ?? target.node;
  if (row.set !== undefined) return compileSetRow(context, inner, row, name, over, target);
  context.plan.writes(holder, data);
  if (row.ref !== undefined) return over.run(target, compileRef(context, inner, row, row.ref, name, target));
  if (row.make !== undefined) return over.run(target, compileMake(inner, row, row.make, name, target));
  if (source === null && row.use === undefined) return over.run(target, compileElement(inner, row, source, target, 'none'));
  const datatype = source?.level.datatype ?? 'ST';
  const converter = converterFor(context.compiler, row, datatype, target);
  if (converter.kind === 'value') return overValues(context, over, target, row, converter.read);
  if (converter.kind === 'resource') {
    const { make, type } = converter;
    const { near, far } = aroundReference(row.with ?? []);
    const details = near.length === 0 ? null : compileDetails(inner, near, 'Reference');
    const beyond = far.length === 0 ? null : compileDetails(inner, far, type);
    return over.run(target, (frame, scope) => {
      if (isTaken(target, scope)) return data;
      const made = make(frame);
      if (made === null) return nothing;
      beyond?.fill(frame, made.object);
      const reference = referTo(frame.run, made);
      frame.run.trace.reference(reference, frame);
      details?.fill(frame, reference);
      putObject(target, scope, reference, frame, data, false);
      return data;
    });
  }
  if (converter.kind === 'none' && row.with === undefined)
    throw new WeirError('map-failed', `${name}: a ${datatype || 'value'} has no way into a ${target.type}`);
  const put = compileElement(inner, row, source, target, converter.kind === 'none' ? 'none' : converter.fill);
  const further = converter.kind === 'element' && target.info.list ? converter.map : undefined;
  return over.run(target, further === undefined ? put : withNext(put, target, further));
}

/** An element, and the items that its datatype map has beside it (`to: $next`). */
function withNext(put: Put, target: Target, map: CompiledDatatype): Put {
  return (frame, scope, again) => {
    let level = put(frame, scope, again);
    for (const fill of map.next) {
      const object: FhirObject = {};
      const own = fill(frame, object);
      if ((own & data) === 0) continue;
      putObject(target, scope, object, frame, own, true);
      level |= own;
    }
    return level;
  };
}

/** The rows below a reference: what they write into it, and (`to: $resource`) into the resource that a datatype map made for it. */
function aroundReference(rows: readonly Row[]): { readonly near: readonly Row[]; readonly far: readonly Row[] } {
  const far = rows.filter(({ to }) => to === resourceOfReference);
  return { near: rows.filter(({ to }) => to !== resourceOfReference), far: far.map(({ to: _, ...row }) => row) };
}

/** A reference to a resource of the message: the nearest of that name, or those that match. */
function compileRef(context: Context, inner: Context, row: Row, ref: string, name: string, target: Target): RowFn {
  const number = context.compiler.name(ref);
  if (row.match === undefined) return referenceByName(target, number, name);
  if (row.match === 'before') return referenceBefore(target, number, name);
  const pairs = compilePairs(inner, row.match, name);
  return referenceByMatch(target, { name: number, pairs, back: row.back ?? null, row: name });
}

function overValues(context: Context, over: Over, target: Target, { join }: Row, read: ValueFn): Runner {
  return join === undefined
    ? over.run(target, valuePut(target, read, keepsRaw(context)))
    : over.run({ ...target, repeats: true }, joinPut(target, read, join));
}

/** A text that takes every value: what is there stays, and the next one follows it. */
function joinPut(target: Target, read: ValueFn, between: string): Put {
  return (frame, scope) => {
    const value = read(frame);
    if (value === undefined) return nothing;
    putJoined(target, scope, value, frame.run, between);
    return data;
  };
}

function valuePut(target: Target, read: ValueFn, keepsRaw: boolean): Put {
  if (keepsRaw)
    return (frame, scope, again) => {
      const { issues } = frame.run;
      const before = issues.length;
      const value = read(frame);
      if (value === undefined) return issues.length > before ? keepBesidePrimitive(target, scope, frame) : nothing;
      putValue(target, scope, value, frame.run, data, again);
      return data;
    };
  return (frame, scope, again) => {
    const value = read(frame);
    if (value === undefined) return nothing;
    putValue(target, scope, value, frame.run, data, again);
    return data;
  };
}

/** A complex element: its parts by the conversion, then by the rows of `with`. It is written where something came of it. */
function compileElement(
  inner: Context,
  row: Row,
  source: Source | null,
  target: Target,
  fill: ((frame: Frame, object: FhirObject) => number) | 'none',
): Put {
  const type = target.url === null ? target.info.path : 'Extension';
  const details = row.with === undefined ? null : compileDetails(inner, row.with, type);
  // Constants make no element where values could have; what a condition chose does, where the row itself reads no value.
  const wanted = fill !== 'none' ? data : !details?.hasData ? ~nothing : source === null ? data | chosen : data;
  const keeps = fill !== 'none' && keepsRaw(inner);
  return (frame, scope, again) => {
    const { run } = frame;
    const before = run.made.length;
    const object: FhirObject = {};
    const issues = run.issues.length;
    let level = fill === 'none' ? nothing : fill(frame, object);
    if (details !== null) level |= details.fill(frame, object);
    if ((level & wanted) === 0 || isEmpty(object)) {
      run.made.length = before;
      return keeps && run.issues.length > issues ? keepInElement(target, scope, frame, again) : nothing;
    }
    putObject(target, scope, object, frame, level, again);
    return level;
  };
}

/** Whether a value that does not convert is kept as it was sent. */
function keepsRaw({ compiler }: Context): boolean {
  return compiler.settings.rawValues === 'extension';
}

interface Details {
  readonly fill: (frame: Frame, object: FhirObject) => number;
  readonly hasData: boolean;
}

/** The rows of `with`, relative to an element of this type. */
export function compileDetails(inner: Context, rows: readonly Row[], type: string): Details {
  const plan = new ScopePlan();
  const fill = compileRows({ ...inner, plan, type, conditional: false }, rows);
  return {
    hasData: plan.hasData,
    fill: (frame, object) => {
      const scope = plan.open(object);
      const level = fill(frame, scope);
      plan.close(scope);
      return level;
    },
  };
}

/** A row that writes into the element the map writes, or only groups others. */
function compileSelf(context: Context, inner: Context, row: Row, name: string, over: Over): Runner {
  const own =
    row.as !== undefined
      ? compileOwn(context, row.as, name)
      : row.use !== undefined
        ? compileOwnFunction(context, row.use, over.source)
        : null;
  const rest = row.with === undefined ? null : compileRows({ ...inner, plan: context.plan, type: context.type }, row.with);
  const put: Put = (frame, scope) =>
    (own === null ? nothing : own(frame, scope)) | (rest === null ? nothing : rest(frame, scope));
  const nowhere = { repeats: true, path: '' } as Target;
  return over.run(nowhere, put);
}

/** A datatype map that writes parts of this element (`FN[HumanName]` within a name). */
function compileOwn(context: Context, as: string, name: string): (frame: Frame, scope: Scope) => number {
  const map = context.compiler.datatype(as);
  if (map === undefined || map.kind === 'value') throw new WeirError('map-failed', `${name}: ${as} writes no element`);
  context.plan.writes(null, data);
  if (map.hasConstant) context.plan.hasConstant = true;
  return (frame, scope) => {
    if (!map.hasConstant) return map.element(frame, scope.object);
    // Constants of a value that came to nothing must not stay behind.
    const parts: FhirObject = {};
    const level = map.element(frame, parts);
    if (level !== nothing) complete(frame.run, scope.object, parts);
    return level;
  };
}

/** A function that gives parts of this element. */
function compileOwnFunction(context: Context, use: string, source: Source | null): (frame: Frame, scope: Scope) => number {
  const fill = functionElement(context.compiler, use, source?.level.datatype ?? 'ST');
  context.plan.writes(null, data);
  return (frame, scope) => {
    const parts: FhirObject = {};
    const level = fill(frame, parts);
    if (level !== nothing) complete(frame.run, scope.object, parts);
    return level;
  };
}

function compileSetRow(context: Context, inner: Context, row: Row, name: string, over: Over, target: Target): Runner {
  const { source } = over;
  if (row.set === '""') return over.run(target, nullPut(target, name));
  const set = compileSet(inner, row.set as string | number | boolean, name);
  if (!isPrimitive(target.type)) throw new WeirError('map-failed', `${name}: a constant cannot be a ${target.type}`);
  const holder = target.item ?? target.node;
  if (set.kind === 'template') {
    context.plan.writes(holder, data);
    const read = row.use === undefined ? set.read : overText(context.compiler, row.use, set.read, name);
    return overValues(context, over, target, row, converted(read, conversion(target.type, context.compiler.zone)));
  }
  const level = source !== null ? data : context.conditional ? chosen : constant;
  context.plan.writes(holder, level);
  return over.run(target, (frame, scope) => {
    putConstant(target, scope, set.value, frame, source === null ? name : '', level);
    if (source !== null) consume(frame);
    return level;
  });
}

/** `set: '""'`: the message deletes the element without saying so, as a cancelled discharge its end. */
function nullPut(target: Target, name: string): Put {
  return (frame, scope) => {
    const { run, group, segment, field, repetition, component, subcomponent } = frame;
    run.trace.deleted(
      scope.object,
      target.path,
      new Frame(run, group, segment, field, repetition, component, subcomponent, frame, name, ''),
    );
    return nothing;
  };
}

/** The constant stands for the value: its code, or its text. */
function consume(frame: Frame): void {
  if (frame.field === 0) return;
  leaf(frame);
  const { run } = frame;
  run.trace.consumed(frame, '', run.fromComponent, run.fromSubcomponent);
}
