import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applicationWish, buildAck, buildApplicationAck, buildRefusal, isWished, type Refusal, readAck } from './ack.ts';
import { encodeAs } from './charset.ts';
import { Message } from './message.ts';

const stamp = { time: new Date('2026-01-02T03:04:05.678Z'), controlId: 'W1' };
const refused: Refusal = { code: 'listen-type', location: 'MSH-9' };

function reply(msh: string, refusal: Refusal | null = null): Message | null {
  const ack = buildAck(Message.fromText(msh), refusal, stamp);
  return ack && Message.parse(ack.bytes);
}
const header = (rest: string): string => `MSH|^~\\&|EPIC^1.2^ISO|MAIN|WEIR|MERCY|20260101||${rest}`;

describe('original mode: neither MSH-15 nor MSH-16 (HL7 2.9, 2.9.2)', () => {
  test('a fresh MSH with sender and receiver swapped, and MSA-2 is the control id', () => {
    const ack = buildAck(Message.fromText(header('ADT^A01^ADT_A01|C\\T\\1|T|2.5.1')), null, stamp);
    expect(ack?.code).toBe('AA');
    expect(new TextDecoder().decode(ack?.bytes)).toBe(
      'MSH|^~\\&|WEIR|MERCY|EPIC^1.2^ISO|MAIN|20260102030405+0000||ACK^A01^ACK|W1|T|2.5.1\rMSA|AA|C\\T\\1\r',
    );
  });

  test('several faults are an ERR each; up to 2.4, whose ACK has one ERR, repetitions of its field', () => {
    const conditions = [
      { location: 'PID[2]-3[1].4', condition: '103', text: 'no code' },
      { location: 'PV1', condition: '100', text: 'missing' },
    ];
    const errors = (version: string) =>
      reply(header(`ADT^A01|C1|P|${version}`), { code: 'conform-rejected', conditions })?.getAll('ERR[*]');
    expect(errors('2.5.1')).toEqual([
      'ERR||PID^2^3^1^4|103^Table value not found^HL70357|E|||conform-rejected|no code',
      'ERR||PV1^1|100^Segment sequence error^HL70357|E|||conform-rejected|missing',
    ]);
    expect(errors('2.4')).toEqual(['ERR|PID^2^3^103&Table value not found&HL70357~PV1^1^^100&Segment sequence error&HL70357']);
  });

  test('AR says where (ERR-2), which condition (ERR-3, table 0357), how bad (ERR-4), our code and a sentence (ERR-7, ERR-8)', () => {
    const ack = reply(header('ADT^A01|C1|P|2.5.1'), refused);
    expect(ack?.get('MSA-1')).toBe('AR');
    expect(ack?.get('ERR-2')).toBe('MSH^1^9');
    expect(ack?.get('ERR-3')).toBe('200^Unsupported message type^HL70357');
    expect(ack?.get('ERR-4')).toBe('E');
    expect(ack?.get('ERR-7')).toBe('listen-type');
    expect(ack?.get('ERR-8')).toContain('does not take this message type');
  });

  test('the code is that of the error: what was not stored is AE, to be sent again', () => {
    expect(reply(header('ADT^A01|C1|P|2.5'), { code: 'listen-not-stored' })?.get('MSA-1')).toBe('AE');
  });

  test.each([
    ['MSH-9', 'MSH^1^9'],
    ['MSH-9.1', 'MSH^1^9^1^1'],
    ['PID-3[2].4.1', 'PID^1^3^2^4^1'],
    ['OBX[3]', 'OBX^3'],
    ['nonsense', null],
  ])('ERR-2 of %s', (location, erl) => {
    expect(reply(header('ADT^A01|C1|P|2.5'), { code: 'listen-type', location })?.get('ERR-2')).toBe(erl);
  });
});

