/**
 * HL7 dates and times (2.9, 2A.3: DT, TM, DTM and the first component of TS) as FHIR R4 `date`, `dateTime`, `instant`, `time`. No precision is
 * made up but where FHIR demands it: minutes and seconds that FHIR wants and the sender left out are zero, and `precision` says so.
 */
import { type ClockChange, formatOffset, type Zone } from './zone.ts';

export { type ClockChange, parseZone, type Zone } from './zone.ts';

export type Precision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/**
 * `form`: not an HL7 date or time. `impossible`: of the right form, but no such day, hour or offset exists. `imprecise`: it says less
 * than the FHIR type needs.
 */
export type Converted =
  | { readonly ok: true; readonly value: string; readonly precision: Precision; readonly clock?: ClockChange }
  | { readonly ok: false; readonly reason: 'form' | 'imprecise' }
  | { readonly ok: false; readonly reason: 'impossible'; readonly part: DatePart };

/** What of a date or time does not exist: month 13, the 30th of February, hour 24, offset +25:00. */
export type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'offset';

/** A FHIR `date` from DT or DTM: `1980`, `1980-01`, `1980-01-31`. The time is left out; the day is the one the sender wrote. */
export function toDate(text: string): Converted {
  const parts = read(text, dateTimeForm);
  if ('ok' in parts) return parts;
  const precision = parts.precision === 'year' || parts.precision === 'month' ? parts.precision : 'day';
  return { ok: true, value: parts.date, precision };
}

/** A FHIR `dateTime` from DT or DTM. A time keeps the offset it was sent with; without one it gets that of `zone`. */
export function toDateTime(text: string, zone: Zone): Converted {
  const parts = read(text, dateTimeForm);
  if ('ok' in parts) return parts;
  const { precision } = parts;
  if (precision === 'year' || precision === 'month' || precision === 'day') return { ok: true, value: parts.date, precision };
  const offset = parts.offset ?? formatOffset(zone.offset(parts.local));
  const value = `${parts.date}T${parts.time}${offset}`;
  const clock = parts.offset === null ? zone.change(parts.local) : null;
  return clock === null ? { ok: true, value, precision } : { ok: true, value, precision, clock };
}

/** A FHIR `instant`: as `toDateTime`, but a day without a time is `imprecise`. */
export function toInstant(text: string, zone: Zone): Converted {
  const result = toDateTime(text, zone);
  return result.ok && result.value.length < 20 ? { ok: false, reason: 'imprecise' } : result;
}

/** A FHIR `time` from TM. FHIR times have no offset; it is left out. */
export function toTime(text: string): Converted {
  const parts = read(text, timeForm);
  if ('ok' in parts) return parts;
  return { ok: true, value: parts.time, precision: parts.precision };
}

interface Parts {
  readonly date: string;
  /** `08:30:00.5` */
  readonly time: string;
  /** As sent, `+01:00`; null where none was. */
  readonly offset: string | null;
  /** Local time as if it were UTC, milliseconds since 1970. */
  readonly local: number;
  readonly precision: Precision;
}

const offsetForm = '(?:([+-])(\\d{2})(\\d{2}))?$';
const clockForm = '(\\d{2})(?:(\\d{2})(?:(\\d{2})(\\.\\d{1,9})?)?)?';
const dateTimeForm = new RegExp(`^(\\d{4})(?:(\\d{2})(?:(\\d{2})(?:${clockForm})?)?)?${offsetForm}`);
const timeForm = new RegExp(`^()()()${clockForm}${offsetForm}`);

function read(text: string, form: RegExp): Parts | (Converted & { ok: false }) {
  const match = form.exec(text.trim());
  if (match === null) return { ok: false, reason: 'form' };
  const [
    ,
    year = '',
    month = '',
    dayOfMonth = '',
    hour = '',
    minute = '',
    second = '',
    fraction = '',
    sign,
    offsetHours = '',
    offsetMinutes = '',
  ] = match;
  const part = impossibleDay(year, month, dayOfMonth) ?? impossibleTime(hour, minute, second, offsetHours, offsetMinutes);
  if (part !== null) return { ok: false, reason: 'impossible', part };
  return {
    date: dayOfMonth ? `${year}-${month}-${dayOfMonth}` : month ? `${year}-${month}` : year,
    time: `${hour}:${minute || '00'}:${second || '00'}${fraction}`,
    offset: sign === undefined ? null : `${sign}${offsetHours}:${offsetMinutes}`,
    local: Date.UTC(
      Number(year || 1970),
      Number(month || 1) - 1,
      Number(dayOfMonth || 1),
      Number(hour),
      Number(minute),
      Number(second),
    ),
    precision: second ? 'second' : minute ? 'minute' : hour ? 'hour' : dayOfMonth ? 'day' : month ? 'month' : 'year',
  };
}

/** Of each month, in a leap year. */
const lastDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Parts that are missing (a time has none at all) are possible. */
function impossibleDay(year: string, month: string, dayOfMonth: string): DatePart | null {
  if (year === '') return null;
  if (Number(year) === 0) return 'year';
  if (month === '') return null;
  if (Number(month) < 1 || Number(month) > 12) return 'month';
  if (dayOfMonth === '') return null;
  const last = lastDays[Number(month) - 1] ?? 31;
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  return Number(dayOfMonth) >= 1 && Number(dayOfMonth) <= (month === '02' && !isLeap ? 28 : last) ? null : 'day';
}

function impossibleTime(
  hour: string,
  minute: string,
  second: string,
  offsetHours: string,
  offsetMinutes: string,
): DatePart | null {
  if (Number(hour) > 23) return 'hour';
  if (Number(minute) > 59) return 'minute';
  if (Number(second) > 59) return 'second';
  // FHIR takes offsets up to 14:00, and there are none beyond.
  return Number(offsetMinutes) > 59 || Number(offsetHours) * 60 + Number(offsetMinutes) > 14 * 60 ? 'offset' : null;
}
