import { describe, expect, test } from 'vitest';
import { splitMessages } from './batch.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (parts: readonly Uint8Array[]): string[] =>
  parts.map((part) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(part));
const one = 'MSH|^~\\&|A|||||||1\rPID|1\r';
const two = 'MSH|^~\\&|A|||||||2\rPID|2\r';

function split(text: string): { messages: string[]; envelope: string[]; junk: string | null } {
  const { messages, envelope, junk } = splitMessages(bytes(text));
  return { messages: texts(messages), envelope: texts(envelope), junk: junk && (texts([junk])[0] ?? null) };
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
  ])('%s', (_, text, messages) => expect(split(text)).toEqual({ messages, envelope: [], junk: null }));

  test('a batch (2.10.3): the envelope stands apart', () => {
    expect(split(`FHS|^~\\&|A\rBHS|^~\\&|A\r${one}${two}BTS|2\rFTS|1\r`)).toEqual({
      messages: [one, two],
      envelope: ['FHS|^~\\&|A', 'BHS|^~\\&|A', 'BTS|2', 'FTS|1'],
      junk: null,
    });
  });

  test('a message that mentions MSH within a line is one', () => {
    const text = 'MSH|^~\\&|A\rNTE|1||see MSH|3\rMSHX|1\r';
    expect(split(text).messages).toEqual([text]);
  });

  test('what is no message is junk, and takes none along', () => {
    expect(split(`hello\r${one}`)).toEqual({ messages: [one], envelope: [], junk: 'hello\r' });
    expect(split('{"json": true}')).toEqual({ messages: [], envelope: [], junk: '{"json": true}' });
    expect(split(`\v${one}\x1c\rnoise\v${two}\x1c\r`)).toEqual({ messages: [one, two], envelope: [], junk: 'noise' });
    expect(split('')).toEqual({ messages: [], envelope: [], junk: null });
    expect(split('\r\n \r\n')).toEqual({ messages: [], envelope: [], junk: null });
  });
});
