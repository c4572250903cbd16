import { expect, test } from 'vitest';
import { troubleKind } from '../../api/schemas.ts';
import { decodeBytes, hexLines, troubleWords } from './trouble.ts';

test('bytes are shown as hexdump shows them, and what cannot be printed as a dot', () => {
  const bytes = new TextEncoder().encode('\x0bMSH|^~\\&|<b>X</b>é');
  expect(hexLines(bytes)).toEqual([
    { offset: '00000000', hex: '0b 4d 53 48 7c 5e 7e 5c 26 7c 3c 62 3e 58 3c 2f', text: '·MSH|^~\\&|<b>X</' },
    { offset: '00000010', hex: '62 3e c3 a9', text: 'b>··' },
  ]);
  expect(hexLines(new Uint8Array())).toEqual([]);
  expect([...decodeBytes('C03/AA==')]).toEqual([0x0b, 0x4d, 0xff, 0]);
});

test('every kind, and every reason of a handshake, has its sentences', () => {
  const reasons = [
    'plain-text',
    'tls-to-plain',
    'no-certificate',
    'certificate',
    'version',
    'key-exchange',
    'cipher',
    'refused-by-sender',
    'slow',
    'closed',
  ];
  const all = [
    ...troubleKind.options.map((kind) => ({ kind, reason: null })),
    ...reasons.map((reason) => ({ kind: 'handshake', reason })),
  ];
  const titles = all.map((one) => troubleWords(one).title);
  expect(new Set(titles).size).toBe(all.length);
  expect(troubleWords({ kind: 'handshake', reason: 'other' }).title).toBe('No encrypted connection');
});
