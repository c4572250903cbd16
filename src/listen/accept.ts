import type { Refusal } from '../hl7/ack.ts';

/** What a message says of itself. `sender` is MSH-3.1^MSH-4.1. */
export interface Header {
  readonly type: string;
  readonly event: string;
  readonly sender: string;
}

/** What a channel takes: `EPIC^MAIN`, `EPIC^*`, `ADT^*`. Empty: anything. */
export interface Taken {
  readonly from: readonly string[];
  readonly types: readonly string[];
}

/** Why a channel does not take a message, by its sender (MSH-3, MSH-4) and its type (MSH-9); null where it does. Pure. */
export function accept(header: Header, taken: Taken): Refusal | null {
  if (!matchesAny(header.sender, taken.from)) return { code: 'listen-sender', location: 'MSH-3' };
  if (!matchesAny(`${header.type}^${header.event}`, taken.types)) return { code: 'listen-type', location: 'MSH-9' };
  return null;
}

function matchesAny(value: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(value, pattern));
}

/** Part by part; `*` takes any, and so does a part that the pattern leaves out. */
function matches(value: string, pattern: string): boolean {
  const [first = '', second = ''] = value.split('^');
  const [wantedFirst = '*', wantedSecond = '*'] = pattern.split('^');
  return (wantedFirst === '*' || wantedFirst === first) && (wantedSecond === '*' || wantedSecond === second);
}
