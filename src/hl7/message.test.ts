import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeirError } from '../errors.ts';
import { Message } from './message.ts';
import { formatLocation } from './path.ts';

const header = 'MSH|^~\\&|EPIC|MAIN|WEIR|MERCY|20260101||ADT^A01^ADT_A01|C1|P|2.5.1';
const read = (...segments: string[]): Message => Message.fromText([header, ...segments].join('\r'));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('MSH numbering and delimiters (HL7 2.9, 2.5.4)', () => {
  test('MSH-1 is the separator itself, MSH-2 is not divided', () => {
    const message = read();
    expect(message.get('MSH-1')).toBe('|');
    expect(message.get('MSH-2')).toBe('^~\\&');
    expect(message.get('MSH-2.1')).toBe('^~\\&');
    expect(message.get('MSH-2.2')).toBeNull();
    expect(message.get('MSH-3')).toBe('EPIC');
    expect(message.segments[0]?.count(2)).toBe(1);
    expect(message.segments[0]?.fieldCount).toBe(12);
  });

  test('header fields have names', () => {
    expect(read()).toMatchObject({
      type: 'ADT',
      event: 'A01',
      structure: 'ADT_A01',
      controlId: 'C1',
      version: '2.5.1',
      sender: 'EPIC^MAIN',
    });
  });

  test('custom delimiters are those of the message', () => {
    const message = Message.fromText('MSH$%*!@$S%1$$$$$$ADT%A04$C$P$2.5\rPID$1$$A%%%N@1@ISO*B$$x|y^z~w&v!S!u');
    expect(message.delimiters).toEqual({
      field: '$',
      component: '%',
      repetition: '*',
      escape: '!',
      subcomponent: '@',
      truncation: null,
    });
    expect(message.get('PID-3[2]')).toBe('B');
    expect(message.get('PID-3.4.3')).toBe('ISO');
    expect(message.get('PID-5')).toBe('x|y^z~w&v%u');
  });

  test('the truncation character of 2.7', () => {
    const message = Message.fromText('MSH|^~\\&#|||||||ADT|1|P|2.7\rPID|1||a#|b\\P\\c');
    expect(message.delimiters.truncation).toBe('#');
    expect(message.get('PID-3')).toBe('a#');
    expect(message.get('PID-4')).toBe('b#c');
  });

  test('a delimiter that MSH-2 leaves out divides nothing; an empty MSH-2 means the recommended ones', () => {
    const short = Message.fromText('MSH|^~|A\rPID|1||a^b~c\\F\\d&e');
    expect(short.get('PID-3.2')).toBe('b');
    expect(short.get('PID-3[2]')).toBe('c\\F\\d&e');
    expect(Message.fromText('MSH||A\rPID|1||a^b').get('PID-3.2')).toBe('b');
  });
});

describe('where a message begins', () => {
  test.each(['\ufeff', '\r\n', '  \t', '\ufeff\r\n '])(
    'a byte order mark and white space before MSH are passed over: %j',
    (before) => {
      const message = Message.parse(bytes(before + header));
      expect(message.controlId).toBe('C1');
      expect(message.text).toBe(before + header);
    },
  );

  test.each(['', 'MSH', 'MSHello', 'PID|1', 'FHS|^~\\&', 'GET / HTTP/1.1', '<ClinicalDocument/>', 'xMSH|^~\\&', 'MSH\r', '\0'])(
    'what does not begin with MSH is no message: %j',
    (text) => {
      expect(() => Message.fromText(text)).toThrow(WeirError);
      expect(() => Message.fromText(text)).toThrow(expect.objectContaining({ code: 'hl7-not-a-message' }));
    },
  );
});

