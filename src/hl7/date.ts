/**
 * HL7 dates and times (2.9, 2A.3: DT, TM, DTM and the first component of TS) as FHIR R4 `date`, `dateTime`, `instant`, `time`. No precision is
 * made up but where FHIR demands it: minutes and seconds that FHIR wants and the sender left out are zero, and `precision` says so.
 */
import { formatOffset, type Zone } from './zone.ts';

export { parseZone, type Zone } from './zone.ts';

export type Precision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/**
 * `form`: not an HL7 date or time. `impossible`: of the right form, but no such day, hour or offset exists. `imprecise`: it says less
 * than the FHIR type needs.
 */
export type Converted =
  | { readonly ok: true; readonly value: string; readonly precision: Precision }
  | { readonly ok: false; readonly reason: 'form' | 'impossible' | 'imprecise' };

/** A FHIR `date` from DT or DTM: `1980`, `1980-01`, `1980-01-31`. The time is left out; the day is the one the sender wrote. */
export function toDate(text: string): Converted {
  const parts = read(text, dateTimeForm);
  if (parts === 'form' || parts === 'impossible') return { ok: false, reason: parts };
  const precision = parts.precision === 'year' || parts.precision === 'month' ? parts.precision : 'day';
  return { ok: true, value: parts.date, precision };
}

/** A FHIR `dateTime` from DT or DTM. A time keeps the offset it was sent with; without one it gets that of `zone`. */
export function toDateTime(text: string, zone: Zone): Converted {
  const parts = read(text, dateTimeForm);
  if (parts === 'form' || parts === 'impossible') return { ok: false, reason: parts };
  const { precision } = parts;
  if (precision === 'year' || precision === 'month' || precision === 'day') return { ok: true, value: parts.date, precision };
  const offset = parts.offset ?? formatOffset(zone.offset(parts.local));
  return { ok: true, value: `${parts.date}T${parts.time}${offset}`, precision };
}

/** A FHIR `instant`: as `toDateTime`, but a day without a time is `imprecise`. */
export function toInstant(text: string, zone: Zone): Converted {
  const result = toDateTime(text, zone);
  return result.ok && result.value.length < 20 ? { ok: false, reason: 'imprecise' } : result;
}

/** A FHIR `time` from TM. FHIR times have no offset; it is left out. */
export function toTime(text: string): Converted {
  const parts = read(text, timeForm);
  if (parts === 'form' || parts === 'impossible') return { ok: false, reason: parts };
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

function read(text: string, form: RegExp): Parts | 'form' | 'impossible' {
  const match = form.exec(text.trim());
  if (match === null) return 'form';
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
  if (!isDay(year, month, dayOfMonth) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'impossible';
  // FHIR takes offsets up to 14:00, and there are none beyond.
  if (Number(offsetMinutes) > 59 || Number(offsetHours) * 60 + Number(offsetMinutes) > 14 * 60) return 'impossible';
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
function isDay(year: string, month: string, dayOfMonth: string): boolean {
  if (year === '') return true;
  if (Number(year) === 0) return false;
  if (month === '') return true;
  if (Number(month) < 1 || Number(month) > 12) return false;
  if (dayOfMonth === '') return true;
  const last = lastDays[Number(month) - 1] ?? 31;
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  return Number(dayOfMonth) >= 1 && Number(dayOfMonth) <= (month === '02' && !isLeap ? 28 : last);
}
