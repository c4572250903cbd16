/** The field ledger summed over many messages: which fields senders value, and what becomes of them. */
import { componentCount } from '../hl7/dictionary.ts';
import type { Location } from '../hl7/types.ts';
import { datatypeOf, datatypeOfPart } from './context.ts';
import type { LedgerLine } from './types.ts';

export interface CoverageLine {
  /** `PID-3.4.1`, of all occurrences and repetitions. */
  readonly path: string;
  /** Messages in which it is valued. */
  readonly messages: number;
  /** How often it is valued, and what became of that. */
  readonly valued: number;
  readonly mapped: number;
  readonly skipped: number;
  readonly dropped: number;
  /** The reasons of those that were skipped, each once. */
  readonly why: readonly string[];
}

interface Sum {
  messages: number;
  valued: number;
  mapped: number;
  skipped: number;
  dropped: number;
  readonly why: Set<string>;
}

/** Sums ledgers. */
export class Coverage {
  readonly #sums = new Map<string, Sum>();
  #messages = 0;

  /** Messages that were added. */
  get messages(): number {
    return this.#messages;
  }

  /** Adds one message. */
  add(ledger: readonly LedgerLine[]): void {
    this.#messages += 1;
    const seen = new Set<string>();
    for (const { from, state, why } of ledger) {
      const path = pathOf(from);
      const sum = this.#sumOf(path);
      if (!seen.has(path)) sum.messages += 1;
      seen.add(path);
      sum.valued += 1;
      sum[state] += 1;
      if (why !== null) sum.why.add(why);
    }
  }

  /** All paths: what is dropped most comes first, then what is skipped most, then by path. */
  lines(): CoverageLine[] {
    const lines = [...this.#sums].map(([path, sum]) => ({ path, ...sum, why: [...sum.why] }));
    return lines.sort((a, b) => b.dropped - a.dropped || b.skipped - a.skipped || compare(a.path, b.path));
  }

  #sumOf(path: string): Sum {
    const known = this.#sums.get(path);
    if (known !== undefined) return known;
    const sum = { messages: 0, valued: 0, mapped: 0, skipped: 0, dropped: 0, why: new Set<string>() };
    this.#sums.set(path, sum);
    return sum;
  }
}

/** A leaf's path for all messages: `PID-8` and not `PID-8.1.1` where the standard has no components there. */
function pathOf({ segment, field, component, subcomponent }: Location): string {
  const whole = `${segment}-${field}`;
  const datatype = datatypeOf(segment, field);
  const first = component <= 1 && subcomponent <= 1;
  if (first && datatype !== '' && isSimple(datatype)) return whole;
  const part = `${whole}.${component}`;
  return subcomponent <= 1 && isSimple(datatypeOfPart(datatype, component)) ? part : `${part}.${subcomponent}`;
}

function isSimple(datatype: string): boolean {
  return componentCount(datatype) === 0;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
