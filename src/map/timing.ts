/** The timing functions of the library: repeat patterns (HL7 2.9, 4.3.2.1 and table 0335), times of day, days of the week, durations. */
import type { LibraryFunction } from './functions.ts';
import { decimalOf } from './numbers.ts';
import type { Primitive } from './runtime.ts';

type Part = Readonly<Record<string, unknown>>;

export const timingFunctions: Readonly<Record<string, LibraryFunction>> = {
  repeatPattern: {
    text: 'A repeat pattern (table 0335: Q6H, BID, Q2J135, QHS, ACM) as frequency, period, days and events of a Timing.repeat; nothing where it is none.',
    run: (value) => repeat(value.text.trim()) as Primitive | undefined,
  },
  timesOfDay: {
    text: 'Times of day ("0800,1400,2000", RI.2) as the timeOfDay of a Timing.repeat.',
    fails: { code: 'bad-date', why: 'not times of day like 0800,1400' },
    run: (value) => timesOfDay(value.text) as Primitive | undefined,
  },
  weekdays: {
    text: 'The phase range of a repeat pattern (RPT.3 and RPT.4, 1 is Monday) as the dayOfWeek of a Timing.repeat.',
    fails: { code: 'bad-value', why: 'not days of the week by number, 1 to 7' },
    run: (value) => weekdays(value.part(3).trim(), value.part(4).trim()) as Primitive | undefined,
  },
  minutes: {
    text: 'A number and a unit of time, "2/h", in minutes; without a unit it is one of minutes.',
    fails: { code: 'bad-number', why: 'not a number with a unit of time' },
    run: (value) => minutes(value.text),
  },
  duration: {
    text: 'A duration ("M30", "H2", "D5", "W1", "L1": table 0335 and TQ.3; "30 min"; a CQ with a unit of time) as a Duration in UCUM.',
    fails: { code: 'bad-value', why: 'not a duration like D5' },
    run: (value) =>
      duration((value.count > 1 ? `${value.part(1)} ${value.part(2, 1)}` : value.text).trim()) as Primitive | undefined,
  },
  plusDuration: {
    text: 'A date or time and a duration, "20240101/5 d" or "20240101/-D5", as the one so much later or earlier.',
    fails: { code: 'bad-date', why: 'not a date or time and a duration' },
    run: (value) => plusDuration(value.text.trim()),
  },
};

/** The unit letters of HL7 in UCUM; L is a (lunar) month. */
const units: Readonly<Record<string, string>> = { S: 's', M: 'min', H: 'h', D: 'd', W: 'wk', L: 'mo' };
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const perDay: Readonly<Record<string, number>> = { QD: 1, BID: 2, TID: 3, QID: 4 };

/** Patterns with an answer of their own. Meals: ante, post (table 0335) are R4's event timings. */
const named: Readonly<Record<string, Part>> = {
  QOD: { frequency: 1, period: 2, periodUnit: 'd' },
  QSHIFT: { frequency: 1, period: 8, periodUnit: 'h' },
  QAM: { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'] },
  QPM: { frequency: 1, period: 1, periodUnit: 'd', when: ['EVE'] },
  QHS: { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] },
  ONCE: { count: 1 },
  ...Object.fromEntries(['AC', 'ACM', 'ACD', 'ACV', 'PC', 'PCM', 'PCD', 'PCV', 'HS'].map((event) => [event, { when: [event] }])),
};

function repeat(pattern: string): Part | undefined {
  const upper = pattern.toUpperCase();
  const known = named[upper];
  if (known !== undefined) return known;
  const times = perDay[upper] ?? Number(/^([1-9]\d?)ID$/.exec(upper)?.[1] ?? 0);
  if (times > 0) return { frequency: times, period: 1, periodUnit: 'd' };
  const every = /^Q([1-9]\d{0,3})?([SMHDWL])$/.exec(upper);
  if (every !== null) return { frequency: 1, period: Number(every[1] ?? 1), periodUnit: units[every[2] as string] };
  const weekly = /^Q([1-9]\d?)J([1-7]{1,7})$/.exec(upper);
  if (weekly === null) return undefined;
  const dayOfWeek = [...new Set(weekly[2])].map((day) => days[Number(day) - 1]);
  return { frequency: 1, period: Number(weekly[1]), periodUnit: 'wk', dayOfWeek };
}

function timesOfDay(text: string): Part | string | undefined {
  if (text.trim() === '') return '';
  const times = text.split(',').map((time) => /^([01]\d|2[0-3]):?([0-5]\d)$/.exec(time.trim()));
  if (times.some((time) => time === null)) return undefined;
  return { timeOfDay: times.map((time) => `${time?.[1]}:${time?.[2]}:00`) };
}

function weekdays(begin: string, end: string): Part | string | undefined {
  if (begin === '') return '';
  if (!/^[1-7]$/.test(begin) || !/^[1-7]?$/.test(end)) return undefined;
  const first = Number(begin);
  const count = end === '' ? 1 : ((Number(end) - first + 7) % 7) + 1;
  return { dayOfWeek: Array.from({ length: count }, (_, at) => days[(first - 1 + at) % 7]) };
}

const inMinutes: Readonly<Record<string, number>> = { s: 1 / 60, min: 1, h: 60, d: 1440, wk: 10_080 };
const unitNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(units).map((unit) => [unit, unit])),
  sec: 's',
  m: 'min',
  hr: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  week: 'wk',
  weeks: 'wk',
  minutes: 'min',
};

function minutes(text: string): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*\/?\s*([A-Za-z]*)\s*$/.exec(text);
  if (found === null) return undefined;
  const unit = found[2] === '' ? 'min' : (unitNames[(found[2] as string).toLowerCase()] ?? '');
  const factor = inMinutes[unit];
  return factor === undefined ? undefined : Math.round(Number(found[1]) * factor);
}

/** Reckoned on the sender's clock, in the precision sent: hours from a day without a time are no answer. */
function plusDuration(text: string): string | undefined {
  if (text === '') return '';
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-]\d{4})?\s*\/\s*(-?)(.+)$/.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, offset = '', sign, length = ''] = found;
  const span = duration(length.trim());
  if (span === undefined || typeof span === 'string') return undefined;
  const count = Number(/[\d.]+/.exec(length)?.[0]) * (sign === '-' ? -1 : 1);
  const unit = String(span.code);
  if (!Number.isInteger(count) || (hour === undefined && !['d', 'wk', 'mo'].includes(unit))) return undefined;
  const time = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)),
  );
  if (unit === 'mo') time.setUTCMonth(time.getUTCMonth() + count);
  else time.setTime(time.getTime() + count * (inMinutes[unit] ?? 0) * 60_000);
  const digits = time.toISOString().replace(/[-:T]/g, '');
  return `${digits.slice(0, hour === undefined ? 8 : second === undefined ? 12 : 14)}${offset}`;
}

function duration(text: string): Part | string | undefined {
  if (text === '') return '';
  const letter = /^([SMHDWL])(\d+(?:\.\d+)?)$/.exec(text);
  const words = /^(\d+(?:\.\d+)?)?\s*([A-Za-z]+)$/.exec(text);
  // A unit alone ("h", of a rate) is one of it.
  const number = letter?.[2] ?? (words === null ? undefined : (words[1] ?? '1'));
  const unit =
    letter === null ? (unitNames[(words?.[2] ?? '').toLowerCase()] ?? units[words?.[2] ?? '']) : units[letter[1] as string];
  if (number === undefined || unit === undefined) return undefined;
  return { value: decimalOf(number), unit, system: 'http://unitsofmeasure.org', code: unit };
}
