import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBatch, readBatch, splitMessages } from './batch.ts';
import { writeBatch } from './batch-write.ts';
import { encodeAs } from './charset.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (parts: readonly Uint8Array[]): string[] =>
  parts.map((part) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(part));
const one = 'MSH|^~\\&|A|||||||1\rPID|1\r';
const two = 'MSH|^~\\&|A|||||||2\rPID|2\r';

function split(text: string): { messages: string[]; junk: string | null } {
  const { messages, junk } = splitMessages(bytes(text));
  return { messages: texts(messages), junk: junk && (texts([junk])[0] ?? null) };
}

describe('a file of messages', () => {
  test.each([
    ['one', one, [one]],
    ['one without a last line end', one.slice(0, -1), [one.slice(0, -1)]],
    ['many', one + two, [one, two]],
    ['many with blank lines between', `\r${one}\r\r${two}\r\r`, [one, two]],
    [
      'with LF',
      one.replaceAll('\r', '\n') + two.replaceAll('\r', '\n'),
      [one.replaceAll('\r', '\n'), two.replaceAll('\r', '\n')],
    ],
    ['with CRLF', one.replaceAll('\r', '\r\n'), [one.replaceAll('\r', '\r\n')]],
    ['with blanks that end its last field', 'MSH|^~\\&|A  \r', ['MSH|^~\\&|A  \r']],
    ['in MLLP frames', `\v${one}\x1c\r\v${two}\x1c\r`, [one, two]],
    ['in a frame that holds two', `\v${one}${two}\x1c\r`, [one, two]],
    ['in frames of which one does not end', `\v${one}\v${two}`, [one, two]],
    ['with a byte order mark', `\ufeff${one}`, [`\ufeff${one}`]],
    ['with other delimiters', 'MSH$%~\\&$A\rPID$1\rMSH|^~\\&|B\r', ['MSH$%~\\&$A\rPID$1\r', 'MSH|^~\\&|B\r']],
  ])('%s', (_, text, messages) => expect(split(text)).toEqual({ messages, junk: null }));

  test('a batch (2.10.3): the envelope stands apart', () => {
    expect(split(`FHS|^~\\&|A\rBHS|^~\\&|A\r${one}${two}BTS|2\rFTS|1\r`)).toEqual({
      messages: [one, two],
      junk: null,
    });
  });

  test('a message that mentions MSH within a line is one', () => {
    const text = 'MSH|^~\\&|A\rNTE|1||see MSH|3\rMSHX|1\r';
    expect(split(text).messages).toEqual([text]);
  });

  test('what is no message is junk, and takes none along', () => {
    expect(split(`hello\r${one}`)).toEqual({ messages: [one], junk: 'hello\r' });
    expect(split('{"json": true}')).toEqual({ messages: [], junk: '{"json": true}' });
    expect(split(`\v${one}\x1c\rnoise\v${two}\x1c\r`)).toEqual({ messages: [one, two], junk: 'noise' });
    expect(split(`\v${one}\x1c\r${'noise '.repeat(20_000)}\v${two}\x1c\r`).messages).toEqual([one, two]);
    expect(split('')).toEqual({ messages: [], junk: null });
    expect(split('\r\n \r\n')).toEqual({ messages: [], junk: null });
  });
});

const fhs = 'FHS|^~\\&|LAB|MAIN|||20260101|||||F1\r';
const bhs = 'BHS|^~\\&|LAB|MAIN|||20260101|||||B1\r';

