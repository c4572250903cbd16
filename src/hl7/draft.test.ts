import { describe, expect, test } from 'vitest';
import { Draft } from './draft.ts';
import { Message } from './message.ts';

const header = 'MSH|^~\\&|EPIC|MAIN|WEIR|MERCY|20260101||ADT^A01^ADT_A01|C1|P|2.5.1';
const draft = (...segments: string[]): Draft => Draft.of(Message.fromText(`${[header, ...segments].join('\r')}\r`));
/** What the edits made of the segments behind the header. */
const body = (edited: Draft): string[] => edited.text.slice(header.length).split('\r').slice(1, -1);
const code = (name: string) => expect.objectContaining({ code: name });

describe('set', () => {
  test.each([
    ['PID-8', 'F', 'PID|1||A~B|||||F'],
    ['PID-3', 'X', 'PID|1||X'],
    ['PID-3[1]', 'X', 'PID|1||X~B'],
    ['PID-3[2]', 'X', 'PID|1||A~X'],
    ['PID-3[4]', 'X', 'PID|1||A~B~~X'],
    ['PID-3.4', 'X', 'PID|1||A^^^X~B'],
    ['PID-3[2].4.2', 'X', 'PID|1||A~B^^^&X'],
    ['PID-3[*].1', 'X', 'PID|1||X~X'],
    ['PID-3[*]', 'X', 'PID|1||X~X'],
    ['PID-3[3].2', 'X', 'PID|1||A~B~^X'],
    ['PID-3.1.1', 'X', 'PID|1||X~B'],
    ['PID-1', '', 'PID|||A~B'],
    ['PID-30', '', 'PID|1||A~B'],
    ['PID-5', 'O^H & |R~\\', 'PID|1||A~B||O\\S\\H \\T\\ \\F\\R\\R\\\\E\\'],
    ['PID-5', '""', 'PID|1||A~B||""'],
    ['PID-5', 'two\r\nlines', 'PID|1||A~B||two\\X0D\\\\X0A\\lines'],
  ])('%s = %j', (path, value, segment) => {
    expect(body(draft('PID|1||A~B').set(path, value))).toEqual([segment]);
  });

  test('writes to the segments that a path names', () => {
    const edited = draft('OBX|1', 'NTE|1', 'OBX|2', 'OBX|3').set('OBX[*]-11', 'F').set('OBX[2]-2', 'ST');
    expect(body(edited)).toEqual(['OBX|1||||||||||F', 'NTE|1', 'OBX|2|ST|||||||||F', 'OBX|3||||||||||F']);
  });

  test('a segment that is missing comes last, the next of its name behind the others', () => {
    expect(body(draft('PID|1').set('ZPI-2.2', 'x'))).toEqual(['PID|1', 'ZPI||^x']);
    expect(body(draft('NK1|1', 'PV1|1').set('NK1[2]-1', '2'))).toEqual(['NK1|1', 'NK1|2', 'PV1|1']);
    expect(body(draft('PID|1').set('NK1[*]-1', '2'))).toEqual(['PID|1']);
    expect(() => draft('NK1|1').set('NK1[3]-1', '3')).toThrow(code('hl7-edit-place'));
  });

  test('fields of the header, but not its delimiters', () => {
    expect(draft().set('MSH-3', 'LAB').set('MSH-6.2', 'x').message.get('MSH-3')).toBe('LAB');
    expect(draft().set('MSH-9.2', 'A08').message.event).toBe('A08');
    expect(() => draft().set('MSH-1', '$')).toThrow(code('hl7-edit-place'));
    expect(() => draft().set('MSH-2', '^~\\&#')).toThrow(code('hl7-edit-place'));
  });

  test('is refused where there is nothing to write to', () => {
    expect(() => draft('PID|1').set('PID', 'x')).toThrow(code('hl7-edit-place'));
    expect(() => draft('PID|1').set('pid-3', 'x')).toThrow(code('hl7-bad-path'));
  });

  test("uses the message's own delimiters, and none that it does not have", () => {
    const own = Draft.of(Message.fromText('MSH$%*!@$A\rPID$1\r')).set('PID-3[2].4.2', 'a$b|c!');
    expect(own.text).toBe('MSH$%*!@$A\rPID$1$$*%%%@a!F!b|c!E!\r');
    const bare = (): Draft => Draft.of(Message.fromText('MSH|^|A\rPID|1\r'));
    expect(bare().set('PID-3.2', 'x~y\\z').message.get('PID-3.2')).toBe('x~y\\z');
    expect(() => bare().set('PID-3[2]', 'x')).toThrow(code('hl7-edit-place'));
    expect(() => bare().set('PID-3', 'a|b')).toThrow(code('hl7-edit-escape'));
    const blank = Draft.of(Message.fromText('MSH|^ |A\rPID|1\r'));
    expect(() => blank.set('PID-3', 'a b')).toThrow(code('hl7-edit-escape'));
  });
});

