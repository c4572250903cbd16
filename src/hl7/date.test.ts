import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseZone, toDate, toDateTime, toInstant, toTime, type Zone } from './date.ts';

const zone = (name: string): Zone => parseZone(name) as Zone;
const utc = zone('UTC');
const value = (result: ReturnType<typeof toDate>): string => (result.ok ? result.value : `bad: ${result.reason}`);

describe('dateTime from DTM (HL7 2.9, 2A.3.22)', () => {
  test.each([
    ['1980', '1980', 'year'],
    ['198001', '1980-01', 'month'],
    ['19800131', '1980-01-31', 'day'],
    ['1980013108', '1980-01-31T08:00:00+00:00', 'hour'],
    ['198001310805', '1980-01-31T08:05:00+00:00', 'minute'],
    ['19800131080509', '1980-01-31T08:05:09+00:00', 'second'],
    ['19800131080509.1', '1980-01-31T08:05:09.1+00:00', 'second'],
    ['19800131080509.1234', '1980-01-31T08:05:09.1234+00:00', 'second'],
    ['19800131080509-0730', '1980-01-31T08:05:09-07:30', 'second'],
    ['198001310805+1400', '1980-01-31T08:05:00+14:00', 'minute'],
    ['19800131080509.5+0000', '1980-01-31T08:05:09.5+00:00', 'second'],
    ['19800131+0100', '1980-01-31', 'day'],
    ['20000229', '2000-02-29', 'day'],
    [' 19800131 ', '1980-01-31', 'day'],
  ])('%s keeps what was said: %s', (text, expected, precision) => {
    expect(toDateTime(text, utc)).toEqual({ ok: true, value: expected, precision });
  });

  test.each([
    '19801301',
    '19800001',
    '19800230',
    '19000229',
    '20230229',
    '19800100',
    '00000000',
    '1980013124',
    '198001310860',
    '19800131080560',
  ])('%s is impossible', (text) => expect(value(toDateTime(text, utc))).toBe('bad: impossible'));
  test.each(['1980013108+1401', '1980013108+9900', '1980013108+0160'])('%s has an offset that does not exist', (text) => {
    expect(value(toDateTime(text, utc))).toBe('bad: impossible');
  });
  test.each([
    '',
    '80',
    '1980-01-31',
    '31.1.1980',
    '198',
    '1980013',
    'unknown',
    '""',
    '19800131T0805',
    '1980013108051',
    '19800131080509.',
    '1980 0131',
  ])('%j is no HL7 date', (text) => expect(value(toDateTime(text, utc))).toBe('bad: form'));

  test('no text makes it throw, and what it takes is a FHIR dateTime', () => {
    const fhir =
      /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?[+-]((0\d|1[0-3]):[0-5]\d|14:00))?)?)?$/;
    const digits = fc.array(fc.constantFrom('0', '1', '2', '9', '.', '+', '-'), { maxLength: 22 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(digits, fc.string()), (text) => {
        const result = toDateTime(text, utc);
        if (result.ok) expect(result.value).toMatch(fhir);
      }),
    );
  });
});

test.each([
  ['00001231', 'year'],
  ['20241301', 'month'],
  ['20240001', 'month'],
  ['20240230', 'day'],
  ['20230229', 'day'],
  ['20240100', 'day'],
  ['2024013124', 'hour'],
  ['2024013125', 'hour'],
  ['202401312360', 'minute'],
  ['20240131235960', 'second'],
  ['20240131235959+2500', 'offset'],
  ['20240131235959-0060', 'offset'],
])('of %s the %s does not exist, and is named', (text, part) => {
  expect(toDateTime(text, utc)).toEqual({ ok: false, reason: 'impossible', part });
});

