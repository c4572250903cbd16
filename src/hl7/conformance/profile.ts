/** A site's profile: what it agreed with a sender beyond the standard, as rules of paths. */
import type { Condition } from '../condition.ts';
import type { Path } from '../types.ts';
import type { ConformanceSeverity } from './finding.ts';

/** Of a message profile (HL7 2.9, 2.B): required, required but may be empty, optional, not supported. */
export type Usage = 'R' | 'RE' | 'O' | 'X';

export interface Range {
  readonly min: number;
  /** Null: any number. */
  readonly max: number | null;
}

export interface ProfileRule {
  /** As written, `PID-3.4`. */
  readonly text: string;
  /** `occurrence` and `repetition` 0 stand for each. */
  readonly path: Path;
  /** Only segments in this group of the message's structure; what is counted is counted in each. Null: the whole message. */
  readonly group: string | null;
  readonly usage: Usage;
  readonly cardinality: Range | null;
  readonly length: Range | null;
  readonly type: string | null;
  /** Number of an HL7 table. */
  readonly table: string | null;
  /** The values that are taken; a constant is a list of one. */
  readonly values: readonly string[] | null;
  readonly when: Condition | null;
  readonly severity: ConformanceSeverity;
}

export interface Profile {
  readonly name: string;
  readonly description: string;
  /** For every message. */
  readonly rules: readonly ProfileRule[];
  readonly messages: readonly {
    /** `ADT^*`, `ORU^R01`. */
    readonly types: readonly string[];
    readonly rules: readonly ProfileRule[];
  }[];
}
