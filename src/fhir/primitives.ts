/**
 * The formats of R4's primitive datatypes (FHIR R4, 2.24.0.1), each a function over the JSON value. They are written out, not taken from
 * the standard's regular expressions, because those for base64Binary backtrack without bound and those for dates accept 30 February.
 */
import { datePrecision } from './dates.ts';
import { isRawNumber } from './json.ts';
import { isUuidFrom } from './uuid.ts';

/** What is wrong with a primitive value: its JSON type, or the form of its text. */
export type PrimitiveFault = 'type' | 'format';
export type PrimitiveCheck = (value: unknown) => PrimitiveFault | undefined;

/** Characters below 32 other than tab, line feed and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the standard forbids exactly these
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
/** Strings are at most 1 MiB. */
const longest = 1_048_576;

/** What most codes and URIs are: one look says that they hold neither white space nor control characters. */
const plain = /^[!-~]+$/;

const isString = (text: string) => text.length > 0 && text.length <= longest && !control.test(text);
const isCode = (text: string) => plain.test(text) || (/^\S+(?: \S+)*$/.test(text) && !control.test(text));
const isOid = (text: string) => /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/.test(text);
const isUuid = (text: string) => text.startsWith('urn:uuid:') && isUuidFrom(text, 9);
const isTime = (text: string) => /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/.test(text);

function isUri(text: string): boolean {
  if (text.startsWith('urn:uuid:')) return isUuidFrom(text, 9);
  if (!plain.test(text) && (text.length === 0 || /\s/.test(text) || control.test(text))) return false;
  return !text.startsWith('urn:oid:') || isOid(text);
}

/** Groups of four with padding at the end; white space between is allowed. */
function isBase64(text: string): boolean {
  if (!/^[\dA-Za-z+/\s]*={0,2}\s*$/.test(text)) return false;
  let letters = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 32) letters++;
  return letters > 0 && letters % 4 === 0;
}

/** A primitive that JSON carries as a string. */
function ofString(holds: (text: string) => boolean): PrimitiveCheck {
  return (value) => (typeof value !== 'string' ? 'type' : holds(value) ? undefined : 'format');
}

const decimalText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const greatestInteger = 2_147_483_647;

function decimal(value: unknown): PrimitiveFault | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'format';
  if (isRawNumber(value)) return decimalText.test(value.rawJSON) ? undefined : 'format';
  return 'type';
}

/** Integers are of 32 bits. */
function integerFrom(least: number): PrimitiveCheck {
  return (value) => {
    if (decimal(value) !== undefined) return decimal(value);
    if (isRawNumber(value)) return 'format';
    const n = value as number;
    return Number.isInteger(n) && n >= least && n <= greatestInteger ? undefined : 'format';
  };
}

const checks: ReadonlyMap<string, PrimitiveCheck> = new Map<string, PrimitiveCheck>([
  ['base64Binary', ofString(isBase64)],
  ['boolean', (value) => (typeof value === 'boolean' ? undefined : 'type')],
  ['canonical', ofString(isUri)],
  ['code', ofString(isCode)],
  ['date', ofString((text) => (datePrecision(text) ?? 4) < 4)],
  ['dateTime', ofString((text) => datePrecision(text) !== undefined)],
  ['decimal', decimal],
  ['id', ofString((text) => /^[A-Za-z\d\-.]{1,64}$/.test(text))],
  ['instant', ofString((text) => datePrecision(text) === 4)],
  ['integer', integerFrom(-greatestInteger - 1)],
  ['markdown', ofString(isString)],
  ['oid', ofString(isOid)],
  ['positiveInt', integerFrom(1)],
  ['string', ofString(isString)],
  ['time', ofString(isTime)],
  ['unsignedInt', integerFrom(0)],
  ['uri', ofString(isUri)],
  ['url', ofString(isUri)],
  ['uuid', ofString(isUuid)],
  // The content of a narrative has rules of its own: narrative.ts.
  ['xhtml', ofString((text) => text.length > 0)],
]);

/** The check of a primitive datatype; undefined where `type` is none. */
export function primitiveCheck(type: string): PrimitiveCheck | undefined {
  return checks.get(type);
}