describe('segments', () => {
  test.each(['\r', '\n', '\r\n', '\r\r', '\n\n\n', '\r\n\r\n', '\r  \r'])('end with %j', (end) => {
    const message = Message.fromText(`${header}${end}PID|1||A${end}PV1|1|I${end}`);
    expect(message.segments.map((segment) => segment.name)).toEqual(['MSH', 'PID', 'PV1']);
    expect(message.get('PV1-2')).toBe('I');
    expect(message.get('PID-3')).toBe('A');
  });

  test('a raw line end within a text loses nothing: the line goes on with its field', () => {
    const message = read('OBX|1|TX|||first line\nsecond: line|x', 'OBX|2|TX|||b');
    expect(message.segments).toHaveLength(3);
    expect(message.get('OBX-5')).toBe('first line\nsecond: line');
    expect(message.get('OBX-6')).toBe('x');
  });

  test('Z segments, unknown ones and names that mean something to JavaScript are segments like others', () => {
    const message = read('ZPI|1|a^b', '__proto__|p|q', 'constructor|c', 'toString|t', 'ZZZ');
    expect(message.segments.map((segment) => segment.name)).toEqual([
      'MSH',
      'ZPI',
      '__proto__',
      'constructor',
      'toString',
      'ZZZ',
    ]);
    expect(message.get('ZPI-2.2')).toBe('b');
    expect(message.segments[2]?.value(2, 1, 0, 0)).toBe('q');
    expect(({} as Record<string, unknown>).p).toBeUndefined();
  });

  test('a second MSH inside is a segment, numbered as one', () => {
    const message = read('PID|1', 'MSH|^~\\&|OTHER');
    expect(message.get('MSH[2]-3')).toBe('OTHER');
    expect(message.sender).toBe('EPIC^MAIN');
  });

  test('each knows where it stands in the text', () => {
    const message = Message.fromText(`\r\n${header}\r\n\r\nPID|1||A\r\n`);
    for (const segment of message.segments)
      expect(message.text.slice(segment.start, segment.start + segment.text.length)).toBe(segment.text);
  });

  test('10,000 OBX and a 5 MB field', () => {
    const many = read(...Array.from({ length: 10_000 }, (_, index) => `OBX|${index + 1}|NM|||${index}`));
    expect(many.get('OBX[10000]-5')).toBe('9999');
    expect(many.getAll('OBX[*]-5')).toHaveLength(10_000);
    const large = 'A'.repeat(5_000_000);
    expect(read(`OBX|1|ED|||^application^pdf^Base64^${large}`).get('OBX-5.5')).toHaveLength(5_000_000);
  });
});

describe('values', () => {
  const message = read(
    'PID|1||11^^^A&1.2&ISO^MR~22^^^B||DOE^J\\T\\J|""|1980|F^^|~~x|a\\X0D\\b||^^^^',
    'OBX|1|NM|||999.00',
    'OBX|2|ST|||+0100',
  );

  test.each([
    ['PID-3', '11^^^A&1.2&ISO^MR'],
    ['PID-3.1', '11'],
    ['PID-3[2].1', '22'],
    ['PID-3[2].4.1', 'B'],
    ['PID-3.4', 'A&1.2&ISO'],
    ['PID-3.4.2', '1.2'],
    ['PID-3[3]', null],
    ['PID-3.9', null],
    ['PID-5', 'DOE^J\\T\\J'],
    ['PID-5.2', 'J&J'],
    ['PID-6', '""'],
    ['PID-7', '1980'],
    ['PID-8', 'F'],
    ['PID-9', null],
    ['PID-9[3]', 'x'],
    ['PID-9[*]', 'x'],
    ['PID-10', 'a\rb'],
    ['PID-12', '^^^^'],
    ['PID-12.1', null],
    ['PID-99', null],
    ['NK1-1', null],
    ['OBX-5', '999.00'],
    ['OBX[2]-5', '+0100'],
    ['OBX[3]-5', null],
    ['PID', null],
  ])('%s', (path, value) => {
    if (path === 'PID') expect(message.get(path)).toBe(message.segments[1]?.text);
    else if (path === 'PID-12') expect(message.get(path)).toBeNull();
    else expect(message.get(path)).toBe(value);
  });

  test('what is not divided is its own first part (2.6)', () => {
    expect(message.get('PID-7.1')).toBe('1980');
    expect(message.get('PID-7.1.1')).toBe('1980');
    expect(message.get('PID-7.2')).toBeNull();
    expect(message.get('PID-3.1.1')).toBe('11');
    expect(message.get('PID-3.1.2')).toBeNull();
  });

  test('the first character of a field is that of its text, and 0 where there is none', () => {
    for (const segment of [...read('PID|1||7~8^^^A||^Ann', 'ZZZ', 'ZZ1|').segments, ...Message.fromText('MSH|').segments]) {
      for (let field = -1; field <= segment.fieldCount + 2; field += 1) {
        const text = segment.field(field);
        expect(segment.firstUnit(field), `${segment.name}-${field}`).toBe(text === '' ? 0 : text.charCodeAt(0));
      }
    }
  });

  test('getAll gives the valued ones of all repetitions and segments', () => {
    expect(message.getAll('PID-3[*].1')).toEqual(['11', '22']);
    expect(message.getAll('PID-9[*]')).toEqual(['x']);
    expect(message.getAll('OBX[*]-5')).toEqual(['999.00', '+0100']);
    expect(message.getAll('PID-3.1')).toEqual(['11']);
    expect(message.getAll('ZZZ[*]-1')).toEqual([]);
  });

  test('counts are of what is in the text, empty repetitions included', () => {
    const pid = message.segments[1];
    expect(pid?.count(3)).toBe(2);
    expect(pid?.count(9)).toBe(3);
    expect(pid?.count(4)).toBe(0);
    expect(pid?.componentCount(3, 1)).toBe(5);
    expect(pid?.componentCount(3, 3)).toBe(0);
    expect(pid?.subcomponentCount(3, 1, 4)).toBe(3);
    expect(pid?.subcomponentCount(3, 1, 2)).toBe(0);
  });

  test('extra components and fields beyond the standard are readable', () => {
    expect(read('PV1|1|a^b^c^d^e^f^g^h^i^j^k^l&m').get('PV1-2.12.2')).toBe('m');
    expect(read(`PV1|${'|'.repeat(199)}z`).get('PV1-200')).toBe('z');
  });

  test('nonsense positions read nothing', () => {
    const pid = message.segments[1];
    for (const at of [-1, 0, 1e9, Number.NaN]) expect(pid?.value(at, 1, 1, 1)).toBe('');
    expect(pid?.value(3, -1, 1, 1)).toBe('');
    expect(pid?.value(3, 1, -1, 1)).toBe('');
  });
});

