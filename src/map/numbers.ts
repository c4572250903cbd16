import { rawNumber } from '../fhir/json.ts';

/**
 * An HL7 number (NM: 2.9, 2A.3.45) as JSON: sign, digits, a fraction with all the digits sent. Null where the text is no number. A number
 * whose digits JavaScript would not give back (`999.00`) is kept raw.
 */
export function decimalOf(text: string): number | object | null {
  const trimmed = text.trim();
  let at = 0;
  const sign = trimmed[0] === '-' ? '-' : '';
  if (trimmed[0] === '-' || trimmed[0] === '+') at = 1;
  const whole = digits(trimmed, at);
  const point = trimmed[whole] === '.' ? 1 : 0;
  const end = point === 1 ? digits(trimmed, whole + 1) : whole;
  if (end !== trimmed.length || (whole === at && end <= whole + 1)) return null;
  // JSON has no leading zeros, and wants digits on both sides of the point.
  let start = at;
  while (start < whole - 1 && trimmed[start] === '0') start += 1;
  const fraction = end > whole + 1 ? trimmed.slice(whole, end) : '';
  const lexical = `${sign}${start === whole ? '0' : trimmed.slice(start, whole)}${fraction}`;
  const value = Number(lexical);
  return String(value) === lexical ? value : rawNumber(lexical);
}

/** A whole number between two bounds; null where the text is none. `5.0` is one. */
export function integerOf(text: string, least: number): number | null {
  const number = decimalOf(text);
  if (number === null) return null;
  const value = typeof number === 'number' ? number : Number(text);
  return Number.isInteger(value) && value >= least && value <= 2_147_483_647 ? value : null;
}

function digits(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at += 1;
  return at;
}
