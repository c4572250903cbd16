import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, Operand } from './condition.ts';
import { compileCondition } from './condition-compile.ts';
import { ConditionError, formatCondition, parseCondition } from './condition-parse.ts';

const paths = fc.constantFrom(
  'PID-3',
  'PID-3[2].4.2',
  'OBX[*]-3.1',
  'CX.4',
  'CX.4.2',
  'PV1',
  '$value',
  'HD.1',
  'ZPI-2',
  'OBX[3]-5',
);
const operands: fc.Arbitrary<Operand> = fc.oneof(
  paths.map((path) => ({ kind: 'path' as const, path })),
  fc.oneof(fc.string(), fc.integer().map(String)).map((value) => ({ kind: 'constant' as const, value })),
  paths.map((path) => ({ kind: 'length' as const, path })),
  paths.map((path) => ({ kind: 'count' as const, path })),
);
const { condition: conditions } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    paths.map((path) => ({ kind: 'valued' as const, path })),
    fc.record({
      kind: fc.constant('compare' as const),
      left: operands,
      operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
      right: operands,
    }),
    fc.record({
      kind: fc.constant('in' as const),
      left: operands,
      values: fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('like' as const), left: operands, pattern: fc.string() }),
    fc.record({
      kind: fc.constant('type' as const),
      type: fc.constantFrom('ADT', 'ORU', '*'),
      event: fc.constantFrom('A08', 'Z01', '*'),
    }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('condition'), { minLength: 2, maxLength: 4 }),
    }),
    tie('condition').map((term) => ({ kind: 'not' as const, term })),
  ),
}));

describe('the grammar in docs/mapping-language.md', () => {
  it('reads back what it writes, for any condition', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        expect(parseCondition(formatCondition(condition))).toEqual(condition);
      }),
    );
  });

  it('throws nothing but a ConditionError whose offset lies in the text', () => {
    const junk = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('PID-3', 'not', '(', ')', '"', 'in', ',', '=', 'ADT^A01', '^', ' ', 'length', '$'))
        .map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(junk, (text) => {
        try {
          parseCondition(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError);
          expect((error as ConditionError).offset).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });

  it.each([
    ['PID-8 = ', 8],
    ['PID-8 = "F', 8],
    ['PID-8 is "F"', 6],
    ['PID-8 = F', 8],
    ['PID-8 in ("F", M)', 15],
    ['(PID-8 valued', 13],
    ['PID-8 valued PID-7 valued', 13],
    ['PID-3.4.2.1 valued', 0],
    ['PID-0 valued', 0],
    ['PID-8 valued AND PID-7 valued', 13],
    ['length(8) > 2', 7],
    ['', 0],
  ])('points into %j', (text, offset) => {
    expect(() => parseCondition(text)).toThrow(expect.objectContaining({ name: 'ConditionError', offset }));
  });

  it('refuses nesting that would exhaust the stack', () => {
    expect(() => parseCondition(`${'('.repeat(100_000)}PID-8 valued`)).toThrow(ConditionError);
    expect(() => parseCondition(`${'not '.repeat(100_000)}PID-8 valued`)).toThrow(ConditionError);
  });

  it('binds "and" closer than "or", and "not" closest', () => {
    expect(formatCondition(parseCondition('not PID-8 = "F" and PID-7 valued or ADT^*'))).toBe(
      'not PID-8 = "F" and PID-7 valued or ADT^*',
    );
    expect(parseCondition('PID-1 valued or PID-2 valued and PID-3 valued').kind).toBe('or');
  });
});

describe('compiled conditions', () => {
  const scope: Record<string, string[]> = {
    'PID-8': ['F'],
    'PID-3': ['a', 'bcd'],
    'PID-7': ['19800101'],
    'OBX-5': ['1.0'],
    'PID-9': ['""'],
  };
  const holds = (text: string) =>
    compileCondition<typeof scope>(
      parseCondition(text),
      (path) => (values) => values[path] ?? [],
      () => ['ADT', 'A08'],
    )(scope);

  it.each([
    ['PID-8 valued', true],
    ['PID-5 valued', false],
    ['PID-5 not valued', true],
    ['PID-9 valued', true],
    ['PID-8 = "F"', true],
    ['PID-8 != "F"', false],
    ['PID-5 = ""', false],
    ['PID-5 != "F"', true],
    ['PID-3 = "bcd"', true],
    ['PID-8 in ("M", "F")', true],
    ['PID-8 not in ("M", "F")', false],
    ['PID-5 not in ("M")', true],
    ['PID-8 like "F*"', true],
    ['PID-8 like "M*"', false],
    ['PID-8 not like "F"', false],
    ['PID-99 like "*"', false],
    ['length(PID-7) > 7', true],
    ['length(PID-5) = 0', true],
    ['count(PID-3) = 2', true],
    ['count(PID-5) < 1', true],
    ['OBX-5 <= 1', true],
    ['OBX-5 = 1', false],
    ['PID-8 > 0', false],
    ['PID-5 < 1', false],
    ['ADT^A08', true],
    ['ADT^*', true],
    ['ORU^*', false],
    ['ADT^A01 or *^A08', true],
    ['not (ADT^A08 and PID-8 = "F")', false],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it('refuses a message type where the scope has none', () => {
    expect(() => compileCondition(parseCondition('ADT^A08'), () => () => [])).toThrow(ConditionError);
  });
});