describe('a batch file (2.10.3)', () => {
  test('has headers with their fields, batches and messages', () => {
    const file = readBatch(bytes(`${fhs}${bhs}${one}${two}BTS|2|done\r${bhs}${one}BTS|1\rFTS|2\r`));
    expect(file.issues).toEqual([]);
    expect(file.header?.segment.value(11, 1, 0, 0)).toBe('');
    expect(file.header?.segment.field(12)).toBe('F1');
    expect(file.header?.segment.field(1)).toBe('|');
    expect(file.batches.map((batch) => texts(batch.messages))).toEqual([[one, two], [one]]);
    expect(file.batches[0]?.header?.segment.field(3)).toBe('LAB');
    expect(file.batches[0]?.trailer?.segment.value(2, 1, 0, 0)).toBe('done');
    expect(texts([file.trailer?.bytes as Uint8Array])).toEqual(['FTS|2']);
  });

  test.each([
    ['a message alone', one, []],
    ['counts that are left out', `${fhs}${bhs}${one}BTS\rFTS|\r`, []],
    ['no batch header within a file', `${fhs}${one}${two}FTS|1\r`, []],
    ['a batch of none', `${bhs}BTS|0\r`, []],
    ['a count with zeros', `${bhs}${one}BTS|0001\r`, []],
    ['a wrong count of messages', `${bhs}${one}BTS|2\r${bhs}${one}BTS|3\r`, ['batch-count BTS-1', 'batch-count BTS[2]-1']],
    ['a wrong count of batches', `${fhs}${bhs}${one}BTS|1\rFTS|4\r`, ['batch-count FTS-1']],
    ['a count that is no number', `${bhs}${one}BTS|many\r`, ['batch-count BTS-1']],
    ['no trailers', `${fhs}${bhs}${one}`, ['batch-unended BHS', 'batch-unended FHS']],
    ['a batch without its trailer before the next', `${bhs}${one}${bhs}${two}BTS|1\r`, ['batch-unended BHS']],
    ['a trailer alone', `${one}BTS|1\rBTS|1\r`, ['batch-order BTS[2]']],
    ['a message behind the end', `${fhs}FTS|0\r${one}`, ['batch-order FTS']],
    [
      'two files in one',
      `${fhs}FTS|0\r${fhs}${bhs}${one}BTS|1\rFTS|1\r`,
      ['batch-order FHS[2]', 'batch-order BHS', 'batch-order FTS[2]'],
    ],
    ['text that belongs to none', `${bhs}hello\r${one}BTS|1\r`, ['batch-junk ']],
  ])('%s', (_, text, issues) => {
    const file = readBatch(bytes(text));
    expect(file.issues.map(({ code, location }) => `${code} ${location}`)).toEqual(issues);
    const said = file.batches.flatMap((batch) => texts(batch.messages));
    expect(said).toEqual(split(text).messages);
  });

  test('in its own delimiters, also those of the trailer', () => {
    const file = readBatch(bytes('BHS$%*!@$LAB%1\rMSH|^~\\&|A\rBTS$1$x!F!y\r'));
    expect(file.issues).toEqual([]);
    expect(file.batches[0]?.header?.segment.value(3, 1, 2, 0)).toBe('1');
    expect(file.batches[0]?.trailer?.segment.value(2, 1, 0, 0)).toBe('x$y');
  });

  test.each(['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])('in %s', (label) => {
    const file = readBatch(encodeAs(`\ufeff${bhs}${one}${two}BTS|2\r`, label));
    expect(file.issues).toEqual([]);
    expect(file.batches[0]?.messages).toEqual([encodeAs(one, label), encodeAs(two, label)]);
    expect(file.batches[0]?.header?.segment.field(12)).toBe('B1');
  });

  test.each([
    ['utf-8', Buffer.from(`\ufeffFHS|^~\\&|A|B\rBHS#^~\\&#C\r${one}BTS#1\rFTS|1\r`, 'utf8')],
    ['windows-1252', Buffer.from(`\ufeffFHS|^~\\&|A|B\rBHS#^~\\&#C\r${one}BTS#1\rFTS|1\r`, 'utf8')],
    ['utf-16le', Buffer.from(`\ufeffFHS|^~\\&|A|B\rBHS#^~\\&#C\r${one}BTS#1\rFTS|1\r`, 'utf16le')],
  ])('behind a byte order mark, read as %s', (charset, bytes) => {
    const { header, batches, issues } = readBatch(bytes, charset);
    expect([header?.segment.value(3, 1, 0, 0), header?.segment.value(4, 1, 0, 0)]).toEqual(['A', 'B']);
    expect([batches[0]?.header?.segment.value(3, 1, 0, 0), batches[0]?.messages.length, issues]).toEqual(['C', 1, []]);
  });

  test('a mark of UTF-8 written in UTF-16 is text like other text', () => {
    const bytes = Buffer.from(`${one}\u00ef\u00bb\u00bf${two}`, 'utf16le');
    expect(readBatch(bytes).batches.flatMap(({ messages }) => messages)).toHaveLength(1);
  });

  test('is known by its first segment', () => {
    expect([fhs, bhs, `\r\n ${bhs}`, `\v${fhs}`].map((text) => isBatch(bytes(text)))).toEqual([true, true, true, true]);
    expect([one, '', 'BTS|1\r', `hello\r${bhs}`].map((text) => isBatch(bytes(text)))).toEqual([false, false, false, false]);
  });
});

describe('writing', () => {
  test('gives each header its trailer and the counts that there are', () => {
    const written = writeBatch({
      header: { 3: 'A&B', 12: 'F1' },
      batches: [
        { header: { 3: { 1: 'LAB', 2: '1.2' }, 11: 'B1' }, messages: [bytes(one), bytes(two.slice(0, -1))], comment: 'x' },
      ],
    });
    expect(texts([written])).toEqual([`FHS|^~\\&|A\\T\\B|||||||||F1\rBHS|^~\\&|LAB^1.2||||||||B1\r${one}${two}BTS|2|x\rFTS|1\r`]);
    expect(texts([writeBatch({ header: null, batches: [{ header: null, messages: [bytes(one)] }] })])).toEqual([one]);
  });

  test('takes messages only, and characters that there are', () => {
    const content = (message: string) => ({ header: null, batches: [{ header: {}, messages: [bytes(message)] }] });
    expect(() => writeBatch(content('PID|1'))).toThrow(expect.objectContaining({ code: 'hl7-not-a-message' }));
    const latin = { header: { 3: '山' }, batches: [], charset: '8859/1' };
    expect(() => writeBatch(latin)).toThrow(expect.objectContaining({ code: 'hl7-charset-lacks' }));
  });

  test('then reading gives the same batches of the same bytes', () => {
    const message = fc
      .array(fc.constantFrom('PID|1', 'NTE|1||a\x1cb', 'OBX|é', 'x', 'MSHX|1', ''), { maxLength: 4 })
      .map((lines) => bytes(`MSH|^~\\&|A\r${lines.map((line) => `${line}\r`).join('')}`));
    const batches = fc.array(fc.array(message, { maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(batches, fc.boolean(), (content, isFile) => {
        const file = {
          header: isFile ? { 3: 'A' } : null,
          batches: content.map((messages) => ({ header: { 11: 'B' }, messages })),
        };
        const read = readBatch(writeBatch(file));
        expect(read.issues).toEqual([]);
        expect(read.batches.map((batch) => texts(batch.messages).map((text) => text.trimEnd()))).toEqual(
          content.map((messages) => texts(messages).map((text) => text.trimEnd())),
        );
        expect(read.header === null).toBe(!isFile);
      }),
      { numRuns: 50 },
    );
  });
});
