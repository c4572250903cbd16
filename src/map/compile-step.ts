/** One line of a message map: a resource made or filled from each occurrence of a segment. */
import { WeirError } from '../errors.ts';
import { compileKey } from './compile-key.ts';
import { compileRows } from './compile-row.ts';
import type { Compiler, Content } from './compiler.ts';
import { type Context, rowName } from './context.ts';
import { type Made, made } from './made.ts';
import type { BuildStep, Mode, Row, SettingName } from './mapping.ts';
import { agrees, compilePairs, consumeMatch, wantedAt } from './match.ts';
import { parseSource } from './paths.ts';
import { referenceByName, referTo } from './references.ts';
import { chosen, data, type FhirObject, type Frame, nothing, type RowFn, type Scope } from './runtime.ts';
import { ScopePlan } from './scope.ts';
import { isOn } from './settings.ts';
import { type SkipRule, skipRule } from './skips.ts';
import { compileTarget, isTaken, putObject } from './target.ts';
import { deletes } from './types.ts';
import { compileWhen } from './when.ts';

export type StepFn = (frame: Frame) => void;

/** Compiles a step. Null where it does nothing at all. */
export function compileStep(
  compiler: Compiler,
  message: string,
  step: BuildStep,
  segment: string,
  types: ReadonlyMap<string, string>,
): StepFn | null {
  const name = rowName(message, step);
  const setting = settingOf(step, types);
  const off = setting !== undefined && !isOn(compiler.settings, setting);
  if (step.skip !== undefined)
    return conditional(compiler, message, segment, step, skipping([{ row: name, why: step.why ?? '', path: null }]));
  if (off) return conditional(compiler, message, segment, step, turnedOff(compiler, step, segment, name, setting));
  const type = typeOf(step, types);
  if (type === null) return null;
  const body =
    step.make === undefined
      ? filling(compiler, message, step, segment, name, type, types)
      : making(compiler, message, step, segment, name, type, types);
  return conditional(compiler, message, segment, step, body);
}

/** What the step hangs on. Whatever makes or fills a RelatedPerson hangs on that setting. */
function settingOf(step: BuildStep, types: ReadonlyMap<string, string>): SettingName | undefined {
  if (step.setting !== undefined) return step.setting;
  const type = step.make ?? (step.fill === undefined ? undefined : types.get(step.fill));
  return type === 'RelatedPerson' ? 'relatedPerson' : undefined;
}

function typeOf(step: BuildStep, types: ReadonlyMap<string, string>): string | null {
  if (step.make !== undefined) return step.make;
  if (step.fill === undefined) return null;
  const type = step.fill === 'bundle' ? 'Bundle' : types.get(step.fill);
  if (type === undefined) throw new WeirError('map-failed', `no step makes "${step.fill}"`);
  return type;
}

/** A step whose setting is off: what it leaves out is worked out when the first message comes by, as most never see one. */
function turnedOff(compiler: Compiler, step: BuildStep, segment: string, name: string, setting: SettingName): StepFn {
  let rules: readonly SkipRule[] | null = null;
  return (frame) => {
    rules ??= offRules(compiler, step, segment, name, setting);
    if (rules.length > 0) frame.run.skipped.push(rules, frame);
  };
}

/** A step whose setting is off leaves out what its rows would have read. */
function offRules(compiler: Compiler, step: BuildStep, segment: string, name: string, setting: SettingName): SkipRule[] {
  const rules: SkipRule[] = [];
  const collect = (rows: readonly Row[]): void => {
    for (const row of rows) {
      const left = skipRule(row, name);
      if (left !== null) rules.push(left);
      const path = row.from === undefined ? null : parseSource(row.from);
      if (path?.kind === 'field' && path.segment === segment)
        rules.push({ row: name, why: `the setting ${setting} is off`, path });
      if (row.with !== undefined) collect(row.with);
    }
  };
  collect([...(step.map === undefined ? [] : segmentRows(compiler, step.map)), ...(step.rows ?? [])]);
  return rules;
}

