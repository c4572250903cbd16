import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, MllpDecoder, type MllpEvent } from './mllp.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from([...text].map((character) => character.charCodeAt(0)));
const show = (event: MllpEvent): string =>
  `${event.kind === 'frame' ? 'frame' : `${event.trouble}(${event.size})`} ${String.fromCharCode(...event.bytes)}`;

function events(text: string, maxFrame = 1000): string[] {
  const decoder = new MllpDecoder(maxFrame);
  return [...decoder.push(bytes(text)), ...decoder.end()].map(show);
}

describe('MLLP frames', () => {
  test.each([
    ['\vA\x1c\r', ['frame A']],
    ['\vA\x1c\r\vB\x1c\r', ['frame A', 'frame B']],
    ['\r\n\vA\x1c\r\r\n \vB\x1c\r', ['frame A', 'frame B']],
    ['junk\vA\x1c\r', ['junk(4) junk', 'frame A']],
    ['\vA\x1c\rjunk\vB\x1c\rrest', ['frame A', 'junk(4) junk', 'frame B', 'junk(4) rest']],
    ['\vhalf\vB\x1c\r', ['no-end(4) half', 'frame B']],
    ['\vA\x1c\r\vhalf\vB\x1c\r\vC\x1c\r', ['frame A', 'no-end(4) half', 'frame B', 'frame C']],
    ['\vA\x1c\vB\x1c\r', ['frame A', 'frame B']],
    ['\vA\x1cB\x1c\r', ['frame A\x1cB']],
    ['\vA\x1c\x1c\r', ['frame A\x1c']],
    ['\vA\x1c', ['frame A']],
    ['\vhalf', ['cut-off(4) half']],
    ['\v\x1c\r', ['frame ']],
    ['\v\v\x1c\r', ['no-end(0) ', 'frame ']],
    ['\x1c\r\x1c\r\vA\x1c\r', ['frame A']],
    ['', []],
  ])('%j', (text, expected) => expect(events(text)).toEqual(expected));

  test('a frame may have exactly as many bytes as are allowed', () => {
    expect(events('\v12345\x1c\r', 5)).toEqual(['frame 12345']);
    expect(events('\v123456\x1c\r', 5)).toEqual(['too-large(6) 12345']);
    expect(events('\v1234\x1c5\x1c\r', 5)).toEqual(['too-large(6) 1234\x1c']);
  });

  test('behind a frame that is too large nothing is read', () => {
    expect(events('\vA\x1c\r\v123456\x1c\r\vB\x1c\r', 5)).toEqual(['frame A', 'too-large(6) 12345']);
  });

  test('of junk without end the first bytes are kept, and behind them nothing is read', () => {
    const decoder = new MllpDecoder(100);
    for (let turn = 0; turn < 65; turn += 1) expect(decoder.push(new Uint8Array(1000).fill(65))).toEqual([]);
    const [trouble, ...others] = decoder.push(bytes('A'.repeat(1000)));
    expect(trouble).toMatchObject({ kind: 'trouble', trouble: 'junk', size: 65_537 });
    expect(trouble?.bytes.length).toBe(65_536);
    expect([others, decoder.broken, decoder.push(bytes('\vB\x1c\r')), decoder.end()]).toEqual([[], true, [], []]);
  });

  test('a pause completes a frame that lacks only its 0x0D, and nothing else', () => {
    const decoder = new MllpDecoder(100);
    decoder.push(bytes('\vA'));
    expect(decoder.pause()).toEqual([]);
    decoder.push(bytes('B\x1c'));
    expect(decoder.ending).toBe(true);
    expect(decoder.pause().map(show)).toEqual(['frame AB']);
    expect(decoder.push(bytes('\r\vC\x1c\r')).map(show)).toEqual(['frame C']);
  });

  test('what has begun is kept apart from its chunk', () => {
    const decoder = new MllpDecoder(100);
    const chunk = bytes('\vAB\x1c\r\vCD');
    expect(decoder.push(chunk).map(show)).toEqual(['frame AB']);
    chunk.fill(0x58);
    expect(decoder.push(bytes('\x1c\r')).map(show)).toEqual(['frame CD']);
  });

  test('any chunking gives the same events', () => {
    const stream = fc
      .array(fc.constantFrom('\v', '\x1c', '\r', 'A', 'B', '\vMSH|^~\\&|\x1c\r'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 7 })), fc.integer({ min: 1, max: 12 }), (text, cuts, maxFrame) => {
        const decoder = new MllpDecoder(maxFrame);
        const got: MllpEvent[] = [];
        let rest = bytes(text);
        for (const cut of cuts) {
          got.push(...decoder.push(rest.subarray(0, cut)));
          rest = rest.subarray(cut);
        }
        got.push(...decoder.push(rest), ...decoder.end());
        expect(got.map(show)).toEqual(events(text, maxFrame));
      }),
    );
  });

  test('encode then decode is the identity on all messages', () => {
    const message = fc.uint8Array({ maxLength: 50 }).filter((body) => !body.includes(0x0b) && !body.includes(0x1c));
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const decoder = new MllpDecoder(50);
        const got = messages.flatMap((body) => decoder.push(encodeFrame(body)));
        expect(got.map(({ kind, bytes }) => [kind, ...bytes])).toEqual(messages.map((body) => ['frame', ...body]));
      }),
    );
  });
});