describe('setRaw', () => {
  test('delimiters below the place count, and so do escape sequences', () => {
    expect(body(draft('PID|1||A~B').setRaw('PID-3', 'C^D~E&F'))).toEqual(['PID|1||C^D~E&F']);
    expect(body(draft('PID|1||A~B').setRaw('PID-3[2]', 'C^D'))).toEqual(['PID|1||A~C^D']);
    expect(draft('NTE|1').setRaw('NTE-3', 'a\\.br\\b\\T\\c').message.get('NTE-3')).toBe('a\\.br\\b&c');
  });

  test.each([
    ['PID-3', 'a|b'],
    ['PID-3[1]', 'a~b'],
    ['PID-3.1', 'a^b'],
    ['PID-3.1.1', 'a&b'],
    ['PID-3', 'a\rb'],
    ['PID-3', 'a\x1cb'],
    ['PID', 'no segment'],
    ['PID', 'PID|1\rPV1|1'],
  ])('%s = %j would reach beyond its place', (path, text) => {
    expect(() => draft('PID|1').setRaw(path, text)).toThrow(code('hl7-edit-text'));
  });

  test('a whole segment', () => {
    expect(body(draft('PID|1', 'PV1|1|I').setRaw('PV1', 'PV2|2'))).toEqual(['PID|1', 'PV2|2']);
    expect(() => draft('PID|1').setRaw('MSH', 'PID|1')).toThrow(code('hl7-edit-place'));
  });
});

describe('add', () => {
  test('a segment, last or beside another', () => {
    const values = { 1: '1', '3.1': 'a&b', 5: { 1: 'x', 2: 'y' } };
    expect(body(draft('PID|1', 'PV1|1').add('NTE', values))).toEqual(['PID|1', 'PV1|1', 'NTE|1||a\\T\\b||x^y']);
    expect(body(draft('PID|1', 'PV1|1').add('NTE', values, { after: 'PID' }))[1]).toBe('NTE|1||a\\T\\b||x^y');
    expect(body(draft('PID|1', 'PV1|1').add('NTE', values, { before: 'PID' }))[0]).toBe('NTE|1||a\\T\\b||x^y');
    expect(body(draft('OBX|1', 'OBX|2', 'PV1|1').addRaw('NTE|1||x^y', { after: 'OBX[*]' }))[2]).toBe('NTE|1||x^y');
    expect(() => draft('PID|1').add('NTE', {}, { after: 'ZZZ' })).toThrow(code('hl7-edit-place'));
    expect(() => draft('PID|1').add('NTE', {}, { before: 'MSH' })).toThrow(code('hl7-edit-place'));
    expect(() => draft('PID|1').add('MSH')).toThrow(code('hl7-edit-place'));
    expect(() => draft('PID|1').addRaw('NTE|a\rX')).toThrow(code('hl7-edit-text'));
  });

  test('a repetition', () => {
    expect(
      body(
        draft('PID|1')
          .add('PID-3', '11')
          .add('PID-3', { 1: '2^2', 4: { 1: 'B' } }),
      ),
    ).toEqual(['PID|1||11~2\\S\\2^^^B']);
    expect(body(draft('OBX|1', 'OBX|2||a').add('OBX[2]-3', 'b'))).toEqual(['OBX|1', 'OBX|2||a~b']);
  });

  test.each(['\r', '\n', '\r\n'])('with the line end that the message has: %j', (end) => {
    const message = Message.fromText(`${header}${end}PID|1`);
    expect(Draft.of(message).add('NTE', { 1: '1' }).text).toBe(`${header}${end}PID|1${end}NTE|1`);
  });
});

