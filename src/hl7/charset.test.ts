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
    ['GB 18030-2000', [0xcd, 0xf5], '王'],
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

  test.each(['', 'ASCII', 'KLINGON', 'CNS 11643-1992'])('%j: UTF-8 where it is valid, else windows-1252', (charset) => {
    expect(Message.parse(message(charset, 0xc3, 0xa9)).get('PID-3')).toBe('é');
    expect(Message.parse(message(charset, 0xe9, 0x80)).get('PID-3')).toBe('é€');
    expect(Message.parse(message(charset, 0xe9)).charset).toBe('windows-1252');
  });

  test.each([
    ['utf-16le', [0xff, 0xfe]],
    ['utf-16be', [0xfe, 0xff]],
    ['utf-16le', []],
    ['utf-16be', []],
  ] as const)('UTF-16 is known by its bytes: %s %j', (label, mark) => {
    const text = `${header('UNICODE UTF-16')}Žižka`;
    const read = Message.parse(Uint8Array.from([...mark, ...encodeAs(text, label)]));
    expect(read.get('PID-3')).toBe('Žižka');
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
