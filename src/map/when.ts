/**
 * `when`, compiled. The common tests on a single value are made directly; everything else goes through the compiler that routes use.
 */
import type { Condition, Operand } from '../hl7/condition.ts';
import { compileCondition, wildcard } from '../hl7/condition-compile.ts';
import { type Context, repeats } from './context.ts';
import { type FieldPath, parseSource } from './paths.ts';
import { type Frame, outward, part } from './runtime.ts';
import { boundDepth, depthOf, SegmentFinder } from './source.ts';

export type Test = (frame: Frame) => boolean;

/** Compiles a condition for frames of the context's last level. */
export function compileWhen(context: Context, condition: Condition): Test {
  switch (condition.kind) {
    case 'and':
      return all(condition.terms.map((term) => compileWhen(context, term)));
    case 'or':
      return any(condition.terms.map((term) => compileWhen(context, term)));
    case 'not': {
      const term = compileWhen(context, condition.term);
      return (frame) => !term(frame);
    }
    case 'valued': {
      const test = someValue(context, condition.path, (text) => text !== '');
      if (test !== null) return test;
      break;
    }
    case 'compare': {
      const { left, right, operator } = condition;
      if (left.kind !== 'path' || right.kind !== 'constant' || (operator !== '=' && operator !== '!=')) break;
      const { value } = right;
      const slow = someValue(
        context,
        left.path,
        (text, frame) => text === value || (text.startsWith(value) && codeOf(frame, text) === value),
      );
      const test = slow === null ? null : quick(context, left.path, [value], slow);
      if (test !== null) return operator === '=' ? test : (frame) => !test(frame);
      break;
    }
    case 'in': {
      if (condition.left.kind !== 'path') break;
      const values = new Set(condition.values);
      const test = someValue(
        context,
        condition.left.path,
        (text, frame) => text !== '' && (values.has(text) || values.has(codeOf(frame, text))),
      );
      if (test !== null) return quick(context, condition.left.path, condition.values, test);
      break;
    }
    case 'like': {
      if (condition.left.kind !== 'path') break;
      const pattern = wildcard(condition.pattern);
      const test = someValue(
        context,
        condition.left.path,
        (text, frame) => text !== '' && (pattern.test(text) || pattern.test(codeOf(frame, text))),
      );
      if (test !== null) return test;
      break;
    }
    case 'type':
      break;
  }
  return compileCondition(countingAll(condition), (path) => compileValues(context, path));
}

/**
 * Most tests fail at the first character, or hold for the whole field: those are decided by the field as sent. What begins alike, or with
 * an escape, is looked at closely.
 */
function quick(context: Context, text: string, wanted: readonly string[], slow: Test): Test {
  const path = parseSource(text);
  if (path.kind !== 'field' || path.component !== 0 || path.repetition !== null || path.occurrence !== null) return slow;
  if (repeats(path.segment, path.field, context.compiler.mappings.local) || boundDepth(context, path) >= 0) return slow;
  if (wanted.some((value) => value === '')) return slow;
  const { field } = path;
  const finder = new SegmentFinder(context, path);
  const firsts = new Set(wanted.map((value) => value.charCodeAt(0)));
  const [only] = wanted;
  const first = wanted.length === 1 ? only?.charCodeAt(0) : undefined;
  return (frame) => {
    const segment = finder.find(frame);
    const unit = segment?.firstUnit(field) ?? 0;
    if (unit === 0) return false;
    if ((first === undefined ? !firsts.has(unit) : unit !== first) && unit !== frame.run.escapeCode) return false;
    return (first !== undefined && segment?.field(field) === only) || slow(frame);
  };
}

/** Whether any of the values at a path passes; null for paths of another kind. */
function someValue(context: Context, text: string, passes: (value: string, frame: Frame) => boolean): Test | null {
  const read = single(context, text);
  if (read !== null) return (frame) => passes(read(frame), frame);
  const path = parseSource(text);
  if (path.kind !== 'field' || path.occurrence === 0) return null;
  const { field, component, subcomponent } = path;
  const finder = new SegmentFinder(context, path);
  return (frame) => {
    const segment = finder.find(frame);
    if (segment === null || segment.firstUnit(field) === 0) return false;
    const count = segment.count(field);
    for (let repetition = 1; repetition <= count; repetition += 1)
      if (passes(segment.value(field, repetition, component, subcomponent), frame)) return true;
    return false;
  };
}

function all(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (first !== undefined && second !== undefined && tests.length === 2) return (frame) => first(frame) && second(frame);
  return (frame) => {
    for (const test of tests) if (!test(frame)) return false;
    return true;
  };
}

function any(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (first !== undefined && second !== undefined && tests.length === 2) return (frame) => first(frame) || second(frame);
  return (frame) => {
    for (const test of tests) if (test(frame)) return true;
    return false;
  };
}