describe('by version', () => {
  test.each([
    ['2.1', 'ACK'],
    ['2.2', 'ACK^A01'],
    ['2.3', 'ACK^A01'],
    ['2.3.1', 'ACK^A01^ACK'],
    ['2.4', 'ACK^A01^ACK'],
    ['2.5.1^USA', 'ACK^A01^ACK'],
    ['2.9', 'ACK^A01^ACK'],
    ['', 'ACK^A01^ACK'],
    ['nonsense', 'ACK^A01^ACK'],
  ])('%j is answered as %s', (version, type) => {
    const ack = reply(header(`ADT^A01|C1|P|${version}`));
    expect(ack?.get('MSH-9')).toBe(type);
    expect(ack?.get('MSH-12')).toBe(version === '' ? '2.5.1' : version);
  });

  test('before 2.5 the error stands in ERR-1, up to 2.6 the sentence in MSA-3', () => {
    const old = reply(header('ADT^A01|C1|P|2.3'), refused);
    expect(old?.get('ERR-1')).toBe('MSH^1^9^200&Unsupported message type&HL70357');
    expect(old?.get('MSA-3')).toContain('does not take this message type');
    expect(reply(header('ADT^A01|C1|P|2.7'), refused)?.get('MSA-3')).toBeNull();
  });
});

describe('enhanced mode: either is valued (HL7 2.9, 2.9.3)', () => {
  const modes: [string, string, string | null, string | null][] = [
    ['AL', 'NE', 'CA', 'CR'],
    ['AL', 'AL', 'CA', 'CR'],
    ['NE', 'AL', null, null],
    ['NE', '', null, null],
    ['ER', 'NE', null, 'CR'],
    ['SU', 'NE', 'CA', null],
    ['', 'AL', 'CA', 'CR'],
    ['??', '', 'CA', 'CR'],
  ];
  test.each(modes)('MSH-15 %j, MSH-16 %j: %s when stored, %s when refused', (accept, application, stored, refusedCode) => {
    const msh = header(`ADT^A01|C1|P|2.5.1|||${accept}|${application}`);
    expect(reply(msh)?.get('MSA-1') ?? null).toBe(stored);
    expect(reply(msh, refused)?.get('MSA-1') ?? null).toBe(refusedCode);
  });

  test('CE where it was not stored', () => {
    expect(reply(header('ADT^A01|C1|P|2.5.1|||AL'), { code: 'listen-not-stored' })?.get('MSA-1')).toBe('CE');
  });

  test("the ACK's own MSH-15 and 16 are empty", () => {
    const ack = reply(header('ADT^A01|C1|P|2.5.1|||AL|AL|USA|UNICODE UTF-8'));
    expect(ack?.get('MSH-15')).toBeNull();
    expect(ack?.get('MSH-16')).toBeNull();
    expect(ack?.get('MSH-18')).toBe('UNICODE UTF-8');
  });
});

describe('never an ACK to an ACK', () => {
  test.each([
    ['ACK^A01^ACK|1|P|2.5\rMSA|AA|X', null],
    ['ACK|1|P|2.5|||AL\rMSA|CA|X', null],
    ['MCF|1|P|2.3\rMSA|AA|X', null],
    ['RSP^K22^RSP_K21|1|P|2.5\rMSA|AA|X', null],
    ['RSP^K22^RSP_K21|1|P|2.5|||AL\rMSA|AA|X', 'CA'],
  ])('%j', (rest, code) => expect(reply(header(rest))?.get('MSA-1') ?? null).toBe(code));
});

