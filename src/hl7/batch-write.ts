import { WeirError } from '../errors.ts';
import { wideLabel } from './charset.ts';
import { codecOf } from './codec.ts';
import { encodingCharacters, standardDelimiters } from './escape.ts';
import { escapedFor, writable } from './header.ts';
import { concat } from './splice.ts';
import type { Delimiters } from './types.ts';
import { fill, type Values } from './writing.ts';

/** What is written of a batch: the fields of its header from BHS-3 on (`{ 3: 'LAB', 7: '20260101', 11: 'B1' }`), null for none. */
export interface BatchContent {
  readonly header: Values | null;
  /** Each as it is, in its own delimiters and character set; a line end is added where the last segment has none. */
  readonly messages: readonly Uint8Array[];
  /** BTS-2, a comment. */
  readonly comment?: string | undefined;
}

export interface FileContent {
  /** The fields of FHS from FHS-3 on; null for a batch that is no file. */
  readonly header: Values | null;
  readonly batches: readonly BatchContent[];
  readonly delimiters?: Delimiters | undefined;
  /** A code of table 0211 for the headers and trailers; UTF-8 unless given. Must be that of the messages where it is UTF-16 or UTF-32. */
  readonly charset?: string | undefined;
}

/**
 * Writes a batch, or a file of batches (HL7 2.9, 2.10.3): each header has its trailer, and BTS-1 and FTS-1 are the numbers there are. Throws
 * `hl7-charset-unknown`, `hl7-charset-lacks`, `hl7-edit-escape`, and `hl7-not-a-message` where one of the messages is none.
 */
export function writeBatch({ header, batches, delimiters: d = standardDelimiters, charset }: FileContent): Uint8Array {
  const label = charset === undefined ? 'utf-8' : writable(charset);
  const encoded = (text: string): Uint8Array => {
    const bytes = codecOf(label).encode(`${text}\r`);
    if (bytes === null) throw new WeirError('hl7-charset-lacks', label);
    return bytes;
  };
  const parts: Uint8Array[] = [];
  if (header !== null) parts.push(encoded(headerSegment('FHS', header, d)));
  for (const batch of batches) {
    if (batch.header !== null) parts.push(encoded(headerSegment('BHS', batch.header, d)));
    for (const message of batch.messages) parts.push(ended(message));
    if (batch.header !== null)
      parts.push(encoded(trailer('BTS', { 1: String(batch.messages.length), 2: batch.comment ?? '' }, d)));
  }
  if (header !== null) parts.push(encoded(trailer('FTS', { 1: String(batches.length) }, d)));
  return concat(parts);
}

/** FHS or BHS: its field 1 is the separator, its field 2 the encoding characters. */
function headerSegment(name: string, values: Values, d: Delimiters): string {
  const text = fill(name, values, (value) => escapedFor(value, d), d);
  return name + d.field + encodingCharacters(d) + text.slice(name.length + d.field.length);
}

function trailer(name: string, values: Values, d: Delimiters): string {
  return fill(name, values, (value) => escapedFor(value, d), d);
}

/** A message that ends its last segment, or it would take the next header as part of it. */
function ended(message: Uint8Array): Uint8Array {
  const wide = wideLabel(message);
  const codec = codecOf(wide ?? 'iso-8859-1');
  const { text } = codec.decode(message);
  if (!/^[\ufeff\u00ef\u00bb\u00bf\s]*MSH/.test(text)) throw new WeirError('hl7-not-a-message');
  return /[\r\n]$/.test(text) ? message : concat([message, codec.encode('\r') ?? new Uint8Array(0)]);
}
