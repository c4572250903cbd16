import { WeirError } from '../errors.ts';
import { codecOf } from './codec.ts';
import { Draft } from './draft.ts';
import { escapeText } from './escape.ts';
import { writable } from './header.ts';
import { Message } from './message.ts';

/**
 * The message in another character set (a code of table 0211), with MSH-18 saying so. Bytes in `\Xdd..\` that were characters of the former set
 * become these characters. Throws `hl7-charset-unknown`, and `hl7-charset-lacks` where the new set lacks a character or the message has bytes
 * that mean nothing in its own: they cannot be taken along.
 */
export function recode(message: Message, code: string): Message {
  const charset = writable(code);
  const stated = Draft.of(message).set('MSH-18', code).message;
  if (stated.undecodable !== null) throw new WeirError('hl7-charset-lacks', stated.charset);
  const isWide = /^utf-(?:16|32)/.test(charset);
  const text = (isWide ? '\ufeff' : '') + withoutBytes(stated).replace(/^\ufeff/, '');
  const bytes = codecOf(charset).encode(text);
  if (bytes === null) throw new WeirError('hl7-charset-lacks', charset);
  return Message.fromDecoded({ text, charset, undecodable: null }, bytes);
}

/** The text with the characters that stood in it as bytes. What is ASCII (line ends, delimiters) means the same everywhere and stays. */
function withoutBytes({ text, charset, delimiters }: Message): string {
  const mark = delimiters.escape;
  if (mark === '' || !text.includes(`${mark}X`)) return text;
  // In UTF-16 and UTF-32 these bytes are UTF-8.
  const codec = codecOf(/^utf-(?:16|32)/.test(charset) ? 'utf-8' : charset);
  const quoted = mark.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return text.replace(new RegExp(`(?:${quoted}X(?:[0-9A-Fa-f]{2})+${quoted})+`, 'g'), (run) => {
    const bytes = Uint8Array.from(run.replaceAll(`${mark}X`, '').replaceAll(mark, '').match(/../g) ?? [], (hex) =>
      Number.parseInt(hex, 16),
    );
    if (bytes.every((byte) => byte < 0x80)) return run;
    const { text: said, undecodable } = codec.decode(bytes);
    if (undecodable !== null) throw new WeirError('hl7-charset-lacks', charset);
    return escapeText(said, delimiters);
  });
}
