/**
 * The `when` language as text: `parseCondition` reads it, `formatCondition` writes it back. Grammar in docs/mapping-language.md,
 * "Conditions". Recursive descent, one function a production.
 */
import type { Condition, Operand } from './condition.ts';

/** A condition that cannot be read or compiled. `offset` counts characters of the text from 0; `message` is a sentence for a person. */
export class ConditionError extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = 'ConditionError';
    this.offset = offset;
  }
}

type Operator = Extract<Condition, { kind: 'compare' }>['operator'];
type TokenKind = 'path' | 'type' | 'string' | 'number' | 'word' | 'symbol' | 'end';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

// A field path (PID-3[2].4.2), a datatype path (CX.4.2), a segment alone (PV1), or the whole value.
const path =
  /\$value|[A-Z][A-Z0-9]{2}(?:\[(?:\*|[1-9]\d*)\])?-[1-9]\d*(?:\[(?:\*|[1-9]\d*)\])?(?:\.[1-9]\d*){0,2}|[A-Z][A-Z0-9]{1,2}(?:\.[1-9]\d*){1,2}|[A-Z][A-Z0-9]{2}(?:\[(?:\*|[1-9]\d*)\])?/y;
const type = /([A-Z][A-Z0-9]{2}|\*)\^([A-Z0-9]{3}|\*)/y;
const number = /-?\d+(?:\.\d+)?/y;
const word = /[A-Za-z_]+/y;
const symbol = /!=|<=|>=|[=<>(),]/y;
const keywords = new Set(['and', 'or', 'not', 'valued', 'in', 'like', 'length', 'count']);
const operators = new Set<string>(['=', '!=', '<', '<=', '>', '>=']);

// Deeper than any analyst writes, shallow enough that the parser's own stack holds.
const maxDepth = 100;

/**
 * Reads a condition.
 * @throws ConditionError with the offset of the first thing that cannot be read
 */
