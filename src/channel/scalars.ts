/** Scalars that configuration has beyond YAML's: durations, sizes, and `${NAME}` from the environment. */
import { z } from 'zod';

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `5m` -> milliseconds; null where it is no duration. `0` needs no unit. */
export function parseDuration(text: string): number | null {
  return quantity(text, /^(\d{1,9})(ms|s|m|h|d)$/, durationUnits);
}

/** `16MiB` -> bytes; null where it is no size. */
export function parseSize(text: string): number | null {
  return quantity(text, /^(\d{1,9})(B|KiB|MiB|GiB)$/, sizeUnits);
}

function quantity(text: string, form: RegExp, units: Readonly<Record<string, number>>): number | null {
  if (text === '0') return 0;
  const [, number, unit] = form.exec(text) ?? [];
  return number === undefined || unit === undefined ? null : Number(number) * (units[unit] ?? Number.NaN);
}

// A value that waits for the environment is checked when it is filled in; editors see it as it stands.
const variable = String.raw`^\$\{.+\}$`;

/** A duration in milliseconds. A bare number is refused, but 0: nobody remembers its unit. */
export const duration = scalar(
  'bad-duration',
  parseDuration,
  '^(0|[0-9]+(ms|s|m|h|d))$',
  'a duration is a whole number and ms, s, m, h or d',
  '30s',
);
/** A size in bytes. */
export const size = scalar(
  'bad-size',
  parseSize,
  '^[0-9]+(B|KiB|MiB|GiB)$',
  'a size is a whole number and B, KiB, MiB or GiB',
  '16MiB',
);

function scalar(code: string, parse: (text: string) => number | null, pattern: string, rule: string, example: string) {
  return z
    .union([z.string(), z.number()], { error: 'a text' })
    .transform((value, context) => {
      const text = String(value);
      if (isVariable(text)) return Number.NaN;
      const parsed = parse(text);
      if (parsed !== null) return parsed;
      context.addIssue({
        code: 'custom',
        params: { code },
        message: `"${text}" cannot be read (${rule}); write it like ${example}`,
      });
      return z.NEVER;
    })
    .meta({ override: { type: 'string', pattern: `${pattern}|${variable}` } });
}

/** A whole number that may come from the environment. */
export function wholeNumber(least: number, most: number) {
  return z
    .union([z.string(), z.number()], { error: 'a whole number' })
    .transform((value, context) => {
      if (isVariable(String(value))) return Number.NaN;
      const number = typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (Number.isInteger(number) && number >= least && number <= most) return number;
      context.addIssue({
        code: 'custom',
        params: { code: 'bad-value' },
        message: `"${value}" is no number that goes here (a whole number from ${least} to ${most}); correct it`,
      });
      return z.NEVER;
    })
    .meta({
      override: {
        anyOf: [
          { type: 'integer', minimum: least, maximum: most },
          { type: 'string', pattern: `^[0-9]+$|${variable}` },
        ],
      },
    });
}

/** Whether a text still holds a `${…}` that the environment did not fill. */
export function isVariable(text: string): boolean {
  return /\$\{[^}]*\}/.test(text);
}

/** Who sends: MSH-3^MSH-4. */
export const sender = z.string().regex(/^(\*|[^^*]*)(\^(\*|[^^*]*))?$/, 'a sender is MSH-3^MSH-4, and * stands for any part');
