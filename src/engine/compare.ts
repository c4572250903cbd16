/** What a test expects against what came out. */
import type { Tried } from '../map/trial.ts';

/** One thing that is otherwise than expected: where, and both sides as text. */
export interface Difference {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** The expectations of any mapping: issues, dropped fields, codes, what must be absent, counts, and parts by type. */
export function compareMapped(
  expect: Readonly<Record<string, unknown>>,
  tried: Tried,
  others: readonly string[] = [],
): Difference[] {
  return Object.entries(expect).flatMap(([key, expected]) => {
    if (others.includes(key)) return [];
    switch (key) {
      case 'issues':
        return sameList(
          key,
          expected,
          tried.issues.map(({ code, path }) => `${code} ${path}`),
        );
      case 'dropped':
        return sameList(key, expected, tried.dropped ?? []);
      case 'unmapped':
        return sameList(
          key,
          expected,
          tried.unmapped.map(({ code, path }) => `${code} ${path}`),
        );
      case 'absent':
        return list(expected).flatMap((path) => present(String(path), tried));
      case 'count':
        return Object.entries((expected ?? {}) as Record<string, number>).flatMap(([type, count]) => {
          const found = (tried.parts.get(type) ?? []).length;
          return found === count ? [] : [{ path: `count.${type}`, expected: String(count), found: String(found) }];
        });
      default:
        return compareParts(key, expected, tried.parts.get(key) ?? []);
    }
  });
}

/** Parts of one type: each that is expected matches one of its own. */
function compareParts(type: string, expected: unknown, found: readonly unknown[]): Difference[] {
  if (expected === null) return found.length === 0 ? [] : [{ path: type, expected: 'none', found: show(found) }];
  if (found.length === 0) return [{ path: type, expected: show(expected), found: 'none' }];
  return compare(expected, found, type);
}

/**
 * Whether a value has all that is expected of it; more may be there. An object's keys are compared one by one, and null means that there is
 * none. A list expects an item of its own for each of its items, in any order; anything else that is expected of a list, some item has.
 */
export function compare(expected: unknown, found: unknown, path: string): Difference[] {
  if (expected === null) return found === undefined ? [] : [{ path, expected: 'nothing', found: show(found) }];
  if (Array.isArray(expected)) {
    const left = Array.isArray(found) ? [...found] : found === undefined ? [] : [found];
    return expected.flatMap((item, index) => {
      const [differences, at] = nearest(item, left, `${path}[${index}]`);
      if (differences.length === 0) left.splice(at, 1);
      return differences;
    });
  }
  if (Array.isArray(found)) return nearest(expected, found, path)[0];
  if (typeof expected === 'object') {
    if (found === null || typeof found !== 'object') return [{ path, expected: show(expected), found: show(found) }];
    return Object.entries(expected).flatMap(([key, inner]) =>
      compare(inner, (found as Record<string, unknown>)[key], `${path}.${key}`),
    );
  }
  return expected === found ? [] : [{ path, expected: show(expected), found: show(found) }];
}

/** The item that is most like what is expected, and how it differs. */
function nearest(expected: unknown, items: readonly unknown[], path: string): [differences: Difference[], at: number] {
  let best: Difference[] = [{ path, expected: show(expected), found: items.length === 0 ? 'nothing' : show(items) }];
  let at = -1;
  for (const [index, item] of items.entries()) {
    const differences = compare(expected, item, path);
    if (at >= 0 && differences.length >= best.length) continue;
    [best, at] = [differences, index];
    if (differences.length === 0) break;
  }
  return [best, at];
}

function sameList(key: string, expected: unknown, found: readonly string[]): Difference[] {
  const wanted = list(expected).map(String).sort();
  const same = wanted.length === found.length && wanted.join('\n') === found.toSorted().join('\n');
  return same ? [] : [{ path: key, expected: show(wanted), found: show(found) }];
}

/** `Patient`, or `Patient.name.given`: what of it there is. */
function present(path: string, { parts }: Tried): Difference[] {
  const [type = '', ...names] = path.split('.');
  let found: unknown[] = [...(parts.get(type) ?? [])];
  for (const name of names)
    found = found.flatMap((one) => list((one as Record<string, unknown> | undefined)?.[name])).filter((one) => one !== undefined);
  return found.length === 0 ? [] : [{ path, expected: 'nothing', found: show(found.length === 1 ? found[0] : found) }];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A value on one line; a long one is cut. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length <= 300 ? text : `${text.slice(0, 297)}…`;
}
