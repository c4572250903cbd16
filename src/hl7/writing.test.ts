/** What holds of every edit, whatever the message, its delimiters and its bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeirError } from '../errors.ts';
import { encodeAs } from './charset.ts';
import { Draft } from './draft.ts';
import { escapeText, unescapeText } from './escape.ts';
import { Locator } from './locate.ts';
import { Message } from './message.ts';
import { recode } from './recode.ts';
import type { Delimiters } from './types.ts';

const header = 'MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5';
const runs = { numRuns: 150 };

/** Bytes of a message: delimiters and text, but also bytes that mean nothing. */
const raw = fc
  .tuple(
    fc.constantFrom('\r', '\n', '\r\n'),
    fc.array(fc.oneof(fc.constantFrom(...'|^~\\&ab\r\nXF', 'PID|', 'é', '山'), fc.integer({ min: 0, max: 255 }))),
  )
  .map(([end, parts]) => {
    const bytes = parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part)));
    return new Uint8Array(Buffer.concat([Buffer.from(`${header}${end}PID|1||11^^^H~22|x${end}OBX|1|ST|||`), ...bytes]));
  });

/** Any five characters that are no letters, digits or line ends and are not the same. */
const delimiters = fc
  .uniqueArray(fc.constantFrom(...'|^~\\&#$%*!@/;:,<>=+?§¦'), { minLength: 6, maxLength: 6 })
  .map(([field = '', component = '', repetition = '', mark = '', subcomponent = '', truncation = null]): Delimiters => {
    return { field, component, repetition, escape: mark, subcomponent, truncation };
  });

const path = fc
  .tuple(
    fc.constantFrom('PID', 'OBX', 'ZZZ', 'MSH'),
    fc.integer({ min: 3, max: 8 }),
    fc.constantFrom('', '[1]', '[2]', '[4]'),
    fc.constantFrom('', '.1', '.4', '.4.2'),
  )
  .map(([segment, field, repetition, below]) => `${segment}-${field}${repetition}${below}`);

describe('parse then write', () => {
  test('is the identity on any bytes that begin as a message, in any character set', () => {
    const charset = fc.constantFrom(
      null,
      '8859/1',
      'UNICODE UTF-8',
      'GB 18030-2000',
      'BIG-5',
      'KS X 1001',
      'ISO IR87',
      'UNICODE UTF-16',
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), charset, (body, override) => {
        const bytes = Uint8Array.from([...Buffer.from('MSH|^~\\&|'), ...body]);
        const copy = bytes.slice();
        let message: Message;
        try {
          message = Message.parse(bytes, { charset: override });
        } catch (error) {
          expect(error).toBeInstanceOf(WeirError);
          return;
        }
        expect(Draft.of(message).toBytes()).toEqual(copy);
      }),
      runs,
    );
  });
});

describe('escape then unescape', () => {
  test('is the identity for any text and any delimiters', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.array(fc.constantFrom(...'|^~\\&#$XFE0D\r\n\v')).map((all) => all.join('')),
        ),
        delimiters,
        (text, d) => {
          const escaped = escapeText(text, d);
          expect(unescapeText(escaped, d)).toBe(text);
          for (const one of [d.field, d.component, d.repetition, d.subcomponent, '\r', '\n']) expect(escaped).not.toContain(one);
        },
      ),
      runs,
    );
  });
});

describe('a value that is set', () => {
  test('is the value that is got, in any delimiters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), delimiters, path, (value, d, at) => {
        const draft = Draft.create({ type: 'ADT', event: 'A01', controlId: '1', time: '2026', delimiters: d })
          .add('PID')
          .add('OBX')
          .add('ZZZ');
        expect(draft.set(at, value).message.get(at)).toBe(value);
        expect(Message.parse(draft.toBytes()).get(at)).toBe(value);
      }),
      runs,
    );
  });
});