describe('the default zone, where the sender states none', () => {
  test.each([
    ['UTC', '20240701120000', '2024-07-01T12:00:00+00:00'],
    ['+01:00', '20240701120000', '2024-07-01T12:00:00+01:00'],
    ['-0530', '20240701120000', '2024-07-01T12:00:00-05:30'],
    ['Europe/Vienna', '20240115120000', '2024-01-15T12:00:00+01:00'],
    ['Europe/Vienna', '20240715120000', '2024-07-15T12:00:00+02:00'],
    ['America/St_Johns', '20240115120000', '2024-01-15T12:00:00-03:30'],
    ['Asia/Kathmandu', '20240115120000', '2024-01-15T12:00:00+05:45'],
    ['Australia/Sydney', '20240115120000', '2024-01-15T12:00:00+11:00'],
  ])('%s', (name, text, expected) => expect(value(toDateTime(text, zone(name)))).toBe(expected));

  test('a time that a clock change makes happen twice is the first; one that it skips is read by the offset before', () => {
    expect(value(toDateTime('20241027023000', zone('Europe/Vienna')))).toBe('2024-10-27T02:30:00+02:00');
    expect(value(toDateTime('20240331023000', zone('Europe/Vienna')))).toBe('2024-03-31T02:30:00+01:00');
    expect(value(toDateTime('20241103013000', zone('America/New_York')))).toBe('2024-11-03T01:30:00-04:00');
  });

  test.each([
    ['Europe/Vienna', '20240331023000', 'skipped'],
    ['Europe/Vienna', '20241027023000', 'twice'],
    ['America/New_York', '20240310023000', 'skipped'],
    ['America/New_York', '20241103013000', 'twice'],
    ['Australia/Lord_Howe', '20240407014500', 'twice'],
    ['Europe/Vienna', '20240331015959', undefined],
    ['Europe/Vienna', '20240331030000', undefined],
    ['Europe/Vienna', '20241027015959', undefined],
    ['Europe/Vienna', '20241027030000', undefined],
    ['Europe/Vienna', '20240331023000+0100', undefined],
    ['Europe/Vienna', '20240331', undefined],
    ['+01:00', '20240331023000', undefined],
  ])('a clock change in %s is stated: %s %s', (name, text, clock) => {
    const result = toDateTime(text, zone(name));
    expect(result.ok && result.clock).toBe(clock);
  });

  test('minutes around a change', () => {
    const vienna = zone('Europe/Vienna');
    expect(value(toDateTime('20240331015959', vienna))).toBe('2024-03-31T01:59:59+01:00');
    expect(value(toDateTime('20240331030000', vienna))).toBe('2024-03-31T03:00:00+02:00');
    expect(value(toDateTime('20241027030000', vienna))).toBe('2024-10-27T03:00:00+01:00');
  });

  test.each(['', 'Mars/Olympus', '+1', '+15:00', '01:00', '+01:75'])('%j is no zone', (name) =>
    expect(parseZone(name)).toBeNull(),
  );
});

describe('the other types', () => {
  test('date leaves the time out', () => {
    expect(toDate('198001310805-0500')).toEqual({ ok: true, value: '1980-01-31', precision: 'day' });
    expect(value(toDate('1980'))).toBe('1980');
    expect(value(toDate('19800231'))).toBe('bad: impossible');
  });

  test('instant needs a time', () => {
    expect(value(toInstant('19800131080509.25-0500', utc))).toBe('1980-01-31T08:05:09.25-05:00');
    expect(value(toInstant('198001310805', utc))).toBe('1980-01-31T08:05:00+00:00');
    expect(value(toInstant('19800131', utc))).toBe('bad: imprecise');
    expect(value(toInstant('x', utc))).toBe('bad: form');
  });

  test('time from TM', () => {
    expect(toTime('08')).toEqual({ ok: true, value: '08:00:00', precision: 'hour' });
    expect(value(toTime('0805'))).toBe('08:05:00');
    expect(value(toTime('080509.5+0100'))).toBe('08:05:09.5');
    expect(value(toTime('2400'))).toBe('bad: impossible');
    expect(value(toTime('8'))).toBe('bad: form');
    expect(value(toTime(''))).toBe('bad: form');
  });
});
