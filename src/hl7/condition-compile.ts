/** Conditions compiled into plain functions: nothing of the `when` language is interpreted for each message. */

import type { Condition, Operand } from './condition.ts';
import { ConditionError } from './condition-parse.ts';

type Compare = Extract<Condition, { kind: 'compare' }>;
type Values<S> = (scope: S) => readonly string[];

/**
 * Compiles a condition over scopes of type `S` (a message, a group, a repetition).
 * @param reader compiles a path into a function that gives all valued values there, unescaped; none: `[]`
 * @param type gives MSH-9.1 and MSH-9.2; without it a condition such as `ADT^A01` is refused
 * @returns a function that throws only what `reader` and `type` throw
 * @throws ConditionError where the condition names a message type and `type` is not given
 */
export function compileCondition<S>(
  condition: Condition,
  reader: (path: string) => Values<S>,
  type?: (scope: S) => readonly [string, string],
): (scope: S) => boolean {
  switch (condition.kind) {
    case 'and': {
      const terms = condition.terms.map((term) => compileCondition(term, reader, type));
      return (scope) => terms.every((term) => term(scope));
    }
    case 'or': {
      const terms = condition.terms.map((term) => compileCondition(term, reader, type));
      return (scope) => terms.some((term) => term(scope));
    }
    case 'not': {
      const term = compileCondition(condition.term, reader, type);
      return (scope) => !term(scope);
    }
    case 'valued': {
      const read = reader(condition.path);
      return (scope) => read(scope).length > 0;
    }
    case 'compare':
      return compileCompare(condition, reader);
    case 'in': {
      const read = operand(condition.left, reader);
      const values = new Set(condition.values);
      return (scope) => read(scope).some((value) => values.has(value));
    }
    case 'like': {
      const read = operand(condition.left, reader);
      const pattern = wildcard(condition.pattern);
      return (scope) => read(scope).some((value) => pattern.test(value));
    }
    case 'type':
      return compileType(condition.type, condition.event, type);
  }
}

/** The whole value, `*` for any text. */
export function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function compileType<S>(
  wantedType: string,
  wantedEvent: string,
  type: ((scope: S) => readonly [string, string]) | undefined,
): (scope: S) => boolean {
  if (!type)
    throw new ConditionError(
      0,
      `${wantedType}^${wantedEvent} tests the message type (only the routes of a channel can); test MSH-9.1 and MSH-9.2 instead`,
    );
  return (scope) => {
    const [messageType, event] = type(scope);
    return (wantedType === '*' || wantedType === messageType) && (wantedEvent === '*' || wantedEvent === event);
  };
}

/** A comparison holds where it holds for any of the values on either side; `!=` is the opposite of `=`, so it holds for an empty path. */
function compileCompare<S>(condition: Compare, reader: (path: string) => Values<S>): (scope: S) => boolean {
  const { operator } = condition;
  if (isMeasure(condition.left) && condition.right.kind === 'constant')
    return compileMeasure(condition.left, operator, decimal(condition.right.value), reader(condition.left.path));
  const left = operand(condition.left, reader);
  const right = operand(condition.right, reader);
  if (operator === '=' || operator === '!=') {
    const wanted = operator === '=';
    // A measure is a number, and `count(PID-3) = 02` is meant as one.
    const measured = isMeasure(condition.left) || isMeasure(condition.right);
    const equal = measured ? (a: string, b: string) => decimal(a) === decimal(b) : (a: string, b: string) => a === b;
    return (scope) => someHolds(left(scope), right(scope), equal) === wanted;
  }
  const holds = bySize[operator];
  return (scope) => someHolds(left(scope), right(scope), (a, b) => holds(decimal(a), decimal(b)));
}

function someHolds(left: readonly string[], right: readonly string[], holds: (a: string, b: string) => boolean): boolean {
  for (const a of left) for (const b of right) if (holds(a, b)) return true;
  return false;
}

/** A length or count beside a constant: numbers from the start. Of several lengths any may hold. */
function compileMeasure<S>(side: Measure, operator: Compare['operator'], than: number, read: Values<S>): (scope: S) => boolean {
  if (operator === '!=') {
    const equal = compileMeasure(side, '=', than, read);
    return (scope) => !equal(scope);
  }
  const holds = operator === '=' ? (a: number, b: number) => a === b : bySize[operator];
  if (side.kind === 'count') return (scope) => holds(read(scope).length, than);
  return (scope) => {
    const values = read(scope);
    // An empty path has the length 0.
    return values.length === 0 ? holds(0, than) : values.some((value) => holds(charactersIn(value), than));
  };
}

/** Code points, so that a letter beyond the BMP is one character. */
function charactersIn(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}

// A comparison with NaN is false, which is what a value that is no number should be.
const bySize: Record<'<' | '<=' | '>' | '>=', (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** The number that a text stands for in HL7's NM (2.9, 2A.3.45), or NaN. Number() alone would read '' as 0 and take 0x10. */
function decimal(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(text) ? Number(text) : Number.NaN;
}

type Measure = Extract<Operand, { kind: 'length' | 'count' }>;

function isMeasure(side: Operand): side is Measure {
  return side.kind === 'length' || side.kind === 'count';
}

function operand<S>(side: Operand, reader: (path: string) => Values<S>): Values<S> {
  if (side.kind === 'constant') {
    const constant = [side.value];
    return () => constant;
  }
  const read = reader(side.path);
  switch (side.kind) {
    case 'path':
      return read;
    case 'count':
      return (scope) => [String(read(scope).length)];
    case 'length':
      return (scope) => {
        const values = read(scope);
        return values.length === 0 ? ['0'] : values.map((value) => String(charactersIn(value)));
      };
  }
}