export function parseCondition(text: string): Condition {
  const parser = new Parser(tokenize(text));
  const condition = parser.condition(0);
  parser.end();
  return condition;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  condition(depth: number): Condition {
    return this.#list('or', () => this.#list('and', () => this.#factor(depth)));
  }

  end(): void {
    const next = this.#peek();
    if (next.kind !== 'end') throw unexpected(next, '"and", "or" or the end of the condition');
  }

  #list(kind: 'and' | 'or', item: () => Condition): Condition {
    const first = item();
    if (!this.#is(kind)) return first;
    const terms = [first];
    while (this.#take(kind)) terms.push(item());
    return { kind, terms };
  }

  #factor(depth: number): Condition {
    if (depth > maxDepth)
      throw new ConditionError(
        this.#peek().offset,
        `The condition is nested too deeply (more than ${maxDepth} levels); split it into rows`,
      );
    if (this.#take('not')) return { kind: 'not', term: this.#factor(depth + 1) };
    if (this.#take('(')) {
      const inner = this.condition(depth + 1);
      this.#expect(')');
      return inner;
    }
    return this.#test();
  }

  #test(): Condition {
    const first = this.#peek();
    if (first.kind === 'type') {
      this.#at++;
      const [messageType = '', event = ''] = first.text.split('^');
      return { kind: 'type', type: messageType, event };
    }
    const left = this.#operand();
    const negated = this.#take('not');
    if (left.kind === 'path' && this.#take('valued')) return negate(negated, { kind: 'valued', path: left.path });
    if (this.#take('in')) return negate(negated, { kind: 'in', left, values: this.#values() });
    if (this.#take('like')) return negate(negated, { kind: 'like', left, pattern: this.#string() });
    const next = this.#peek();
    if (!negated && next.kind === 'symbol' && operators.has(next.text)) {
      this.#at++;
      return { kind: 'compare', left, operator: next.text as Operator, right: this.#operand() };
    }
    throw unexpected(
      next,
      negated
        ? '"valued", "in" or "like"'
        : left.kind === 'path'
          ? '"valued", "in", "like" or a comparison'
          : '"in", "like" or a comparison',
    );
  }

  #operand(): Operand {
    const next = this.#peek();
    this.#at++;
    if (next.kind === 'path') return { kind: 'path', path: next.text };
    if (next.kind === 'string' || next.kind === 'number') return { kind: 'constant', value: next.text };
    if (next.kind === 'word' && (next.text === 'length' || next.text === 'count')) {
      this.#expect('(');
      const measured = this.#peek();
      if (measured.kind !== 'path') throw unexpected(measured, 'a path, such as PID-3.1');
      this.#at++;
      this.#expect(')');
      return { kind: next.text, path: measured.text };
    }
    throw unexpected(next, 'a path, a string in quotes, a number, length(PATH) or count(PATH)');
  }

  #values(): string[] {
    this.#expect('(');
    const values: string[] = [];
    do {
      values.push(this.#string());
    } while (this.#take(','));
    this.#expect(')');
    return values;
  }

  #string(): string {
    const next = this.#peek();
    if (next.kind !== 'string') throw unexpected(next, 'a string in quotes');
    this.#at++;
    return next.text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? (this.#tokens.at(-1) as Token);
  }

  #is(text: string): boolean {
    const next = this.#peek();
    return (next.kind === 'word' || next.kind === 'symbol') && next.text === text;
  }

  #take(text: string): boolean {
    const found = this.#is(text);
    if (found) this.#at++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw unexpected(this.#peek(), `"${text}"`);
  }
}

function negate(negated: boolean, term: Condition): Condition {
  return negated ? { kind: 'not', term } : term;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++;
    if (at >= text.length) break;
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      const [value, end] = readString(text, at, quote);
      tokens.push({ kind: 'string', text: value, offset: at });
      at = end;
      continue;
    }
    const token = match(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

function match(text: string, at: number): Token {
  for (const [kind, pattern] of [
    ['type', type],
    ['path', path],
    ['word', word],
    ['number', number],
    ['symbol', symbol],
  ] as const) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    // What runs on is another thing than it began as: PID-3.4.2.1 is no path, and PIDX no segment.
    if (kind !== 'symbol' && /[\w.[^-]/.test(text[at + found.length] ?? '')) break;
    if (kind === 'word' && !keywords.has(found)) {
      const lower = found.toLowerCase();
      const hint = keywords.has(lower) ? `write "${lower}"` : 'write a path like PID-3.1, or put a constant in quotes';
      throw new ConditionError(at, `"${found}" is no word of the condition language (at character ${at + 1}); ${hint}`);
    }
    return { kind, text: found, offset: at };
  }
  const rest = /^[^\s(),=<>!]+|^./u.exec(text.slice(at, at + 40))?.[0] ?? '';
  const hint = /^[A-Za-z$]/.test(rest)
    ? 'write a path like PID-3[2].4.2, CX.4 or $value, or put a constant in quotes'
    : 'remove it, or put it in quotes';
  throw new ConditionError(at, `"${rest}" cannot be read (at character ${at + 1}); ${hint}`);
}

/** A string from its quote: its value, and the offset behind it. `\"` and `\\` stand for the quote and the backslash. */
function readString(text: string, start: number, quote: string): [string, number] {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (char === quote) return [value, at + 1];
    const next = text[at + 1];
    if (char === '\\' && (next === quote || next === '\\')) {
      value += next;
      at++;
    } else value += char;
  }
  throw new ConditionError(start, `The string does not end (it begins at character ${start + 1}); close it with ${quote}`);
}

function unexpected(token: Token, wanted: string): ConditionError {
  const what = token.kind === 'end' ? 'The condition ends too early' : `"${token.text}" stands where it cannot`;
  return new ConditionError(
    token.offset,
    `${what} (at character ${token.offset + 1}, expected ${wanted}); ${token.kind === 'end' ? 'complete' : 'correct'} the condition`,
  );
}

/** The text of a condition; `parseCondition` gives the same condition back. */
export function formatCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.terms
        .map((term) => (binds(term) > binds(condition) ? formatCondition(term) : `(${formatCondition(term)})`))
        .join(` ${condition.kind} `);
    case 'not': {
      const { term } = condition;
      if (term.kind === 'valued') return `${term.path} not valued`;
      if (term.kind === 'in') return `${formatOperand(term.left)} not in (${term.values.map(quoted).join(', ')})`;
      if (term.kind === 'like') return `${formatOperand(term.left)} not like ${quoted(term.pattern)}`;
      return binds(term) > 1 ? `not ${formatCondition(term)}` : `not (${formatCondition(term)})`;
    }
    case 'valued':
      return `${condition.path} valued`;
    case 'compare':
      return `${formatOperand(condition.left)} ${condition.operator} ${formatOperand(condition.right)}`;
    case 'in':
      return `${formatOperand(condition.left)} in (${condition.values.map(quoted).join(', ')})`;
    case 'like':
      return `${formatOperand(condition.left)} like ${quoted(condition.pattern)}`;
    case 'type':
      return `${condition.type}^${condition.event}`;
  }
}

function binds(condition: Condition): number {
  return condition.kind === 'or' ? 0 : condition.kind === 'and' ? 1 : 2;
}

function formatOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'path':
      return operand.path;
    case 'constant':
      return /^-?(0|[1-9]\d{0,5})$/.test(operand.value) ? operand.value : quoted(operand.value);
    default:
      return `${operand.kind}(${operand.path})`;
  }
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
