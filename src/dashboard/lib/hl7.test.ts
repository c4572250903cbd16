import { expect, test } from 'vitest';
import { occurrences, position, runs } from './hl7.ts';

const whole = { occurrence: 0, repetition: 0, component: 0, subcomponent: 0 };

test('a position names only what tells it apart', () => {
  expect(position('PID-8', whole)).toBe('PID-8');
  expect(position('PID-5', { ...whole, component: 1 })).toBe('PID-5.1');
  expect(position('PID-3', { ...whole, repetition: 2, component: 4, subcomponent: 2 })).toBe('PID-3[2].4.2');
  expect(position('OBX-5', { ...whole, occurrence: 3 })).toBe('OBX[3]-5');
});

test('segments are counted among those of their name, and one that is alone is not', () => {
  const segments = ['MSH', 'OBX', 'NTE', 'OBX'].map((name) => ({ name, fields: [] }));
  expect(occurrences(segments)).toEqual([0, 1, 0, 2]);
});

test('HL7 2.9, 2.7.6: line breaks and highlights are shown as meant, other escapes as sent', () => {
  expect(runs('a\\.br\\b')).toEqual([{ text: 'a\nb', highlighted: false }]);
  expect(runs('a \\H\\b\\N\\ c')).toEqual([
    { text: 'a ', highlighted: false },
    { text: 'b', highlighted: true },
    { text: ' c', highlighted: false },
  ]);
  expect(runs('a\\.sp2\\b\\.in+4\\c')).toEqual([{ text: 'a\n\nbc', highlighted: false }]);
  expect(runs('C:\\temp\\new \\Z01\\')).toEqual([{ text: 'C:\\temp\\new \\Z01\\', highlighted: false }]);
  expect(runs('')).toEqual([]);
});