describe('remove', () => {
  test.each([
    ['PID-3', 'PID|1|||x^y&z'],
    ['PID-3[*]', 'PID|1|||x^y&z'],
    ['PID-3[1]', 'PID|1||B~C|x^y&z'],
    ['PID-3[2]', 'PID|1||A~C|x^y&z'],
    ['PID-3[3]', 'PID|1||A~B|x^y&z'],
    ['PID-3[4]', 'PID|1||A~B~C|x^y&z'],
    ['PID-4', 'PID|1||A~B~C|'],
    ['PID-4.1', 'PID|1||A~B~C|^y&z'],
    ['PID-4.2.2', 'PID|1||A~B~C|x^y&'],
    ['PID-9', 'PID|1||A~B~C|x^y&z'],
  ])('%s', (path, segment) => expect(body(draft('PID|1||A~B~C|x^y&z').remove(path))).toEqual([segment]));

  test('segments, with their line ends', () => {
    expect(body(draft('NTE|1', 'PID|1', 'NTE|2').remove('NTE[*]'))).toEqual(['PID|1']);
    expect(body(draft('NTE|1', 'PID|1', 'NTE|2').remove('NTE[2]'))).toEqual(['NTE|1', 'PID|1']);
    expect(body(draft('PID|1').remove('NTE'))).toEqual(['PID|1']);
    expect(() => draft().remove('MSH')).toThrow(code('hl7-edit-place'));
  });
});

test('copy takes the bytes as they are, also those that mean nothing', () => {
  const raw = Buffer.concat([
    Buffer.from(`${header}||||||UNICODE UTF-8\rPID|1||A\\T\\B^`),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('~C\r'),
  ]);
  const edited = Draft.of(Message.parse(raw)).copy('PID-3', 'ZPI-2');
  const added = Buffer.concat([Buffer.from('ZPI||A\\T\\B^'), Buffer.from([0xff, 0xc3]), Buffer.from('~C\r')]);
  expect(Buffer.from(edited.toBytes())).toEqual(Buffer.concat([raw, added]));
});

describe('create', () => {
  test('a header, and what is added to it', () => {
    const made = Draft.create({
      type: 'ADT',
      event: 'A01',
      structure: 'ADT_A01',
      controlId: 'X&1',
      time: '20260101',
      sendingApplication: 'LAB',
      sendingFacility: { 1: 'MAIN', 2: '1.2' },
      charset: '8859/1',
    })
      .add('PID', { 1: '1', 5: { 1: 'Müller' } })
      .set('PV1-2', 'I');
    expect(made.text).toBe(
      'MSH|^~\\&|LAB|MAIN^1.2|||20260101||ADT^A01^ADT_A01|X\\T\\1|P|2.5.1||||||8859/1\rPID|1||||Müller\rPV1||I\r',
    );
    expect(Message.parse(made.toBytes()).get('PID-5')).toBe('Müller');
    expect(made.toBytes()).toContain(0xfc);
  });
});

describe('character sets', () => {
  test('a value is written in that of the message, and refused where it has no such character', () => {
    const latin = (): Draft => Draft.create({ type: 'ACK', controlId: '1', time: '', charset: '8859/1' });
    expect(latin().set('PID-5', 'é').toBytes().at(-2)).toBe(0xe9);
    expect(() => latin().set('PID-5', '山')).toThrow(code('hl7-charset-lacks'));
    const ascii = Draft.create({ type: 'ACK', controlId: '1', time: '', charset: 'ASCII' });
    expect(() => ascii.set('PID-5', 'é')).toThrow(code('hl7-charset-lacks'));
    expect(() => Draft.create({ type: 'ACK', controlId: '1', time: '', charset: 'KLINGON' })).toThrow(
      code('hl7-charset-unknown'),
    );
  });

  test('ISO-2022-JP: what stands around a value keeps the set that it was switched to', () => {
    const jp = Draft.create({ type: 'ADT', controlId: '1', time: '', charset: 'ISO IR87' }).add('PID', {
      5: { 1: '山田', 2: '太郎' },
    });
    const edited = Draft.of(Message.parse(jp.set('PID-5.1', 'ﾔﾏﾀﾞ').toBytes()));
    expect(edited.message.get('PID-5.1')).toBe('ﾔﾏﾀﾞ');
    expect(edited.message.get('PID-5.2')).toBe('太郎');
    // The sender switched to the Roman set before the field and back behind it.
    const roman = Buffer.from(`${header}||||||~ISO IR87\rPID|1||\x1b(Ja\\|b~\x1b(Bc\r`);
    expect(Draft.of(Message.parse(roman)).set('PID-3', '山').message.get('PID-4')).toBe('b‾c');
  });
});
