import { type Case, header, section } from '../case.ts';

const one = `${header({ id: '1' })}\rPID|||1`;
const two = `${header({ id: '2' })}\rPID|||2`;
const frame = (text: string): string => `\x0b${text}\x1c\r`;
const split = (...frames: readonly string[]) => ({ frames });
const count = { messages: true } as const;

/** Batches (HL7 2.9, 2.10.3) and MLLP. */
export const transport: readonly Case[] = [
  ...section('2.10.3 Batch protocol', [
    ['a batch', `BHS|^~\\&|A\r${one}\r${two}\rBTS|2\r`, count, 2],
    ['a file of batches', `FHS|^~\\&|A\rBHS|^~\\&|A\r${one}\rBTS|1\rBHS|^~\\&|A\r${two}\rBTS|1\rFTS|2\r`, count, 2],
    ['a file without batch headers', `FHS|^~\\&|A\r${one}\r${two}\rFTS|1\r`, count, 2],
    ['a batch without its trailer', `BHS|^~\\&|A\r${one}\r${two}\r`, count, 2],
    ['messages one behind the other', `${one}\r${two}\r`, count, 2],
    ['with blank lines between', `${one}\r\r\r${two}\r`, count, 2],
    ['ended by LF', `${one}\r${two}\r`.replaceAll('\r', '\n'), count, 2],
    ['an empty batch', 'BHS|^~\\&|A\rBTS|0\r', count, 0],
    ['a message alone', one, count, 1],
    ['text before the first', `hello\r${one}\r`, count, 1],
  ]),
  ...section('2.10.3.1 Counts and trailers', [
    ['a count that is right', `BHS|^~\\&|A\r${one}\rBTS|1\r`, { batch: 'issues' }, []],
    ['a count that is wrong', `BHS|^~\\&|A\r${one}\rBTS|2\r`, { batch: 'issues' }, ['batch-count BTS-1']],
    ['a trailer that is missing', `BHS|^~\\&|A\r${one}\r`, { batch: 'issues' }, ['batch-unended BHS']],
    ['a file’s count of batches', `FHS|^~\\&|A\rBHS|^~\\&|A\r${one}\rBTS|1\rFTS|3\r`, { batch: 'issues' }, ['batch-count FTS-1']],
  ]),
  ...section('2.10.3.3 Acknowledging batches', [
    [
      'one batch of ACKs for a batch',
      `BHS|^~\\&|A\r${one}\r${two}\rBTS|2\r`,
      { batch: 'answer' },
      ['BHS', 'MSH', 'MSA', 'MSH', 'MSA', 'BTS 2'],
    ],
    [
      'a file of them for a file',
      `FHS|^~\\&|A\rBHS|^~\\&|A\r${one}\rBTS|1\rFTS|1\r`,
      { batch: 'answer' },
      ['FHS', 'BHS', 'MSH', 'MSA', 'BTS 1', 'FTS 1'],
    ],
    [
      'messages that want no ACK get none',
      `BHS|^~\\&|A\r${header({ rest: '|||NE|NE' })}\rPID|||1\rBTS|1\r`,
      { batch: 'answer' },
      ['BHS', 'BTS 0'],
    ],
  ]),
  ...section('MLLP release 1', [
    ['a frame', '', split(frame(one)), [one]],
    ['two frames at once', '', split(frame(one) + frame(two)), [one, two]],
    ['a frame in two parts', '', split(frame(one).slice(0, 9), frame(one).slice(9)), [one]],
    ['byte by byte', '', split(...frame(one)), [one]],
    ['divided in its end block', '', split(frame(one).slice(0, -1), `\r${frame(two)}`), [one, two]],
    ['a frame and half of the next', '', split(frame(one) + frame(two).slice(0, 20), frame(two).slice(20)), [one, two]],
    ['junk before a frame', '', split(`junk${frame(one)}`), ['(junk)', one]],
    ['line ends between frames', '', split(`${frame(one)}\r\n${frame(two)}`), [one, two]],
    ['a frame without its end', '', split(`\x0b${one}${frame(two)}`), ['(no-end)', two]],
    ['an end block without its CR', '', split(`\x0b${one}\x1c${frame(two)}`), [one, two]],
    ['0x1C within a message', '', split(frame(`${one}\x1cx`)), [`${one}\x1cx`]],
    ['an empty frame', '', split(frame('')), ['']],
    ['a frame that is too large', '', split(frame('x'.repeat(70_000))), ['(too-large)']],
  ]),
];
