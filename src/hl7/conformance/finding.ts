/** What a conformance check says of a message. */
import { formatPath } from '../path.ts';
import type { Segment } from '../segment.ts';

/** HL7 table 0357, as far as a check of the message alone can tell. */
export type ConditionCode = '100' | '101' | '102' | '103' | '104' | '198' | '199' | '200' | '201' | '202' | '203';

/** HL7 table 0516: E, W, I. */
export type ConformanceSeverity = 'error' | 'warning' | 'information';

/** One deviation. It names places and tables, and never holds a value of the message. */
export interface ConformanceFinding {
  /** ERR-2 as a path, `OBX[3]-5`; a segment that is missing has its name alone. */
  readonly location: string;
  /** ERR-3. */
  readonly code: ConditionCode;
  /** ERR-4. */
  readonly severity: ConformanceSeverity;
  /** `<what> (<where, why>); <next step>`. */
  readonly text: string;
}

/** A place below a segment; 0 is the whole. */
export interface Place {
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
}

/** What a person and a sender can be told of; a message with more is beyond naming each. */
export const MOST_FINDINGS = 1_000;

/** Takes findings down, with the places as paths. */
export class Notebook {
  readonly findings: ConformanceFinding[] = [];
  /** How many segments of a name came before, by the segment's index. */
  readonly #occurrences: readonly number[];

  constructor(segments: readonly Segment[]) {
    const counts = new Map<string, number>();
    this.#occurrences = segments.map(({ name }) => {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count;
    });
  }

  get isFull(): boolean {
    return this.findings.length >= MOST_FINDINGS;
  }

  /** A place as a path, `PID-3[2].4`. A segment whose name is none is not repeated: it may be anything. */
  path(segment: Segment, place: Place = whole): string {
    if (!isName(segment.name)) return 'MSH';
    return formatPath({ segment: segment.name, occurrence: this.#occurrences[segment.index] ?? 1, ...place });
  }

  note(location: string, code: ConditionCode, severity: ConformanceSeverity, text: string): void {
    if (!this.isFull) this.findings.push({ location, code: headerCode(location, code), severity, text });
  }
}

const whole: Place = { field: 0, repetition: 1, component: 0, subcomponent: 0 };

/** Whether a text can be a segment's name. */
export function isName(name: string): boolean {
  return /^[A-Z][A-Z0-9]{2}$/.test(name);
}

/** What is wrong with the message's type, its processing id or its version has codes of its own. */
function headerCode(location: string, code: ConditionCode): ConditionCode {
  if (location === 'MSH-9.2') return '201';
  if (/^MSH-9\b/.test(location)) return '200';
  if (/^MSH-11\b/.test(location)) return '202';
  return /^MSH-12\b/.test(location) ? '203' : code;
}
