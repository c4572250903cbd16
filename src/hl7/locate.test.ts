import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAs } from './charset.ts';
import { Locator } from './locate.ts';
import { Message } from './message.ts';
import { formatLocation } from './path.ts';

const text = 'MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\r\nPID|1||11^^^H&1~22|x\\T\\y||\r\nOBX|1|ST|||';
const where = { repetition: 0, component: 0, subcomponent: 0 };

describe('where values stand', () => {
  test('the span is the value as it was sent', () => {
    const message = Message.fromText(`${text}é`);
    const locator = new Locator(message);
    const slice = (location: Parameters<Locator['text']>[0]): string | null => {
      const span = locator.text(location);
      return span && message.text.slice(span.start, span.end);
    };
    expect(slice({ index: 1, segment: 'PID', field: 4, ...where })).toBe('x\\T\\y');
    expect(slice({ index: 1, segment: 'PID', field: 3, ...where })).toBe('11^^^H&1~22');
    expect(slice({ index: 1, segment: 'PID', field: 3, ...where, repetition: 1, component: 4, subcomponent: 2 })).toBe('1');
    expect(slice({ index: 1, segment: 'PID', field: 0, ...where })).toBe('PID|1||11^^^H&1~22|x\\T\\y||');
    expect(slice({ index: 1, segment: 'PID', field: 9, ...where })).toBeNull();
    expect(slice({ index: 9, segment: 'PID', field: 1, ...where })).toBeNull();
  });

  test.each([
    ['utf-8', 'Ž山😀é'],
    ['windows-1252', 'é€ü'],
    ['utf-16le', 'Ž山😀é'],
    ['utf-16be', 'Ž山😀é'],
    ['utf-32be', 'Ž山😀é'],
    ['gb18030', '王😀中é'],
    ['big5', '中文許功蓋'],
    ['euc-kr', '가나'],
    ['shift_jis', '表示ｱ'],
    ['iso-2022-jp', '山田ｱ¥'],
  ])('in bytes of %s', (label, value) => {
    const raw = encodeAs(text.replace('11^', `${value}^`).replace('A01', 'A04') + value, label);
    const message = Message.parse(raw, { charset: label });
    const found = [...new Locator(message).all()];
    expect(found.map((one) => one.value)).toEqual([...message.leaves()].map((one) => one.value));
    for (const { location, text: span, bytes } of found) {
      const sent = message.text.slice(span.start, span.end);
      // The bytes of a value, read alone, are the value; in ISO-2022-JP the escape sequences around it are part of them.
      expect(new Uint8Array(raw.subarray(bytes.start, bytes.end)), formatLocation(location)).toEqual(
        new Uint8Array(encodeAs(sent, label)),
      );
    }
    expect(found.at(-1)?.value).toBe(value);
  });

  test('bytes that mean nothing have their place too, and a byte finds what it stands in', () => {
    const raw = Uint8Array.from([...encodeAs(`${text}a`, 'utf-8'), 0xe2, 0x82, 0x28, 0xff, ...encodeAs('^b\r', 'utf-8')]);
    const message = Message.parse(raw);
    const utf8 = Message.parse(raw, { charset: 'utf-8' });
    expect(message.charset).toBe('windows-1252');
    const locator = new Locator(utf8);
    const at = locator.at(utf8.undecodable as number);
    expect(at && formatLocation(at)).toBe('OBX-5[1].1.1');
    const last = [...locator.all()].at(-1);
    expect(last?.value).toBe('b');
    expect(raw[last?.bytes.start as number]).toBe(98);
  });

  test('at is the inverse of bytes, for any text in any encoding', () => {
    const piece = fc.constantFrom('|', '^', '~', '&', '\\', '\r', 'PID', 'a', 'é', '山', '😀');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom('utf-8', 'utf-16le', 'gb18030', 'utf-32le'),
        (parts, label) => {
          const message = Message.parse(encodeAs(`MSH|^~\\&|A\rZZZ|${parts.join('')}`, label), { charset: label });
          const locator = new Locator(message);
          for (const { location, bytes } of locator.all()) expect(locator.at(bytes.start)).toEqual(location);
          for (const byte of [-1, message.bytes.length, 1e9]) expect(() => locator.at(byte)).not.toThrow();
        },
      ),
      { numRuns: 50 },
    );
  });
});
