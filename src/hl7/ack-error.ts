/** The segments of an ACK that say what became of the message: MSA and ERR, in the form of the sender's version. */
import { type ErrorEntry, errorEntry, WeirError } from '../errors.ts';
import type { AckCondition, AcknowledgmentCode, Refusal } from './ack.ts';
import { escapeText } from './escape.ts';
import { parsePath } from './path.ts';
import type { Delimiters } from './types.ts';

/** What an ACK says of a message. */
export interface Verdict {
  readonly code: AcknowledgmentCode;
  /** MSA-2 as it was written. */
  readonly controlId: string;
  readonly refusal: Refusal | null;
  /** MSA-4, the expected sequence number (HL7 2.9, 2.10.1); null where the protocol is not used. */
  readonly expected: number | null;
}

/**
 * MSA, and ERR where the message is refused. Up to 2.4 ERR has one field, and from 2.2 on MSA-6 the first condition, for receivers that read no ERR; from 2.5 on ERR-3 has
 * it. Up to 2.6 the sentence stands in MSA-3 too.
 */
export function verdictSegments({ code, controlId, refusal, expected }: Verdict, version: string, d: Delimiters): string[][] {
  const number = expected === null ? [] : [String(expected)];
  if (refusal === null) return [['MSA', code, controlId, ...(expected === null ? [] : ['']), ...number]];
  const entry = errorEntry(refusal.code);
  const text = isBefore(version, [2, 7]) ? [escapeText(entry.text, d)] : expected === null ? [] : [''];
  const faults = faultsOf(refusal);
  const hasCondition = isBefore(version, [2, 5]) && !isBefore(version, [2, 2]);
  const coded = hasCondition ? [number[0] ?? '', '', named(faults[0]?.condition ?? '', d.component)] : number;
  return [['MSA', code, controlId, ...text, ...coded], ...errorSegments(faults, refusal.code, version, d)];
}

interface Fault extends Omit<AckCondition, 'location'> {
  readonly location: string | undefined;
}

/** What is wrong in particular, else what the code says. */
function faultsOf({ code, location: place, conditions: faults }: Refusal): readonly Fault[] {
  if (faults !== undefined && faults.length > 0) return faults;
  const { condition, text } = errorEntry(code) as ErrorEntry;
  return [{ location: place, condition: condition ?? '207', text }];
}

/** A condition of table 0357 as a CE, its components parted by `by`. */
function named(condition: string, by: string): string {
  return [condition, conditions[condition] ?? '', 'HL70357'].join(by === '' ? ' ' : by);
}

/** An ERR each; up to 2.4 there is one ERR, whose one field repeats. */
function errorSegments(faults: readonly Fault[], code: string, version: string, d: Delimiters): string[][] {
  if (isBefore(version, [2, 5])) {
    const parts = faults.map(({ location: path, condition }) => {
      const [segment = '', occurrence = '', field = ''] = location(path);
      return [segment, occurrence, field, named(condition, d.subcomponent)].join(d.component);
    });
    return [['ERR', d.repetition === '' ? (parts[0] ?? '') : parts.join(d.repetition)]];
  }
  return faults.map(({ location: path, condition, text }) => {
    const place = location(path).join(d.component);
    return ['ERR', '', place, named(condition, d.component), 'E', '', '', code, escapeText(text, d)];
  });
}

/** Table 0357, those that errors.ts and conformance checks use. */
const conditions: Readonly<Record<string, string>> = {
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '104': 'Value too long',
  '198': 'Non-Conformant Cardinality',
  '199': 'Other HL7 error',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
};

/** ERL: segment, its occurrence, field, repetition, component, subcomponent; as far as the path goes. */
function location(path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    const { segment, occurrence, field, repetition, component, subcomponent } = parsePath(path);
    if (field === 0) return [segment, String(occurrence)];
    const numbers =
      component === 0
        ? [field]
        : subcomponent === 0
          ? [field, repetition, component]
          : [field, repetition, component, subcomponent];
    return [segment, String(occurrence), ...numbers.map(String)];
  } catch (error) {
    if (error instanceof WeirError) return [];
    throw error;
  }
}

/** Whether a version comes before another. One that is no version counts as a recent one. */
export function isBefore(version: string, other: readonly number[]): boolean {
  if (!/^\d+(?:\.\d+)*$/.test(version)) return false;
  let from = 0;
  for (let at = 0; at < other.length || from < version.length; at += 1) {
    const dot = version.indexOf('.', from);
    const end = dot < 0 ? version.length : dot;
    const difference = Number(version.slice(from, end)) - (other[at] ?? 0);
    if (difference !== 0) return difference < 0;
    from = Math.min(end + 1, version.length);
  }
  return false;
}
