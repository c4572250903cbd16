import { type Case, section } from '../case.ts';

const as = (date: 'date' | 'dateTime' | 'time') => ({ date });

/** Dates and times: HL7 2.9, chapter 2A. Where the sender states no zone, UTC is asked for here. */
export const dates: readonly Case[] = [
  ...section('2A DTM', [
    ['a year', '1980', as('dateTime'), '1980'],
    ['a month', '198001', as('dateTime'), '1980-01'],
    ['a day', '19800131', as('dateTime'), '1980-01-31'],
    ['an hour and its zone', '1980013108+0100', as('dateTime'), '1980-01-31T08:00:00+01:00'],
    ['a minute', '198001310830', as('dateTime'), '1980-01-31T08:30:00+00:00'],
    ['a second', '19800131083015', as('dateTime'), '1980-01-31T08:30:15+00:00'],
    ['fractions', '19800131083015.1234', as('dateTime'), '1980-01-31T08:30:15.1234+00:00'],
    ['a zone west of Greenwich', '19800131083015-0500', as('dateTime'), '1980-01-31T08:30:15-05:00'],
    ['half an hour of a zone', '19800131083015+0530', as('dateTime'), '1980-01-31T08:30:15+05:30'],
    ['29 February of a leap year', '20240229', as('dateTime'), '2024-02-29'],
    ['29 February of another', '20230229', as('dateTime'), 'impossible'],
    ['the 13th month', '20231301', as('dateTime'), 'impossible'],
    ['the 25th hour', '2023010125', as('dateTime'), 'impossible'],
    ['a day of one digit', '2023011', as('dateTime'), 'form'],
    ['hyphens', '2023-01-01', as('dateTime'), 'form'],
    ['words', 'yesterday', as('dateTime'), 'form'],
  ]),
  ...section('2A DT', [
    ['a day', '19800131', as('date'), '1980-01-31'],
    ['a year', '1980', as('date'), '1980'],
    ['the day of a time', '198001312359-0500', as('date'), '1980-01-31'],
  ]),
  ...section('2A TM', [
    ['a minute', '0830', as('time'), '08:30:00'],
    ['a second with fractions', '083015.5', as('time'), '08:30:15.5'],
    ['the 61st minute', '0861', as('time'), 'impossible'],
    ['a date', '20260301', as('time'), 'form'],
  ]),
];
