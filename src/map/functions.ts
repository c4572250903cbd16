/**
 * The function library: what tables cannot say (`use: NAME`). Each is small and pure; docs/functions.md is made from this table. To add one,
 * add an entry.
 */
import type { Message } from '../hl7/message.ts';
import type { Authorities, CodeSystems } from './code-systems.ts';
import { plainFromFormatted } from './formatted.ts';
import { messageData, messageUrl } from './message-copy.ts';
import { decimalOf } from './numbers.ts';
import type { Primitive } from './runtime.ts';
import { timingFunctions } from './timing.ts';

/** What a function reads. */
export interface Value {
  /** The text of a simple type, or the first leaf of any other, escapes resolved. Empty where the row has no value. */
  readonly text: string;
  /** The message's escape character; empty where it has none. */
  readonly escape: string;
  /** Components in the value; 0 where it is empty. */
  readonly count: number;
  /** A component of the value, or one of its subcomponents; empty where there is none, and for `""`. */
  part(component: number, subcomponent?: number): string;
}

/** What a function knows beside the value. */
export interface Surroundings {
  readonly codeSystems: CodeSystems;
  readonly authorities: Authorities;
  /** When Weir received the message. */
  readonly receivedAt: Date;
  /** The message, and what the channel keeps of it in a Provenance. */
  readonly message: Message;
  readonly messageCopy: string;
}

/** A primitive (text is converted to the type of the element), an element with its parts, or nothing: then the row does nothing. */
export type Result = Primitive | undefined;

export interface LibraryFunction {
  /** What it reads and gives, in a sentence. */
  readonly text: string;
  /** The issue where it gives nothing (of an empty value it gives an empty text); absent where nothing is an answer. */
  readonly fails?: { readonly code: 'bad-date' | 'bad-number' | 'bad-value'; readonly why: string };
  readonly run: (value: Value, about: Surroundings) => Result;
}

export const functions: Readonly<Record<string, LibraryFunction>> = {
  authoritySystem: {
    text: "The URI of an assigning authority (HD, or a name alone): the channel's own, the universal id as urn:oid or urn:uuid, else one made of the namespace.",
    run: (value, about) => about.authorities.uri(value.part(1), value.part(2), value.part(3)),
  },
  entityAuthority: {
    text: 'The same for the authority in an entity identifier (EI.2 to EI.4).',
    run: (value, about) => about.authorities.uri(value.part(2), value.part(3), value.part(4)),
  },
  cnnAuthority: {
    text: 'The same for the authority in a CNN (CNN.9 to CNN.11).',
    run: (value, about) => about.authorities.uri(value.part(9), value.part(10), value.part(11)),
  },
  codeSystem: {
    text: "The URI of a coding system's name (CWE.3: LN, SCT, HL70001, an OID), by the registry and the channel's codeSystems.",
    run: (value, about) => about.codeSystems.uri(value.text),
  },
  personName: {
    text: 'A person name (XPN) in one line: prefix, given names, family name, suffix, degree.',
    run: (value) => personLine(value),
  },
  practitionerName: {
    text: 'The name of a person with an id (XCN) in one line: prefix, given names, family name, suffix, degree.',
    run: (value) => line([value.part(6), value.part(3), value.part(4), value.part(2, 1), value.part(5), value.part(7, 1)]),
  },
  addressText: {
    text: 'An address (XAD) in one line: street, other designation, city, state and postal code, country.',
    run: (value) =>
      line([value.part(1, 1), value.part(2), value.part(3), line([value.part(4), value.part(5)]) ?? '', value.part(6)], ', '),
  },
  joined: {
    text: 'All components, parted by blanks, as in the text of an SN.',
    run: (value) => line(components(value)),
  },
  narrative: {
    text: 'A text as the XHTML of a narrative.',
    run: (value) =>
      value.text.trim() === '' ? undefined : `<div xmlns="http://www.w3.org/1999/xhtml">${escapeXml(value.text)}</div>`,
  },
  formattedText: {
    text: 'A text whose formatting commands (.br, .sp, .ce, H, N …) are line ends or nothing.',
    run: (value) => plainFromFormatted(value.text, value.escape),
  },
  quantity: {
    text: 'A number with or without comparator ("<5", "12.50") as value and comparator; nothing where the text is no number.',
    fails: { code: 'bad-number', why: 'not a number, with or without comparator' },
    run: (value) => quantity(value.text),
  },
  numericValue: {
    text: 'The number behind a comparator ("<5" gives 5); any other text is itself.',
    run: (value) => numeric.exec(value.text)?.[2] ?? value.text,
  },
  numericComparator: {
    text: 'The comparator before a number: <, <=, >=, >; nothing where there is none.',
    run: (value) => numeric.exec(value.text)?.[1],
  },
  plusMinutes: {
    text: 'A time and a number of minutes, "20240101093000/45", as the time so much later.',
    fails: { code: 'bad-date', why: 'not a time and a number of minutes' },
    run: (value) => plusMinutes(value.text),
  },
  range: {
    text: 'A reference range ("3.5-5.0", "<5", ">=10") as low and high; nothing where the text is no range.',
    run: (value) => range(value.text),
  },
  maskDecimals: {
    text: 'The digits behind the point that a format of numbers asks for (OM2-3: length and decimals): "6.2" gives 2, "6" gives 0.',
    fails: { code: 'bad-number', why: 'not a length with or without decimals' },
    run: (value) =>
      /^\d+(?:\.(\d+))?$/
        .exec(value.text.trim())
        ?.slice(1)
        .map((decimals) => Number(decimals ?? 0))[0],
  },
  componentCount: {
    text: 'The number of components.',
    run: (value) => value.count || undefined,
  },
  sampledData: {
    text: 'The components, parted by blanks, as SampledData has its data; E where one is empty.',
    run: (value) =>
      value.count === 0
        ? undefined
        : components(value)
            .map((part) => (part === '' ? 'E' : part))
            .join(' '),
  },
  edContentType: {
    text: 'The media type of encapsulated data (ED.2 and ED.3): application/pdf.',
    run: (value) => mediaType(value.part(2), value.part(3)),
  },
  rpContentType: {
    text: 'The media type of a reference pointer (RP.3 and RP.4).',
    run: (value) => mediaType(value.part(3), value.part(4)),
  },
  edData: {
    text: 'Encapsulated data (ED.5) as Base64, by its encoding (ED.4: Base64, Hex, A for none).',
    fails: { code: 'bad-value', why: 'not of the encoding that is named' },
    run: (value) => encoded(value.part(5), value.part(4).trim().toUpperCase()),
  },
  textData: {
    text: 'A text, its formatting commands as line ends or nothing, as Base64 of UTF-8.',
    run: (value) =>
      value.text === '' ? undefined : Buffer.from(plainFromFormatted(value.text, value.escape), 'utf8').toString('base64'),
  },
  ...timingFunctions,
  receivedAt: {
    text: 'The instant at which Weir received the message.',
    // As HL7 writes it: what becomes of it follows from the element.
    run: (_value, about) => about.receivedAt.toISOString().replace(/[-:T]/g, '').replace('Z', '+0000'),
  },
  messageData: {
    text: 'The whole message as base64 of its UTF-8 text, where the channel has `message-copy: data`.',
    run: (_value, { message, messageCopy }) => messageData(message, messageCopy),
  },
  messageUrl: {
    text: "The URL of the message, where the channel's `message-copy` is one.",
    run: (_value, { message, messageCopy }) => messageUrl(message, messageCopy),
  },
};

