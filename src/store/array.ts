/** Values as PostgreSQL writes an array: `{"a","b",NULL,7}`. A statement that carries a batch is mostly arrays; the driver takes each value in hand several times. */

type Element = string | number | boolean | Date | Uint8Array | null | undefined;

const special = /["\\]/;
const specials = /["\\]/g;

/** The text of an array of one dimension. Numbers, `true`, and texts as they are; bytes as hexadecimal digits; times in UTC. */
export function arrayText(values: readonly Element[]): string {
  let text = '{';
  for (let at = 0; at < values.length; at += 1) text += at === 0 ? elementText(values[at]) : `,${elementText(values[at])}`;
  return `${text}}`;
}

function elementText(value: Element): string {
  if (typeof value === 'string') return `"${special.test(value) ? value.replaceAll(specials, '\\$&') : value}"`;
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}"`;
  return value instanceof Date ? `"${value.toISOString()}"` : String(value);
}
