import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charsetLabel, decode, encodeAs } from './charset.ts';
import { Message } from './message.ts';

const header = (charset: string): string => `MSH|^~\\&|A|B|||2026||ADT^A01|C1|P|2.5|||||${'|'}${charset}\rPID|1||`;
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const message = (charset: string, ...body: number[]): Uint8Array => Uint8Array.from([...ascii(header(charset)), ...body]);

describe('MSH-18 (table 0211)', () => {
  test.each([
    ['8859/1', [0xe9], 'é'],
    ['8859/2', [0xb1], 'ą'],
    ['8859/3', [0xb1], 'ħ'],
    ['8859/4', [0xb1], 'ą'],
    ['8859/5', [0xb6], 'Ж'],
    ['8859/6', [0xc8], 'ب'],
    ['8859/7', [0xe1], 'α'],
    ['8859/8', [0xe0], 'א'],
    ['8859/9', [0xf0], 'ğ'],
    ['8859/15', [0xa4], '€'],
    ['ISO IR87', [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42], '山田'],
    ['~ISO IR87', [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42], '山田'],
    ['ISO IR14', [0xd4, 0xcf, 0xc0, 0xde], 'ﾔﾏﾀﾞ'],
    ['ISO IR14', [0x1b, 0x28, 0x49, 0x54, 0x4f, 0x1b, 0x28, 0x42], 'ﾔﾏ'],
    ['ISO IR14', [0x1b, 0x28, 0x4a, 0x5c, 0x7e, 0x1b, 0x28, 0x42], '¥‾'],
    ['ISO IR159', [0x1b, 0x24, 0x28, 0x44, 0x30, 0x21, 0x1b, 0x28, 0x42], '丂'],
    ['ASCII~ISO IR87~ISO IR159', [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x24, 0x28, 0x44, 0x30, 0x21, 0x1b, 0x28, 0x42], '山丂'],
    ['ASCII~8859/5', [0xb6], 'Ж'],
    ['GB 18030-2000', [0xcd, 0xf5], '王'],
    ['GB 18030-2000', [0x94, 0x39, 0xfc, 0x36, 0x81, 0x30, 0x84, 0x36], '😀£'.replace('£', '¥')],
    ['KS X 1001', [0xb0, 0xa1], '가'],
    ['BIG-5', [0xa4, 0xa4], '中'],
    ['UNICODE UTF-8', [0xc3, 0xa9], 'é'],
    ['UNICODE', [0xc3, 0xa9], 'é'],
    ['8859/1~ISO IR6', [0xe9], 'é'],
    ['UTF8', [0xc3, 0xa9], 'é'],
    ['ISO8859-2', [0xb1], 'ą'],
    ['windows-1250', [0xb9], 'ą'],
  ])('%s', (charset, body, text) => {
    const read = Message.parse(message(charset, ...body));
    expect(read.get('PID-3')).toBe(text);
    expect(read.undecodable).toBeNull();
  });

  test.each(['', 'ASCII', 'KLINGON'])('%j: UTF-8 where it is valid, else windows-1252', (charset) => {
    expect(Message.parse(message(charset, 0xc3, 0xa9)).get('PID-3')).toBe('é');
    expect(Message.parse(message(charset, 0xc3, 0xa9)).undecodable).toBeNull();
    const guessed = Message.parse(message(charset, 0xe9, 0x80));
    expect(guessed.get('PID-3')).toBe('é€');
    expect(guessed.charset).toBe('windows-1252');
    // Of a code that nobody knows windows-1252 is a guess, and marked as one.
    expect(guessed.undecodable).toBe(charset === 'KLINGON' ? header(charset).length : null);
  });

  test('CNS 11643 cannot be decoded: its ASCII is read, the rest is marked', () => {
    const read = Message.parse(message('CNS 11643-1992', ...ascii('A'), 0xc4, 0xe3, ...ascii('|B')));
    expect(read.get('PID-3')).toBe('A\ufffd\ufffd');
    expect(read.get('PID-4')).toBe('B');
    expect(read.undecodable).toBe(header('CNS 11643-1992').length + 1);
  });

  test.each(['ASCII', 'ISO IR6', 'us-ascii'])('%s in seven bits stays what it says', (charset) => {
    expect(Message.parse(message(charset, ...ascii('A'))).charset).toBe('us-ascii');
  });

  test.each([
    ['utf-16le', [0xff, 0xfe]],
    ['utf-16be', [0xfe, 0xff]],
    ['utf-16le', []],
    ['utf-16be', []],
    ['utf-32le', [0xff, 0xfe, 0, 0]],
    ['utf-32be', [0, 0, 0xfe, 0xff]],
    ['utf-32le', []],
    ['utf-32be', []],
  ] as const)('UTF-16 and UTF-32 are known by their bytes: %s %j', (label, mark) => {
    const text = `${header('UNICODE UTF-16')}Žižka 😀\\X0D0A\\`;
    const read = Message.parse(Uint8Array.from([...mark, ...encodeAs(text, label)]));
    expect(read.get('PID-3')).toBe('Žižka 😀\r\n');
    expect(read.undecodable).toBeNull();
    expect(read.charset).toBe(label);
  });

  test("a channel's override wins over what the sender says", () => {
    const raw = message('UNICODE UTF-8', 0xe9);
    expect(Message.parse(raw, { charset: '8859/1' }).get('PID-3')).toBe('é');
    expect(Message.parse(raw, { charset: 'windows-1250' }).charset).toBe('windows-1250');
    expect(Message.parse(raw, { charset: null }).charset).toBe('utf-8');
  });

  test('the fixture in latin-1 keeps its umlauts', () => {
    const read = Message.parse(readFileSync(new URL('../../test/fixtures/latin1.hl7', import.meta.url)));
    expect(read.get('PID-5')).toBe('Müller-Lüdenscheidt^Jürgen^Søren');
  });

  test('labels are those that TextDecoder knows, however they are spelled', () => {
    expect(charsetLabel('8859/1')).toBe('windows-1252');
    expect(charsetLabel(' unicode utf-8 ')).toBe('utf-8');
    expect(charsetLabel('nonsense')).toBeNull();
  });
});

