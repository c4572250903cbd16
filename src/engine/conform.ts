/** What a channel's `conform` makes of a message: nothing but findings to keep, a refusal, or a cause to park it. */
import type { Channel } from '../channel/types.ts';
import { errorEntry } from '../errors.ts';
import type { Refusal } from '../hl7/ack.ts';
import { type ConformanceCheck, type ConformanceFinding, compileConformance } from '../hl7/conformance/check.ts';
import type { Cause } from '../inbox/types.ts';

/** Findings that are kept with a message: the gravest; a person is helped by no more. */
const MOST_KEPT = 200;
/** ERR segments of a rejection. */
const MOST_TOLD = 10;

/** The check of a channel; null where it has none. */
export function compileConform({ conform }: Pick<Channel, 'conform'>): ConformanceCheck | null {
  return conform && compileConformance(conform);
}

/** Why a message that has these findings is not taken, with an ERR for each of the first; null where none of them is an error. */
export function refusalOf(findings: readonly ConformanceFinding[]): Refusal | null {
  const errors = findings.filter(isError);
  const [first] = errors;
  if (first === undefined) return null;
  const header = errors.find(({ location }) => /^MSH-(9|11|12)\b/.test(location));
  const conditions = errors.slice(0, MOST_TOLD).map(({ location, code, text }) => ({ location, condition: code, text }));
  return header
    ? { code: 'conform-header', location: header.location, conditions }
    : { code: 'conform-rejected', location: first.location, conditions };
}

/** Why a message that has these findings is parked; null where none of them is an error. */
export function causeOf(findings: readonly ConformanceFinding[]): Cause | null {
  const [first, ...others] = findings.filter(isError);
  if (first === undefined) return null;
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  const text = `The message does not conform: ${first.text} (${first.location}${more}); correct it at the sender or the profile, then replay`;
  return { code: 'conform-parked', text };
}

/** As they are kept. */
export function kept(findings: readonly ConformanceFinding[]): readonly ConformanceFinding[] {
  return findings.slice(0, MOST_KEPT);
}

/** What is kept as the cause of a refusal for these findings. */
export function refusedCause({ code, location, conditions = [] }: Refusal): Cause {
  const more = conditions.length > 1 ? `, and ${conditions.length - 1} more` : '';
  return { code, text: `${errorEntry(code).text} (first: ${location}${more})` };
}

export function isError({ severity }: ConformanceFinding): boolean {
  return severity === 'error';
}