function skipping(rules: readonly SkipRule[]): StepFn {
  return (frame) => {
    frame.run.skipped.push(rules, frame);
  };
}

function conditional(compiler: Compiler, message: string, segment: string, step: BuildStep, body: StepFn): StepFn {
  if (step.when === undefined) return body;
  const test = compileWhen(contextOf(compiler, message, segment, '', new ScopePlan(), []), step.when);
  return (frame) => {
    if (test(frame)) body(frame);
  };
}

function contextOf(compiler: Compiler, map: string, segment: string, type: string, plan: ScopePlan, skips: SkipRule[]): Context {
  return { compiler, map, levels: [{ segment, field: 0, datatype: '' }], type, plan, conditional: false, skips };
}

/** The rows of the segment map and of the step itself; gives what they wrote. */
function compileContent(
  compiler: Compiler,
  message: string,
  step: BuildStep,
  segment: string,
  type: string,
): { readonly fill: (frame: Frame, object: FhirObject) => number; readonly hasData: boolean } {
  const { plan, skips, fill } = contentOf(compiler, message, step, segment, type);
  // Occurrences that write together go on with the items that the first one opened.
  const shared = step.together ? new WeakMap<FhirObject, Scope>() : null;
  return {
    hasData: plan.hasData,
    fill: (frame, object) => {
      const scope = shared?.get(object) ?? plan.open(object);
      shared?.set(object, scope);
      const level = fill(frame, scope);
      plan.close(scope);
      if (skips.length > 0) frame.run.skipped.push(skips, frame);
      return level;
    },
  };
}

/** Message maps have segment maps, and steps by `like`, in common: those are compiled once. */
function contentOf(compiler: Compiler, message: string, step: BuildStep, segment: string, type: string): Content {
  const { map, rows } = step;
  const compiled = (): Content => {
    const plan = new ScopePlan();
    const skips: SkipRule[] = [];
    const parts: RowFn[] = [];
    if (map !== undefined)
      parts.push(compileRows(contextOf(compiler, map, segment, type, plan, skips), segmentRows(compiler, map)));
    if (rows !== undefined) parts.push(compileRows(contextOf(compiler, message, segment, type, plan, skips), rows));
    const [only] = parts;
    const fill: RowFn =
      only !== undefined && parts.length === 1
        ? only
        : (frame, scope) => parts.reduce((level, part) => level | part(frame, scope), nothing);
    return { plan, skips, fill };
  };
  return compiler.content(rows === undefined ? `${map}/${segment}` : step, type, compiled);
}

function segmentRows(compiler: Compiler, name: string): readonly Row[] {
  const map = compiler.mappings.segments.get(name);
  if (map === undefined) throw new WeirError('map-failed', `there is no segment map ${name}`);
  return map.rows;
}

/** What a step does with the resource beside filling it: the references from it, and those to it. */
function compileLinks(
  compiler: Compiler,
  step: BuildStep,
  name: string,
  type: string,
  types: ReadonlyMap<string, string>,
): (frame: Frame, resource: FhirObject, self: Made) => void {
  const plan = new ScopePlan();
  const refs = Object.entries(step.refs ?? {}).map(([element, to]) =>
    referenceByName(compileTarget(plan, type, element), compiler.name(to), name),
  );
  const into = step.into === undefined ? null : compileInto(compiler, step.into, name, types);
  return (frame, resource, self) => {
    if (refs.length > 0) {
      const scope = plan.open(resource);
      for (const ref of refs) ref(frame, scope);
    }
    if (into !== null) into(frame, self);
  };
}

