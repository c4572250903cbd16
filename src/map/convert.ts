/** The built-in conversions between simple v2 types and FHIR primitives. What does not convert is an issue, never a throw. */
import { type Converted, toDate, toDateTime, toInstant, toTime, type Zone } from '../hl7/date.ts';
import { unescapeText } from '../hl7/escape.ts';
import { plainFromFormatted } from './formatted.ts';
import { report } from './issue.ts';
import { decimalOf, integerOf } from './numbers.ts';
import { type Frame, leaf, type Primitive, type ValueFn } from './runtime.ts';

type Conversion = (text: string, frame: Frame) => Primitive | undefined;

/** Types whose value is text as a whole: a delimiter in it is a sender's mistake and part of the text. */
const free = new Set(['TX', 'FT']);

/**
 * The conversion of a v2 value to a FHIR primitive: of a composite type, its first component. Null where the FHIR type is no primitive.
 * @param datatype the v2 type; empty where it is not known
 */
export function compileConversion(datatype: string, type: string, zone: Zone): ValueFn | null {
  const convert = conversion(type, zone);
  if (convert === null) return null;
  const read = textReader(datatype);
  return (frame) => {
    const value = read(frame);
    return value === '' || value === '""' ? undefined : convert(value, frame);
  };
}

/** Reads the text of a simple v2 type, or of the first component of any other, and marks what was read. */
export function textReader(datatype: string): (frame: Frame) => string {
  return free.has(datatype) ? wholeText : datatype === 'ST' ? plainText : leaf;
}

/** The conversion of a text that is read already. */
export function conversion(type: string, zone: Zone): Conversion | null {
  switch (type) {
    case 'string':
    case 'markdown':
      return text;
    case 'code':
      return code;
    case 'uri':
    case 'url':
    case 'canonical':
    case 'oid':
    case 'uuid':
      return uri;
    case 'id':
      return id;
    case 'boolean':
      return boolean;
    case 'decimal':
      return (value, frame) => decimalOf(value) ?? bad(frame, 'bad-number', 'not a number as HL7 writes them');
    case 'integer':
      return (value, frame) => integerOf(value, -2_147_483_648) ?? bad(frame, 'bad-number', 'not a whole number');
    case 'positiveInt':
      return (value, frame) => integerOf(value, 1) ?? bad(frame, 'bad-number', 'not a whole number from 1 on');
    case 'unsignedInt':
      return (value, frame) => integerOf(value, 0) ?? bad(frame, 'bad-number', 'not a whole number from 0 on');
    case 'date':
      return (value, frame) => dated(toDate(value), frame);
    case 'dateTime':
      return (value, frame) => dated(toDateTime(value, zone), frame);
    case 'instant':
      return (value, frame) => dated(toInstant(value, zone), frame);
    case 'time':
      return (value, frame) => dated(toTime(value), frame);
    case 'base64Binary':
      return base64;
    default:
      return null;
  }
}

/** A value that FHIR cannot hold as what it is. The sentence says where and why, not what was sent. */
/** Reports a value that does not convert. `row` names the row where the frame is not its own. */
export function bad(frame: Frame, issue: 'bad-date' | 'bad-number' | 'bad-value', why: string, row = frame.row): undefined {
  report(
    frame.run,
    frame,
    'error',
    issue,
    `The value was left out (${row}: ${why}); correct it at the source, or map it otherwise`,
  );
}

const faults = {
  form: 'not a date or time as HL7 writes them',
  imprecise: 'less exact than FHIR needs it here',
};

const clockChanges = {
  skipped: 'a clock change skips this local time; it was read with the offset before the change',
  twice: 'a clock change makes this local time happen twice; it was read as the first',
};

function dated(converted: Converted, frame: Frame): string | undefined {
  if (!converted.ok) {
    const why = converted.reason === 'impossible' ? `there is no such ${converted.part}` : faults[converted.reason];
    return bad(frame, 'bad-date', why);
  }
  if (converted.clock !== undefined) {
    const text = `The time is in doubt (${frame.row}: ${clockChanges[converted.clock]}); have the source send its offset`;
    report(frame.run, frame, 'warning', 'clock-change', text);
  }
  return converted.value;
}

