import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, Operand } from '../hl7/condition.ts';
import { compileCondition } from '../hl7/condition-compile.ts';
import { parseCondition } from '../hl7/condition-parse.ts';
import { contradicts, implies } from './logic.ts';

// Few paths and values, so that conditions meet often.
const paths = fc.constantFrom('PID-1', 'PID-2');
const values = fc.constantFrom('a', 'b', '1');
const operands: fc.Arbitrary<Operand> = fc.oneof(
  paths.map((path) => ({ kind: 'path' as const, path })),
  values.map((value) => ({ kind: 'constant' as const, value })),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    paths.map((path) => ({ kind: 'valued' as const, path })),
    fc.record({
      kind: fc.constant('compare' as const),
      left: operands,
      operator: fc.constantFrom('=', '!=', '<', '>='),
      right: operands,
    }),
    fc.record({ kind: fc.constant('in' as const), left: operands, values: fc.array(values, { minLength: 1, maxLength: 2 }) }),
    fc.record({
      kind: fc.constant('type' as const),
      type: fc.constantFrom('ADT', 'ORU', '*'),
      event: fc.constantFrom('A01', 'A03', '*'),
    }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
    }),
    tie('condition').map((term) => ({ kind: 'not' as const, term })),
  ),
}));

interface Scope {
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly type: readonly [string, string];
}
const scopes: fc.Arbitrary<Scope> = fc.record({
  fields: fc.record({ 'PID-1': fc.array(values, { maxLength: 2 }), 'PID-2': fc.array(values, { maxLength: 2 }) }),
  type: fc.tuple(fc.constantFrom('ADT', 'ORU'), fc.constantFrom('A01', 'A03')),
});

function holds(one: Condition, scope: Scope): boolean {
  return compileCondition<Scope>(
    one,
    (path) =>
      ({ fields }) =>
        fields[path] ?? [],
    ({ type }) => type,
  )(scope);
}

describe('a route is called unreachable only where no message can reach it', () => {
  it('what is said to imply never fails to', () => {
    fc.assert(
      fc.property(condition, condition, fc.array(scopes, { minLength: 5 }), (narrow, wide, messages) => {
        fc.pre(implies(narrow, wide));
        for (const message of messages) if (holds(narrow, message)) expect(holds(wide, message)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('what is said to contradict itself never holds', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 2, maxLength: 4 }), fc.array(scopes, { minLength: 5 }), (terms, messages) => {
        const all: Condition = { kind: 'and', terms };
        fc.pre(contradicts(all));
        for (const message of messages) expect(holds(all, message)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['ADT^A01', 'ADT^*', true],
    ['ADT^*', 'ADT^A01', false],
    ['ADT^A01 and PID-1 = "a"', 'PID-1 in ("a", "b")', true],
    ['PID-1 in ("a", "b")', 'PID-1 = "a"', false],
    ['PID-1 = "a"', 'PID-1 valued', true],
    ['PID-1 = "a" or PID-1 = "b"', 'PID-1 valued or ADT^*', true],
    ['PID-1 = "a"', 'PID-1 = "a" and PID-2 valued', false],
  ])('%s implies %s: %s', (narrow, wide, expected) => {
    expect(implies(parseCondition(narrow), parseCondition(wide))).toBe(expected);
  });
});