describe('leaves', () => {
  test('are every populated subcomponent, with "" told apart from empty', () => {
    const leaves = [...read('PID|1||A^^^N&1~B|""').leaves()].filter(({ location }) => location.segment === 'PID');
    expect(leaves.map(({ location, value }) => [formatLocation(location), value])).toEqual([
      ['PID-1[1].1.1', '1'],
      ['PID-3[1].1.1', 'A'],
      ['PID-3[1].4.1', 'N'],
      ['PID-3[1].4.2', '1'],
      ['PID-3[2].1.1', 'B'],
      ['PID-4[1].1.1', '""'],
    ]);
  });

  test('each is what value gives at its location', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '|', '^', '~', '\\', '&', '"', 'F', '\r', 'Z'), { maxLength: 60 }), (parts) => {
        const message = Message.fromText(`${header}\rZZZ|${parts.join('')}`);
        for (const { location, value } of message.leaves()) {
          const { index, field, repetition, component, subcomponent } = location;
          expect(value).not.toBe('');
          expect(message.segments[index]?.value(field, repetition, component, subcomponent)).toBe(value);
        }
      }),
    );
  });
});

describe('the text is never changed', () => {
  test('parse then text is the identity on any bytes that decode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (body) => {
        const raw = bytes(`${header}\r${body}`);
        expect(bytes(Message.parse(raw).text)).toEqual(raw);
      }),
    );
  });

  test('nothing a sender writes behind the header throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        const message = Message.parse(Uint8Array.from([...bytes('MSH|'), ...body]));
        for (const segment of message.segments) segment.value(3, 1, 1, 1);
        for (const path of ['MSH-9.1', 'PID-3[*].4.2', 'OBX[*]-5', 'ZZZ']) message.getAll(path);
        expect([message.type, message.sender].every((value) => typeof value === 'string')).toBe(true);
        expect([...message.leaves()].length).toBeGreaterThan(0);
      }),
    );
  });
});

const corpus = new URL('../../../shared/corpus/', import.meta.url);
describe.skipIf(!existsSync(corpus))('the development corpus, where it lies beside the repository', () => {
  const files = existsSync(corpus)
    ? readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(hl7|txt)$/.test(file))
    : [];

  test('is read without loss: the segments hold all but line ends', () => {
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const raw = readFileSync(new URL(encodeURI(file), corpus));
      let message: Message;
      try {
        message = Message.parse(raw);
      } catch {
        continue;
      }
      const strip = (text: string): string => text.replace(/[\r\n\s\ufeff]/g, '');
      expect(strip(message.segments.map((segment) => segment.text).join('')), file).toBe(strip(message.text));
    }
  });
});