test.each([
  ['windows-1250', 0xb9, 'ą'],
  ['windows-1251', 0xc6, 'Ж'],
  ['windows-1252', 0x80, '€'],
  ['windows-1253', 0xe1, 'α'],
  ['windows-1254', 0xf0, 'ğ'],
  ['windows-1255', 0xe0, 'א'],
  ['windows-1256', 0xc8, 'ب'],
  ['windows-1257', 0xe0, 'ą'],
  ['windows-1258', 0xd0, 'Đ'],
  ['windows-874', 0xa1, 'ก'],
  ['cp1250', 0xb9, 'ą'],
  ['cp866', 0x86, 'Ж'],
  ['koi8-r', 0xf6, 'Ж'],
])('a code page by override: %s', (label, byte, text) => {
  expect(Message.parse(message('8859/1', byte), { charset: label }).get('PID-3')).toBe(text);
});

test.each([
  ['cp932', [0x95, 0x5c, 0x83, 0x7c], '表ポ'],
  ['windows-936', [0xcd, 0xf5], '王'],
  ['949', [0xb0, 0xa1], '가'],
  ['cp950', [0xa5, 0x5c, 0xa4, 0x7c], '功弋'],
])('a code page whose second bytes are delimiters, by override: %s', (label, body, text) => {
  const read = Message.parse(message('', ...body, ...ascii('|next')), { charset: label });
  expect(read.get('PID-3')).toBe(text);
  expect(read.get('PID-4')).toBe('next');
});

describe('bytes that mean nothing', () => {
  test('are reported by the offset of the first one, never replaced in silence', () => {
    const raw = message('UNICODE UTF-8', ...ascii('ab'), 0xff, ...ascii('c'), 0xfe);
    const read = Message.parse(raw);
    expect(read.undecodable).toBe(ascii(header('UNICODE UTF-8')).length + 2);
    expect(read.get('PID-3')).toBe('ab\ufffdc\ufffd');
    expect(read.controlId).toBe('C1');
  });

  test('a character that the end cuts in two is one of them', () => {
    const raw = message('UNICODE UTF-8', 0xc3);
    expect(decode(raw).undecodable).not.toBeNull();
  });

  test('no bytes make decoding throw', () => {
    const charset = fc.constantFrom(
      '',
      '8859/7',
      'UNICODE UTF-8',
      'GB 18030-2000',
      'ISO IR87',
      'BIG-5',
      'KS X 1001',
      'UNICODE UTF-16',
    );
    fc.assert(
      fc.property(charset, fc.uint8Array({ maxLength: 100 }), (code, body) => {
        const { text, undecodable } = decode(message(code, ...body));
        expect(undecodable === null || (undecodable >= 0 && undecodable < header(code).length + body.length)).toBe(true);
        expect(text.startsWith('MSH')).toBe(true);
      }),
    );
  });
});

describe('encoding, for ACKs', () => {
  test.each(['windows-1252', 'iso-8859-7', 'gb18030', 'big5', 'euc-kr', 'utf-8', 'utf-16le'])(
    '%s: what was read is written',
    (label) => {
      const samples: Record<string, string> = {
        'windows-1252': 'é€',
        'iso-8859-7': 'αβ',
        gb18030: '王中',
        big5: '中文',
        'euc-kr': '가나',
      };
      const text = `A|${samples[label] ?? 'Ž山'}|B`;
      expect(new TextDecoder(label).decode(encodeAs(text, label))).toBe(text);
    },
  );

  test('what the encoding lacks becomes a question mark', () => {
    expect(new TextDecoder().decode(encodeAs('a山b', 'windows-1252'))).toBe('a?b');
  });
});