describe('an edit', () => {
  test('leaves every other value the bytes that it had', () => {
    const edit = fc.constantFrom('set', 'setRaw', 'remove', 'copy');
    fc.assert(
      fc.property(raw, path, edit, fc.constantFrom('', 'x', 'é', 'a|b', '""'), (bytes, at, kind, value) => {
        const before = Message.parse(bytes, { charset: 'UNICODE UTF-8' });
        const draft = Draft.of(before);
        try {
          if (kind === 'set') draft.set(at, value);
          else if (kind === 'setRaw') draft.setRaw(at, value);
          else if (kind === 'remove') draft.remove(at);
          else draft.copy('OBX-5', at);
        } catch (error) {
          expect(error).toBeInstanceOf(WeirError);
          expect(draft.toBytes()).toEqual(bytes);
          return;
        }
        const [segment = '', rest = ''] = at.split('-');
        const others = (message: Message): string[] => {
          const first = message.segments.find((one) => one.name === segment)?.index;
          return [...new Locator(message).all()]
            .filter(({ location }) => location.index !== first || location.field !== Number.parseInt(rest, 10))
            .map(
              (one) =>
                `${one.location.index} ${one.location.field} ${Buffer.from(message.bytes.subarray(one.bytes.start, one.bytes.end)).toString('hex')}`,
            );
        };
        expect(others(draft.message)).toEqual(others(before));
      }),
      runs,
    );
  });

  test('changes one stretch of bytes and no others', () => {
    fc.assert(
      fc.property(raw, fc.string({ maxLength: 8 }), (bytes, value) => {
        const message = Message.parse(bytes, { charset: 'UNICODE UTF-8' });
        const span = new Locator(message).bytes({
          index: 1,
          segment: 'PID',
          field: 4,
          repetition: 0,
          component: 0,
          subcomponent: 0,
        });
        const edited = Draft.of(message).set('PID-4', value).toBytes();
        const tail = bytes.length - (span?.end ?? 0);
        expect(edited.subarray(0, span?.start)).toEqual(bytes.subarray(0, span?.start));
        expect(edited.subarray(edited.length - tail)).toEqual(bytes.subarray(bytes.length - tail));
      }),
      runs,
    );
  });

  test('that is refused leaves the draft as it was', () => {
    const draft = Draft.of(Message.fromText(`${header}\rPID|1\rmrg`));
    const before = draft.toBytes();
    // The last line is no segment, but a field behind it would make it one.
    expect(() => draft.set('PID-3', 'x')).toThrow(expect.objectContaining({ code: 'hl7-edit-broken' }));
    expect(() => draft.set('PV1-2[1]', '\ud800')).toThrow(expect.objectContaining({ code: 'hl7-charset-lacks' }));
    expect(draft.toBytes()).toEqual(before);
  });
});

describe('large messages', () => {
  test('10,000 OBX are edited at once, and a 5 MB field stands untouched', () => {
    const large = 'QUJD'.repeat(1_250_000);
    const segments = Array.from({ length: 10_000 }, (_, index) => `OBX|${index + 1}|NM|||${index}`);
    const draft = Draft.of(Message.fromText([header, `OBX|0|ED|||^^^Base64^${large}`, ...segments].join('\r')));
    draft.set('OBX[*]-11', 'F').set('OBX-5.1', 'x');
    expect(draft.message.getAll('OBX[*]-11')).toHaveLength(10_001);
    expect(draft.message.get('OBX-5.5')).toHaveLength(5_000_000);
  });
});

describe('recode', () => {
  const latin = Message.parse(encodeAs(`${header}||||||8859/1\rPID|1||é|\\XE9\\\\X0D\\|\\XC9\\`, 'windows-1252'));

  test('writes the message in another character set, MSH-18 and bytes in escape sequences too', () => {
    for (const code of ['UNICODE UTF-8', 'UNICODE UTF-16', 'UNICODE UTF-32', '8859/15', 'GB 18030-2000']) {
      const again = Message.parse(recode(latin, code).bytes);
      expect([again.get('MSH-18'), again.get('PID-3'), again.get('PID-4'), again.get('PID-5')]).toEqual([code, 'é', 'é\r', 'É']);
    }
  });

  test('refuses what would be lost', () => {
    expect(() => recode(latin, '8859/5')).toThrow(expect.objectContaining({ code: 'hl7-charset-lacks' }));
    expect(() => recode(latin, 'KLINGON')).toThrow(expect.objectContaining({ code: 'hl7-charset-unknown' }));
    const broken = Message.parse(encodeAs(`${header}||||||UNICODE UTF-8\rPID|1||\\`, 'utf-8').with(-1, 0xff));
    expect(() => recode(broken, '8859/1')).toThrow(expect.objectContaining({ code: 'hl7-charset-lacks' }));
  });
});

test.each([
  '2.1',
  '2.2',
  '2.3',
  '2.3.1',
  '2.4',
  '2.5',
  '2.5.1',
  '2.6',
  '2.7',
  '2.7.1',
  '2.8',
  '2.8.1',
  '2.8.2',
  '2.9',
  '',
  '3.0',
  'v2',
  '""',
  '2.5.1^DEU^L',
])('MSH-12 %j is read and written', (version) => {
  const message = Message.fromText(`MSH|^~\\&|A|B|||2026||ADT^A01|1|P|${version}\rPID|1||11`);
  expect(message.get('PID-3')).toBe('11');
  expect(message.version).toBe(version.split('^')[0]);
  expect(Draft.of(message).set('PID-8', 'F').text).toBe(`${message.text}|||||F`);
});