function personLine(value: Value): string | undefined {
  return line([value.part(5), value.part(2), value.part(3), value.part(1, 1), value.part(4), value.part(6)]);
}

function components(value: Value): string[] {
  return Array.from({ length: value.count }, (_, index) => value.part(index + 1));
}

function line(parts: readonly string[], separator = ' '): string | undefined {
  const valued = parts.map((part) => part.trim()).filter((part) => part !== '');
  return valued.length === 0 ? undefined : valued.join(separator);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'));
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`;
const numeric = new RegExp(String.raw`^\s*(<=|>=|<|>)?\s*(${number})\s*$`);
const between = new RegExp(String.raw`^\s*(${number})\s*(?:-|–|to)\s*(${number})\s*$`);

function quantity(text: string): Result {
  const found = numeric.exec(text);
  if (found === null) return text.trim() === '' ? '' : undefined;
  const value = decimalOf(found[2] as string);
  return found[1] === undefined ? { value } : { value, comparator: found[1] };
}

/** Reckoned on the clock that the sender wrote: the offset stays as it is. */
function plusMinutes(text: string): string | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(\.\d+)?([+-]\d{4})?\/(\d{1,6})(?:\.0*)?$/.exec(text.replace(/\s+/g, ''));
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second = '', fraction = '', offset = '', minutes] = found;
  const time = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute) + Number(minutes), Number(second || 0)),
  );
  const digits = time
    .toISOString()
    .replace(/[-:T]/g, '')
    .slice(0, second === '' ? 12 : 14);
  return `${digits}${second === '' ? '' : fraction}${offset}`;
}

function range(text: string): object | undefined {
  const both = between.exec(text);
  if (both !== null) return { low: { value: decimalOf(both[1] as string) }, high: { value: decimalOf(both[2] as string) } };
  const one = numeric.exec(text);
  if (one?.[1] === undefined) return undefined;
  const value = { value: decimalOf(one[2] as string) };
  return one[1].startsWith('<') ? { high: value } : { low: value };
}

/** HL7 tables 0191 and 0291; a subtype alone is enough where it is of a known kind. */
function mediaType(type: string, subtype: string): string | undefined {
  const kind = type.trim().toLowerCase();
  const sub = subtype.trim().toLowerCase();
  if (sub.includes('/')) return sub;
  if (sub === '') return kind.includes('/') ? kind : undefined;
  const known = mediaTypes[sub];
  if (known !== undefined) return known;
  return kinds.has(kind) ? `${kind}/${sub}` : undefined;
}

const kinds = new Set(['application', 'audio', 'image', 'message', 'model', 'multipart', 'text', 'video', 'font']);
const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  rtf: 'application/rtf',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  tiff: 'image/tiff',
  tif: 'image/tiff',
  html: 'text/html',
  plain: 'text/plain',
  txt: 'text/plain',
  dicom: 'application/dicom',
  'x-hl7-cda-level-one': 'text/xml',
  'x-hl7-cda-level-two': 'text/xml',
  xml: 'text/xml',
};

function encoded(data: string, encoding: string): string | undefined {
  if (data === '') return '';
  if (encoding === 'HEX')
    return /^(?:\s*[\da-fA-F]{2})+\s*$/.test(data) ? Buffer.from(data.replace(/\s+/g, ''), 'hex').toString('base64') : undefined;
  return encoding === 'A' ? Buffer.from(data, 'utf8').toString('base64') : data;
}