describe('the application ACK (HL7 2.9, 2.9.3.2)', () => {
  test.each([
    ['AL|AL', 'AL'],
    ['NE|ER', 'ER'],
    ['|SU', 'SU'],
    ['AL|NE', null],
    ['AL|', null],
    ['|', null],
    ['AL|??', 'AL'],
  ])('MSH-15|16 %s: %s', (wishes, wish) => {
    expect(applicationWish(Message.fromText(header(`ADT^A01|C1|P|2.5.1|||${wishes}`)))).toBe(wish);
  });

  test.each([
    ['AL', true, true, true],
    ['ER', false, true, true],
    ['SU', true, false, false],
  ] as const)('table 0155, %s: after success %s, after an error %s, after a rejection %s', (wish, AA, AE, AR) => {
    expect([isWished(wish, 'AA'), isWished(wish, 'AE'), isWished(wish, 'AR')]).toEqual([AA, AE, AR]);
  });

  test.each(['ACK^A01^ACK|C1|P|2.5.1|||AL|AL\rMSA|AA|X', 'MCF|C1|P|2.3|||AL|AL', 'RSP^K22|C1|P|2.5.1|||AL|AL\rMSA|AA|X'])(
    'none for an ACK or a response: %j',
    (rest) => expect(applicationWish(Message.fromText(header(rest)))).toBeNull(),
  );

  function application(rest: string, fault: Refusal | null, confirm = false): string {
    const ack = buildApplicationAck(Message.fromText(header(rest)), fault, stamp, { confirm });
    return new TextDecoder().decode(ack.bytes);
  }

  test('a header of its own, which says whether an accept ACK is wanted and never wants an application ACK', () => {
    expect(application('ADT^A01|C1|T|2.5.1|||AL|AL', null)).toBe(
      'MSH|^~\\&|WEIR|MERCY|EPIC^1.2^ISO|MAIN|20260102030405+0000||ACK^A01^ACK|W1|T|2.5.1|||NE|NE\rMSA|AA|C1\r',
    );
    expect(application('ADT^A01|C1|T|2.5.1|||AL|AL', null, true)).toContain('|2.5.1|||AL|NE\r');
  });

  test('a message that was parked: AE, and the cause as ERR', () => {
    const text = application('ADT^A01|C1|P|2.9|||AL|AL', { code: 'fhir-invalid' });
    expect(text).toContain('\rMSA|AE|C1\rERR|||207^Application internal error^HL70357|E|||fhir-invalid|');
  });

  test('of a message in original mode: MSH-15 and 16 are empty', () => {
    expect(application('ADT^A01|C1|T|2.5.1', null)).toContain('|W1|T|2.5.1\rMSA|AA|C1\r');
  });
});

describe('MSA-4, the expected sequence number (HL7 2.9, 2.10.1)', () => {
  test.each([
    [null, '2.5.1', 'MSA|AA|C1||-1'],
    [null, '2.9', 'MSA|AA|C1||-1'],
    [refused, '2.9', 'MSA|AR|C1||-1'],
  ])('%j in %s: %s', (refusal, version, msa) => {
    const ack = buildAck(Message.fromText(header(`ADT^A01|C1|P|${version}`)), refusal, stamp, { expected: -1 });
    expect(new TextDecoder().decode(ack?.bytes)).toContain(`\r${msa}\r`);
  });
  test('stands behind the sentence of MSA-3', () => {
    const ack = buildAck(Message.fromText(header('ADT^A01|C1|P|2.5.1')), refused, stamp, { expected: 7 });
    expect(Message.parse(ack?.bytes ?? new Uint8Array()).get('MSA-4')).toBe('7');
  });
});

describe('MSA-6, the error condition of versions 2.2 to 2.4 (HL7 2.4, 2.16.8.6)', () => {
  const msaOf = (version: string, expected: number | null, fault: typeof refused | null = refused) => {
    const ack = buildAck(Message.fromText(header(`ADT^A01|C1|P|${version}`)), fault, stamp, { expected });
    return Message.parse(ack?.bytes ?? new Uint8Array());
  };
  test.each(['2.2', '2.3', '2.3.1', '2.4'])('%s: beside the sentence and the expected number', (version) => {
    expect(msaOf(version, 7).getAll('MSA-6.1')).toEqual(['200']);
    expect(msaOf(version, 7).get('MSA-6.3')).toBe('HL70357');
    expect(msaOf(version, 7).get('MSA-4')).toBe('7');
    expect(msaOf(version, null).get('MSA-4')).toBeNull();
    expect(msaOf(version, null).get('MSA-3')).not.toBeNull();
    expect(msaOf(version, null).get('MSA-6.1')).toBe(msaOf(version, null).get('ERR-1.4.1'));
  });
  test.each(['2.1', '2.5', '2.5.1', '2.9', '', 'two'])('"%s": none', (version) => {
    expect(msaOf(version, 7).get('MSA-6')).toBeNull();
  });
  test('none where the message is taken', () => {
    expect(msaOf('2.4', 7, null).get('MSA-6')).toBeNull();
  });
  test('of several faults the first', () => {
    const conditions = ['101', '103'].map((condition) => ({ location: 'PID-3', condition, text: 'x' }));
    expect(msaOf('2.4', null, { ...refused, conditions } as typeof refused).getAll('MSA-6.1')).toEqual(['101']);
  });
});

