/** Reading and comparing FHIR dates (FHIR R4, 2.24.0.1). */

const shape = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d))?)?)?$/;

/** How exact a date is: the number of parts it has (1 year, 2 month, 3 day, 4 time with zone). */
export type Precision = 1 | 2 | 3 | 4;

/**
 * The precision of a FHIR `date`, `dateTime` or `instant`, or undefined where the text is none or the day does not exist. Seconds
 * may be 60 (leap second); the year 0000 is refused; zones go to +14:00 and -12:00, as in R4's regular expression.
 */
export function datePrecision(text: string): Precision | undefined {
  const m = shape.exec(text);
  if (m === null) return undefined;
  const year = Number(m[1]);
  if (year === 0) return undefined;
  if (m[2] === undefined) return 1;
  const month = Number(m[2]);
  if (month < 1 || month > 12) return undefined;
  if (m[3] === undefined) return 2;
  const day = Number(m[3]);
  if (day < 1 || day > daysIn(year, month)) return undefined;
  if (m[4] === undefined) return 3;
  if (Number(m[4]) > 23 || Number(m[5]) > 59 || Number(m[6]) > 60) return undefined;
  return zoneExists(m[8] ?? 'Z') ? 4 : undefined;
}

function zoneExists(zone: string): boolean {
  if (zone === 'Z') return true;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  return minutes < 60 && (hours < 14 || (hours === 14 && minutes === 0));
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Whether `a` is at or before `b`, as FHIRPath compares (2.0, 6.2): by the parts that both have, instants in UTC. Where those are equal
 * and one of the two has more of them, the order is unknown and the answer false: 2024-05 is not known to be at or before 2024-05-10.
 * True where either is no date at all, which is another fault.
 */
export function inOrder(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return true;
  const pa = datePrecision(a);
  const pb = datePrecision(b);
  if (pa === undefined || pb === undefined) return true;
  if (pa === 4 && pb === 4) return Date.parse(leapless(a)) <= Date.parse(leapless(b));
  const length = [0, 4, 7, 10][Math.min(pa, pb)] ?? 10;
  const [x, y] = [day(a, pa).slice(0, length), day(b, pb).slice(0, length)];
  return x === y ? pa === pb : x < y;
}

function day(text: string, precision: Precision): string {
  return precision === 4 ? new Date(leapless(text)).toISOString().slice(0, 10) : text;
}

/** Date.parse knows no leap second; a second sooner does for comparing. */
function leapless(text: string): string {
  return text.slice(17, 19) === '60' ? `${text.slice(0, 17)}59${text.slice(19)}` : text;
}