/** `report.result`: a reference is added there, whether the report is made already or later. */
function compileInto(
  compiler: Compiler,
  into: string,
  row: string,
  types: ReadonlyMap<string, string>,
): (frame: Frame, self: Made) => void {
  const dot = into.indexOf('.');
  const holder = into.slice(0, dot);
  const type = types.get(holder);
  if (dot < 0 || type === undefined) throw new WeirError('map-failed', `${row}: no step makes the resource of "${into}"`);
  const plan = new ScopePlan();
  const target = compileTarget(plan, type, into.slice(dot + 1));
  const name = compiler.name(holder);
  const add = (frame: Frame, self: Made, to: Made): void => {
    const scope = plan.open(to.object);
    if (isTaken(target, scope)) return;
    const reference = referTo(frame.run, self);
    frame.run.trace.constant(reference, 'reference', frame, row);
    putObject(target, scope, reference, frame, data, false);
  };
  return (frame, self) => {
    const to = frame.group.find(name);
    if (to !== null) add(frame, self, to);
    else
      frame.run.late.push(() => {
        const later = frame.group.findLate(name);
        if (later !== null) add(frame, self, later);
      });
  };
}

function making(
  compiler: Compiler,
  message: string,
  step: BuildStep,
  segment: string,
  row: string,
  type: string,
  types: ReadonlyMap<string, string>,
): StepFn {
  const content = compileContent(compiler, message, step, segment, type);
  const context = contextOf(compiler, message, segment, type, new ScopePlan(), []);
  const key = compileKey(context, step.key, true, row);
  const name = step.as === undefined ? null : compiler.name(step.as);
  const link = compileLinks(compiler, step, row, type, types);
  const modeOf = compileMode(context, step);
  const gone: readonly SkipRule[] | null = deletes(compiler.settings)
    ? [{ row, why: 'the message deletes the resource', path: null }]
    : null;
  // A resource of constants alone says nothing where the map has rows that read something.
  const wanted = content.hasData ? data | chosen : ~nothing;
  return (frame) => {
    const { run } = frame;
    const before = run.made.length;
    const object: FhirObject = { resourceType: type };
    if ((content.fill(frame, object) & wanted) === 0) {
      run.made.length = before;
      return;
    }
    const mode = modeOf(frame);
    const resource = made(type, object, mode, frame, key === null ? null : key(frame));
    resource.step = true;
    // Before what it refers to, as a reader expects it.
    run.made.splice(before, 0, resource);
    if (gone !== null && mode === 'delete') run.skipped.push(gone, frame);
    if (name !== null) frame.group.add(name, resource);
    link(frame, object, resource);
  };
}

/** The mode of what a step makes, which the message may decide (`delete`). */
function compileMode(context: Context, step: BuildStep): (frame: Frame) => Mode {
  const mode = step.mode ?? 'update';
  if (step.delete === undefined) return () => mode;
  const test = compileWhen(context, step.delete);
  return (frame) => (test(frame) ? 'delete' : mode);
}

function filling(
  compiler: Compiler,
  message: string,
  step: BuildStep,
  segment: string,
  row: string,
  type: string,
  types: ReadonlyMap<string, string>,
): StepFn {
  const { fill } = compileContent(compiler, message, step, segment, type);
  if (step.fill === 'bundle') return (frame) => void fill(frame, frame.run.bundle);
  const name = compiler.name(step.fill as string);
  const link = compileLinks(compiler, step, row, type, types);
  const apply = (frame: Frame, to: Made): void => {
    fill(frame, to.object);
    link(frame, to.object, to);
  };
  const { match } = step;
  if (match !== undefined) {
    const pairs = compilePairs(contextOf(compiler, message, segment, type, new ScopePlan(), []), match, row);
    const matching = (frame: Frame): Made | null => {
      const wanted = wantedAt(pairs, frame);
      return frame.group.findAmong(name, (one) => agrees(pairs, wanted, one));
    };
    return whenMade(matching, matching, (frame, to) => {
      apply(frame, to);
      consumeMatch(pairs, frame);
    });
  }
  return whenMade(
    ({ group }) => group.find(name),
    ({ group }) => group.findLate(name),
    apply,
  );
}

/** Does something with a resource that is there now, or that a later segment makes. */
function whenMade(
  find: (frame: Frame) => Made | null,
  findLate: (frame: Frame) => Made | null,
  apply: (frame: Frame, to: Made) => void,
): StepFn {
  return (frame) => {
    const found = find(frame);
    if (found !== null) apply(frame, found);
    else
      frame.run.late.push(() => {
        const later = findLate(frame);
        if (later !== null) apply(frame, later);
      });
  };
}
