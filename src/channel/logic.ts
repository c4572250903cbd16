/** What can be said of conditions without a message: which takes less than which, and which can never hold. */
import type { Condition, Operand } from '../hl7/condition.ts';
import { formatCondition } from '../hl7/condition-parse.ts';

/** Whether `wide` holds whenever `narrow` does. False where that cannot be seen. */
export function implies(narrow: Condition, wide: Condition): boolean {
  if (formatCondition(narrow) === formatCondition(wide)) return true;
  if (narrow.kind === 'or') return narrow.terms.every((term) => implies(term, wide));
  if (wide.kind === 'and') return wide.terms.every((term) => implies(narrow, term));
  if (wide.kind === 'or' && wide.terms.some((term) => implies(narrow, term))) return true;
  if (narrow.kind === 'and') return narrow.terms.some((term) => implies(term, wide));
  if (narrow.kind === 'type' && wide.kind === 'type')
    return (wide.type === '*' || wide.type === narrow.type) && (wide.event === '*' || wide.event === narrow.event);
  const few = values(narrow);
  const many = values(wide);
  if (few && many) return few.operand === many.operand && few.values.every((value) => many.values.includes(value));
  // A value that equals something is there.
  return wide.kind === 'valued' && few?.operand === wide.path;
}

/** Whether no message can meet the condition. False where that cannot be seen. */
export function contradicts(condition: Condition): boolean {
  switch (condition.kind) {
    case 'or':
      return condition.terms.length > 0 && condition.terms.every(contradicts);
    case 'and': {
      const terms = flat(condition);
      return terms.some(contradicts) || terms.some((term) => terms.some((other) => excludes(term, other)));
    }
    case 'not':
      return constant(condition.term) === true;
    default:
      return constant(condition) === false;
  }
}

/** The terms that must all hold. */
export function flat(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.terms.flatMap(flat) : [condition];
}

/** Whether `a` holding means that `b` does not. */
function excludes(a: Condition, b: Condition): boolean {
  if (b.kind === 'not') return implies(a, b.term);
  return (
    a.kind === 'type' &&
    b.kind === 'type' &&
    ((a.type !== '*' && b.type !== '*' && a.type !== b.type) || (a.event !== '*' && b.event !== '*' && a.event !== b.event))
  );
}

/** What a comparison of constants gives, for every message; undefined where a message decides. */
function constant(condition: Condition): boolean | undefined {
  if (condition.kind === 'in')
    return condition.left.kind === 'constant' ? condition.values.includes(condition.left.value) : undefined;
  if (condition.kind !== 'compare' || condition.left.kind !== 'constant' || condition.right.kind !== 'constant') return undefined;
  const [a, b] = [condition.left.value, condition.right.value];
  switch (condition.operator) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return Number(a) < Number(b);
    case '<=':
      return Number(a) <= Number(b);
    case '>':
      return Number(a) > Number(b);
    case '>=':
      return Number(a) >= Number(b);
  }
}

/** `PATH = "x"` and `PATH in (...)` as the same thing. */
function values(condition: Condition): { operand: string; values: readonly string[] } | undefined {
  if (condition.kind === 'in') return { operand: name(condition.left), values: condition.values };
  if (condition.kind !== 'compare' || condition.operator !== '=' || condition.right.kind !== 'constant') return undefined;
  return { operand: name(condition.left), values: [condition.right.value] };
}

function name(operand: Operand): string {
  return operand.kind === 'path'
    ? operand.path
    : operand.kind === 'constant'
      ? `"${operand.value}"`
      : `${operand.kind}(${operand.path})`;
}