describe('whatever the header', () => {
  test("the sender's delimiters", () => {
    const ack = buildAck(Message.fromText('MSH$%*!@$S%1$F$W$M$$$ADT%A01$C1$P$2.5'), refused, stamp);
    const text = new TextDecoder().decode(ack?.bytes);
    expect(text).toMatch(/^MSH\$%\*!@\$W\$M\$S%1\$F\$20260102030405\+0000\$\$ACK%A01%ACK\$W1\$P\$2\.5\rMSA\$AR\$C1\$/);
    expect(Message.parse(ack?.bytes ?? new Uint8Array()).get('ERR-3.1')).toBe('200');
  });

  test("the sender's character set", () => {
    const latin = Uint8Array.from(
      [...'MSH|^~\\&|Caf\xe9|F|||||ADT^A01|N\xb0 1|P|2.5||||||8859/1'].map((character) => character.charCodeAt(0)),
    );
    const ack = buildAck(Message.parse(latin), null, stamp);
    expect(Array.from(ack?.bytes ?? [])).toContain(0xe9);
    expect(Message.parse(ack?.bytes ?? new Uint8Array()).get('MSA-2')).toBe('N° 1');
  });

  test.each([
    ['ISO IR87', 'iso-2022-jp', '受付番号七'],
    ['UNICODE UTF-8', 'utf-8', '№ 7'],
    ['GB 18030-2000', 'gb18030', '编号七'],
    ['BIG-5', 'big5', '編號七'],
    ['KS X 1001', 'euc-kr', '번호칠'],
    ['8859/5', 'iso-8859-5', 'номер 7'],
  ])("in the sender's character set: %s", (code, label, id) => {
    const raw = encodeAs(`MSH|^~\\&|${id}|F|||||ADT^A01|${id}|P|2.5||||||${code}`, label);
    const ack = buildAck(Message.parse(raw), refused, stamp, { received: raw })?.bytes ?? new Uint8Array();
    const read = Message.parse(ack);
    expect(read.charset).toBe(label);
    expect([read.get('MSA-2'), read.get('MSH-5'), read.get('MSH-18')]).toEqual([id, id, code]);
    expect(read.undecodable).toBeNull();
  });

  test.each(['utf-16le', 'utf-16be', 'utf-32le'])('in %s, where that is how it came', (label) => {
    const ack = buildAck(Message.parse(encodeAs('MSH|^~\\&|A|F|||||ADT^A01|№ 7|P|2.5', label)), null, stamp);
    const read = Message.parse(ack?.bytes ?? new Uint8Array());
    expect([read.charset, read.get('MSA-2')]).toEqual([label, '№ 7']);
  });

  test('with the character set its handling scheme (MSH-20)', () => {
    expect(reply(header('ADT^A01|1|P|2.5||||||ISO IR6~ISO IR87||ISO 2022-1994'))?.get('MSH-20')).toBe('ISO 2022-1994');
  });

  const bytes = (text: string): Uint8Array => Uint8Array.from([...text].map((character) => character.charCodeAt(0)));
  test.each([
    [
      'bytes that are no UTF-8',
      'MSH|^~\\&|Caf\xe9|F|||||ADT^A01|N\xb0\xff1|P|2.5||||||UNICODE UTF-8',
      'N\xb0\xff1',
      '|Caf\xe9|F|',
    ],
    ['a byte that GB 18030 lacks', 'MSH|^~\\&|A|F|||||ADT^A01|\xff\x311|P|2.5||||||GB 18030-2000', '\xff\x311', '|A|F|'],
  ])('a control id that cannot be decoded is echoed byte for byte: %s', (_, raw, id, sender) => {
    const message = Message.parse(bytes(raw));
    expect(message.undecodable).not.toBeNull();
    for (const refusal of [null, refused]) {
      const ack = buildAck(message, refusal, stamp, { received: bytes(raw) });
      const text = Buffer.from(ack?.bytes ?? []).toString('latin1');
      expect(text.split('\r')[1]).toContain(`MSA|${ack?.code}|${id}`);
      expect(text.split('\r')[0]).toContain(sender);
    }
  });

  test('beside letters of two bytes, the second of which is |', () => {
    const raw = bytes('MSH|^~\\&|\x81||F|||||ADT^A01|C\x81|7\xff\x31|P|2.5');
    const ack = buildAck(Message.parse(raw, { charset: 'GB 18030-2000' }), null, stamp, { received: raw });
    const text = Buffer.from(ack?.bytes ?? []).toString('latin1');
    expect(text).toContain('|\x81||F|');
    expect(text).toMatch(/MSA\|AA\|C\x81\|7\xff1\r$/);
  });

  test('also half a character of UTF-16', () => {
    const raw = new Uint8Array(Buffer.from('MSH|^~\\&|A|F|||||ADT^A01|C\ud800|P|2.5', 'utf16le'));
    const ack = buildAck(Message.parse(raw), null, stamp, { received: raw });
    expect(Buffer.from(ack?.bytes ?? []).toString('utf16le')).toMatch(/\rMSA\|AA\|C\ud800\r$/);
  });

  test('bytes of a frame within the header do not end the frame of the ACK', () => {
    const raw = bytes('MSH|^~\\&|A\xff|F|||||ADT^A01|C\x1c\r\x0b1|P|2.5||||||UNICODE UTF-8');
    const ack = buildAck(Message.parse(raw), null, stamp, { received: raw });
    expect(ack?.bytes.some((byte) => byte === 0x1c || byte === 0x0b)).toBe(false);
  });

  test.each(['MSH|', 'MSH|^~\\&', 'MSH|^~\\&|A', 'MSH|^~\\&|A|B|C|D|E|F|G', 'MSH||', 'MSH|^'])(
    'half broken, it gets the best ACK there can be: %j',
    (msh) => {
      for (const refusal of [null, refused]) {
        const ack = reply(msh, refusal);
        expect(ack?.get('MSA-1')).toBe(refusal === null ? 'AA' : 'AR');
        expect(ack?.get('MSH-10')).toBe('W1');
        expect(ack?.type).toBe('ACK');
      }
    },
  );

  test('bytes that are no message get an AR too', () => {
    const ack = buildRefusal({ code: 'hl7-not-a-message' }, stamp);
    const message = Message.parse(ack.bytes);
    expect(ack.code).toBe('AR');
    expect(message.get('MSA-1')).toBe('AR');
    expect(message.get('ERR-3.1')).toBe('100');
  });

  test('no header makes it throw, and what it makes is a message whose segments are those of an ACK', () => {
    const part = fc
      .array(fc.constantFrom('|', '^', '~', '\\', '&', 'A', '2', '.', '\r', '\n', 'é', '\0', 'ADT^A01'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(part, (rest) => {
        const ack = reply(`MSH|${rest}`, refused);
        if (ack !== null) expect(ack.segments.map((segment) => segment.name)).toEqual(['MSH', 'MSA', 'ERR']);
      }),
    );
  });
});

describe('reading an ACK', () => {
  test('finds the sentence wherever it stands', () => {
    const read = (rest: string) => readAck(Message.fromText(`MSH|^~\\&|||||||ACK|1|P|2.5\r${rest}`));
    expect(read('MSA|AA|C1')).toEqual({ code: 'AA', positive: true, controlId: 'C1', text: '' });
    expect(read('MSA|CA|C1')?.positive).toBe(true);
    expect(read('MSA|AE|C1|no bed')).toEqual({ code: 'AE', positive: false, controlId: 'C1', text: 'no bed' });
    expect(read('MSA|AR|C1|x\rERR|||101^Required field missing|E||||PID-3 is empty')?.text).toBe('PID-3 is empty');
    expect(read('PID|1')).toBeNull();
  });
});
