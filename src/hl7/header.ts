import { WeirError } from '../errors.ts';
import { charsetLabel } from './charset.ts';
import { encodingCharacters, escapeText, standardDelimiters, unescapeText } from './escape.ts';
import type { Delimiters } from './types.ts';
import { fill, type Values } from './writing.ts';

/** What a message from nothing begins with. Values are written as they are given, escaped where HL7 needs it. */
export interface Header {
  /** MSH-9: `ADT`, `A01`, `ADT_A01`. */
  readonly type: string;
  readonly event?: string | undefined;
  readonly structure?: string | undefined;
  /** MSH-10. */
  readonly controlId: string;
  /** MSH-7, as HL7 writes times: `20260101080000+0100`. */
  readonly time: string;
  /** MSH-3 to MSH-6: values, or their components. */
  readonly sendingApplication?: string | Values | undefined;
  readonly sendingFacility?: string | Values | undefined;
  readonly receivingApplication?: string | Values | undefined;
  readonly receivingFacility?: string | Values | undefined;
  /** MSH-11; `P` unless given. */
  readonly processing?: string | undefined;
  /** MSH-12; `2.5.1` unless given. */
  readonly version?: string | undefined;
  /** MSH-18, a code of table 0211. Unless given the field is left out and the message is UTF-8, of which ASCII is a part. */
  readonly charset?: string | undefined;
  readonly delimiters?: Delimiters | undefined;
}

/** MSH as text, and the encoding label that its bytes are to be in. Throws `hl7-charset-unknown` and `hl7-edit-escape`. */
export function headerText(header: Header): { text: string; charset: string } {
  const d = header.delimiters ?? standardDelimiters;
  const charset = header.charset === undefined ? 'utf-8' : writable(header.charset);
  const isDivided = d.component !== '' && (header.event !== undefined || header.structure !== undefined);
  const values: Record<string, string | Values> = {
    3: header.sendingApplication ?? '',
    4: header.sendingFacility ?? '',
    5: header.receivingApplication ?? '',
    6: header.receivingFacility ?? '',
    7: header.time,
    9: isDivided ? { 1: header.type, 2: header.event ?? '', 3: header.structure ?? '' } : header.type,
    10: header.controlId,
    11: header.processing ?? 'P',
    12: header.version ?? '2.5.1',
    18: header.charset ?? '',
  };
  const text = fill('MSH', values, (value) => escapedFor(value, d), d);
  // `fill` counts MSH-1 as the separator itself and leaves MSH-2 empty.
  // What cannot be read byte by byte says so first.
  const mark = /^utf-(?:16|32)/.test(charset) ? '\ufeff' : '';
  return { text: `${mark}MSH${d.field}${encodingCharacters(d)}${text.slice(3 + d.field.length)}\r`, charset };
}

/** The encoding label for a code of table 0211 that a message is to be written in. */
export function writable(code: string): string {
  const label = charsetLabel(code);
  if (label === null) throw new WeirError('hl7-charset-unknown', code.slice(0, 30));
  return label;
}

/**
 * A value as it may stand in a field. Throws `hl7-edit-escape` where the message cannot say it: it holds a delimiter and there is no escape
 * character, or MSH-2 has delimiters (letters, or one of them twice) that its own escape sequences are divided by.
 */
export function escapedFor(value: string, d: Delimiters): string {
  const text = escapeText(value, d);
  const divides = [d.field, d.component, d.repetition, d.subcomponent].some((one) => one !== '' && text.includes(one));
  if (divides || (text !== value && unescapeText(text, d) !== value)) throw new WeirError('hl7-edit-escape');
  return text;
}
