import { WeirError } from '../errors.ts';
import type { Decoded } from './charset.ts';
import { codecOf } from './codec.ts';
import { japaneseAscii, japaneseState } from './codec-japanese.ts';

/** One edit: the text between two offsets becomes another. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of a text that was copied: its bytes, so that also those that mean nothing are copied. */
  readonly bytes?: Uint8Array;
}

/**
 * Applies edits (in order, not overlapping, offsets of the text before any of them) to bytes without decoding and encoding what lies between:
 * those bytes stay as they are, also where they mean nothing. Throws `hl7-charset-lacks` where the encoding has no code for a character,
 * and `hl7-edit-broken` where an edit would change what its neighbours say (it would complete a character that was cut in two).
 */
export function splice(bytes: Uint8Array, decoded: Decoded, edits: readonly Edit[]): { bytes: Uint8Array; decoded: Decoded } {
  const codec = codecOf(decoded.charset);
  const positions = codec.positions(bytes, decoded.text);
  const parts: Uint8Array[] = [];
  const texts: string[] = [];
  let at = 0;
  let byte = 0;
  for (const edit of edits) {
    const from = positions.end(edit.start);
    const to = positions.start(edit.end);
    const encoded = edit.bytes ?? codec.encode(edit.text);
    if (encoded === null) throw new WeirError('hl7-charset-lacks', decoded.charset);
    texts.push(decoded.text.slice(at, edit.start), edit.text);
    const isSwitched = decoded.charset === 'iso-2022-jp' && (encoded.length > 0 || to > from);
    parts.push(bytes.subarray(byte, from), ...(isSwitched ? switched(bytes, from, to, encoded) : [encoded]));
    at = edit.end;
    byte = to;
  }
  texts.push(decoded.text.slice(at));
  parts.push(bytes.subarray(byte));
  const result = concat(parts);
  const reading = codec.decode(result);
  if (reading.text !== texts.join('')) throw new WeirError('hl7-edit-broken');
  return { bytes: result, decoded: { ...reading, charset: decoded.charset } };
}

/** In ISO-2022-JP what is put in begins and ends in ASCII; what stands around it keeps the character set that it was in. */
function switched(bytes: Uint8Array, from: number, to: number, encoded: Uint8Array): Uint8Array[] {
  const before = japaneseState(bytes, from);
  const after = japaneseState(bytes, to);
  const switchTo = (sequence: string): Uint8Array => new TextEncoder().encode(sequence);
  if (encoded.length === 0) return before === after ? [] : [switchTo(after)];
  const parts = [encoded];
  if (before !== japaneseAscii) parts.unshift(switchTo(japaneseAscii));
  if (after !== japaneseAscii) parts.push(switchTo(after));
  return parts;
}

/** The parts one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
