/**
 * FHIR decimals carry their precision (FHIR R4, 2.24.0.1: 1.0 is not 1.00), and JavaScript numbers do not. Where it would be lost a number
 * is kept as a raw JSON value (`JSON.rawJSON`), which `JSON.stringify` writes back letter by letter.
 */

export interface RawJson {
  readonly rawJSON: string;
}

/** The parts of ECMAScript's JSON.parse source text access that TypeScript's library does not declare. */
const json = JSON as typeof JSON & {
  isRawJSON(value: unknown): value is RawJson;
  rawJSON(text: string): RawJson;
};

type Parse = (text: string, reviver: (key: string, value: unknown, context?: { source?: string }) => unknown) => unknown;

/** Whether the value is a number kept with its own digits. */
export function isRawNumber(value: unknown): value is RawJson {
  // Hardly any object is one, and to look for the member costs a fraction of the call.
  return typeof value === 'object' && value !== null && (value as RawJson).rawJSON !== undefined && json.isRawJSON(value);
}

/** A number with exactly these digits. Throws SyntaxError where the text is no JSON number. */
export function rawNumber(text: string): RawJson {
  if (!/^-?\d/.test(text)) throw new SyntaxError('not a JSON number');
  return json.rawJSON(text);
}

/** The value of a number, kept raw or not; NaN for anything else. Good for comparing, not for keeping. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return isRawNumber(value) ? Number(value.rawJSON) : Number.NaN;
}

/** Digits that a JavaScript number may not give back: trailing zeros of a fraction, exponents, what it writes as 1e-7, more than 15 digits, and -0. */
const fragile = /\d\.\d*0(?!\d)|0\.000000|\d[eE][+-]?\d|[\d.]{16}|-0(?![.\d])/;

/** JSON.parse that keeps the digits of every number. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  // The reviver costs several times the parse, and most texts have no such number; a match inside a string costs only time.
  if (!fragile.test(text)) return JSON.parse(text);
  return (JSON.parse as Parse)(text, (_key, value, context) => {
    const source = context?.source;
    return typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON(source) : value;
  });
}
