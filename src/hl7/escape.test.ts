import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeText, standardDelimiters, unescapeText } from './escape.ts';
import type { Delimiters } from './types.ts';

const custom: Delimiters = { field: '$', component: '%', repetition: '*', escape: '!', subcomponent: '@', truncation: '#' };

describe('escape sequences (HL7 2.9, 2.7)', () => {
  test.each([
    ['\\F\\\\S\\\\T\\\\R\\\\E\\', '|^&~\\'],
    ['a\\T\\b', 'a&b'],
    ['\\X41\\', 'A'],
    ['\\X48656C6C6F\\', 'Hello'],
    ['\\XC3A9\\', 'é'],
    ['\\XC3\\\\XA9\\', 'é'],
    ['\\E\\.br\\E\\', '\\.br\\'],
    ['x\\X0D0A\\y', 'x\r\ny'],
  ])('%j is %j', (text, value) => expect(unescapeText(text, standardDelimiters)).toBe(value));

  test.each(['\\.br\\', '\\.sp+3\\', '\\H\\bold\\N\\', '\\C2842\\', '\\M244242\\', '\\Z01\\', '\\Zlocal\\', '\\P\\'])(
    '%j is kept',
    (text) => {
      expect(unescapeText(`a${text}b`, standardDelimiters)).toBe(`a${text}b`);
    },
  );

  test.each([
    'C:\\temp\\new',
    '\\',
    'a\\',
    '\\\\',
    '\\\\\\',
    '\\f\\',
    '\\XZZ\\',
    '\\X4\\',
    '\\X\\',
    '\\XFF\\',
    'a\\b\\c\\d',
    '\\.br',
  ])('%j is no sequence and stays', (text) => expect(unescapeText(text, standardDelimiters)).toBe(text));

  test('a lone backslash does not swallow the sequence behind it', () => {
    expect(unescapeText('C:\\dir\\F\\x', standardDelimiters)).toBe('C:\\dir|x');
    expect(unescapeText('\\.br\\T\\', standardDelimiters)).toBe('\\.br\\T\\');
  });

  test('bytes are read in the character set of the message', () => {
    expect(unescapeText('\\XE9\\', standardDelimiters, 'windows-1252')).toBe('é');
    expect(unescapeText('\\XE9\\', standardDelimiters, 'utf-8')).toBe('\\XE9\\');
    expect(unescapeText('\\XB0A1\\', standardDelimiters, 'euc-kr')).toBe('가');
  });

  test('the characters are those of the message', () => {
    expect(unescapeText('!F!!S!!T!!R!!E!!P!', custom)).toBe('$%@*!#');
    expect(escapeText('$%@*!#|', custom)).toBe('!F!!S!!T!!R!!E!!P!|');
  });

  test('escape then unescape is the identity', () => {
    const text = fc
      .array(fc.constantFrom('|', '^', '~', '\\', '&', '#', '\r', '\n', '\x0b', '\x1c', 'X', '0', 'D', '.', 'b', 'r', 'é'))
      .map((parts) => parts.join(''));
    for (const delimiters of [standardDelimiters, custom])
      fc.assert(
        fc.property(fc.oneof(text, fc.string()), (value) => {
          expect(unescapeText(escapeText(value, delimiters), delimiters)).toBe(value);
        }),
      );
  });

  test('an escaped text divides nothing and ends nothing', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(escapeText(value, standardDelimiters)).not.toMatch(/[|^~&\r\n\v]/);
      }),
    );
  });

  test('many bad sequences take no time that grows faster than they do', () => {
    expect(unescapeText('\\XFF\\'.repeat(20_000), standardDelimiters)).toHaveLength(100_000);
  });
});