/** The whole of a TX or FT, also where the sender left delimiters unescaped. */
function wholeText(frame: Frame): string {
  const { run, segment, field, repetition } = frame;
  run.mark(frame, frame.component, frame.subcomponent);
  if (frame.simple) return frame.text;
  const divided =
    frame.component === 0
      ? segment.componentCount(field, repetition) > 1 || segment.subcomponentCount(field, repetition, 1) > 1
      : frame.subcomponent === 0 && segment.subcomponentCount(field, repetition, frame.component) > 1;
  return divided ? unescapeText(frame.text, run.delimiters, run.message.charset) : frame.text;
}

/** The first component of an ST, whole: an `&` in it is the sender's unescaped one. */
function plainText(frame: Frame): string {
  if (frame.simple || frame.component !== 0 || !frame.text.includes(frame.run.delimiters.component)) return wholeText(frame);
  frame.run.mark(frame, 1, 0);
  return frame.segment.value(frame.field, frame.repetition, 1, 0);
}

/** Most texts are as they should be: one look at each character says so. */
function text(value: string, frame: Frame): string | undefined {
  const { escapeCode } = frame.run;
  let blank = true;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    if (unit === escapeCode || isControl(unit)) return cleanText(value, frame);
    if (unit !== 32 && unit !== 9 && unit !== 10 && unit !== 13) blank = false;
  }
  return blank ? undefined : value;
}

function cleanText(value: string, frame: Frame): string | undefined {
  const formatted = plainFromFormatted(value, frame.run.delimiters.escape);
  const clean = hasControl(formatted) ? withoutControl(formatted, frame) : formatted;
  return clean.trim() === '' ? undefined : clean;
}

function hasControl(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) if (isControl(value.charCodeAt(at))) return true;
  return false;
}

function isControl(unit: number): boolean {
  return unit < 32 && unit !== 9 && unit !== 10 && unit !== 13;
}

/** FHIR strings cannot hold them (FHIR R4, 2.24.0.1). */
function withoutControl(value: string, frame: Frame): string {
  report(
    frame.run,
    frame,
    'warning',
    'bad-value',
    `Control characters became spaces (${frame.row}: FHIR strings cannot hold them); correct them at the source`,
  );
  return [...value].map((character) => (character.length === 1 && isControl(character.charCodeAt(0)) ? ' ' : character)).join('');
}

function code(value: string, frame: Frame): string | undefined {
  const trimmed = value.trim();
  if (trimmed === '') return undefined;
  if (hasControl(trimmed)) return bad(frame, 'bad-value', 'control characters are no part of a code');
  return trimmed.includes('  ') || trimmed.includes('\t') || trimmed.includes('\n') ? trimmed.split(/\s+/).join(' ') : trimmed;
}

function uri(value: string, frame: Frame): string | undefined {
  const trimmed = value.trim();
  if (trimmed === '') return undefined;
  for (let at = 0; at < trimmed.length; at += 1)
    if (trimmed.charCodeAt(at) <= 32) return bad(frame, 'bad-value', 'a URI holds no spaces');
  return trimmed;
}

function id(value: string, frame: Frame): string | undefined {
  return /^[A-Za-z0-9\-.]{1,64}$/.test(value)
    ? value
    : bad(frame, 'bad-value', 'an id has at most 64 letters, digits, hyphens and points');
}

/** Table 0136, and what some senders write instead. */
function boolean(value: string, frame: Frame): boolean | undefined {
  switch (value.trim().toUpperCase()) {
    case 'Y':
    case 'YES':
    case 'TRUE':
    case '1':
      return true;
    case 'N':
    case 'NO':
    case 'FALSE':
    case '0':
      return false;
    default:
      return bad(frame, 'bad-value', 'neither Y nor N');
  }
}

function base64(value: string, frame: Frame): string | undefined {
  const mark = frame.run.delimiters.escape;
  const plain = (mark === '' ? value : value.split(`${mark}.br${mark}`).join('')).replace(/\s+/g, '');
  if (plain === '') return undefined;
  return plain.length % 4 === 0 && /^[\dA-Za-z+/]*={0,2}$/.test(plain) ? plain : bad(frame, 'bad-value', 'not Base64');
}