/** A path that is one value: not one that means all repetitions of a field. */
function single(context: Context, text: string): ((frame: Frame) => string) | null {
  const path = parseSource(text);
  switch (path.kind) {
    case 'value':
      return (frame) => frame.text;
    case 'part': {
      const depth = depthOf(context, path);
      const { component, subcomponent } = path;
      if (depth === 0) return (frame) => part(frame, component, subcomponent);
      return (frame) => part(outward(frame, depth), component, subcomponent);
    }
    case 'field': {
      const { field, component, subcomponent, repetition } = path;
      const bound = boundDepth(context, path);
      if (bound >= 0)
        return (frame) => {
          const value = outward(frame, bound);
          return value.segment.value(field, value.repetition, component, subcomponent);
        };
      if (repetition === 0 || path.occurrence === 0) return null;
      // Without a repetition it means any; where the standard has one only, that is the first.
      if (repetition === null && repeats(path.segment, field, context.compiler.mappings.local)) return null;
      const finder = new SegmentFinder(context, path);
      return (frame) => finder.find(frame)?.value(field, repetition ?? 1, component, subcomponent) ?? '';
    }
    case 'segment':
      return null;
  }
}

/** What comparisons compare of a value with components: its first, which is the code of a CWE. */
function codeOf(frame: Frame, text: string): string {
  const { component, subcomponent } = frame.run.delimiters;
  let end = text.length;
  if (component !== '') end = cut(text, component, end);
  if (subcomponent !== '') end = cut(text, subcomponent, end);
  // Without a first component the text as a whole is at least valued.
  return end === text.length || end === 0 ? text : text.slice(0, end);
}

function cut(text: string, delimiter: string, end: number): number {
  const at = text.indexOf(delimiter);
  return at < 0 || at > end ? end : at;
}

/** All valued values at a path. */
function compileValues(context: Context, text: string): (frame: Frame) => readonly string[] {
  const read = single(context, text);
  if (read !== null)
    return (frame) => {
      const value = read(frame);
      return value === '' ? [] : [codeOf(frame, value)];
    };
  const path = parseSource(text);
  if (path.kind === 'field') return compileRepetitions(context, path);
  const name = path.kind === 'segment' ? path.segment : '';
  return (frame) => frame.run.message.segments.filter((segment) => segment.name === name).map((segment) => segment.text);
}

function compileRepetitions(context: Context, path: FieldPath): (frame: Frame) => readonly string[] {
  const { field, component, subcomponent } = path;
  const finder = new SegmentFinder(context, path);
  return (frame) => {
    const segments =
      path.occurrence === 0
        ? frame.run.message.segments.filter((segment) => segment.name === path.segment)
        : [finder.find(frame)];
    const values: string[] = [];
    for (const segment of segments) {
      const count = segment?.count(field) ?? 0;
      for (let repetition = 1; repetition <= count; repetition += 1) {
        const value = segment?.value(field, repetition, component, subcomponent) ?? '';
        if (value !== '') values.push(codeOf(frame, value));
      }
    }
    return values;
  };
}

/** `count` counts the repetitions of the whole field, also where one of them is being worked. */
function countingAll(condition: Condition): Condition {
  if (condition.kind === 'compare') return { ...condition, left: countAll(condition.left), right: countAll(condition.right) };
  if (condition.kind === 'in' || condition.kind === 'like') return { ...condition, left: countAll(condition.left) };
  return condition;
}

function countAll(operand: Operand): Operand {
  if (operand.kind !== 'count') return operand;
  const path = parseSource(operand.path);
  if (path.kind !== 'field' || path.repetition !== null) return operand;
  const { segment, field, component, subcomponent } = path;
  const occurrence = path.occurrence === null ? '' : `[${path.occurrence === 0 ? '*' : path.occurrence}]`;
  const tail = component === 0 ? '' : subcomponent === 0 ? `.${component}` : `.${component}.${subcomponent}`;
  return { kind: 'count', path: `${segment}${occurrence}-${field}[*]${tail}` };
}

/** Whether a condition reads the repetition of a field that a row is working: then it is tested for each. */
export function reads(condition: Condition, segment: string, field: number): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.terms.some((term) => reads(term, segment, field));
    case 'not':
      return reads(condition.term, segment, field);
    case 'valued':
      return isField(condition.path, segment, field);
    case 'compare':
      return readsOperand(condition.left, segment, field) || readsOperand(condition.right, segment, field);
    case 'in':
    case 'like':
      return readsOperand(condition.left, segment, field);
    case 'type':
      return false;
  }
}

function readsOperand(operand: Operand, segment: string, field: number): boolean {
  return (operand.kind === 'path' || operand.kind === 'length') && isField(operand.path, segment, field);
}

function isField(text: string, segment: string, field: number): boolean {
  const path = parseSource(text);
  if (path.kind === 'value') return true;
  return path.kind === 'field' && path.segment === segment && path.field === field && path.repetition === null;
}
