/** The vocabulary of the `hl7` room. Nothing here or in this room does I/O or reads a clock. */

/** MSH-1 and MSH-2 (HL7 2.9, 2.5.4). `truncation` exists since 2.7. */
export interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  readonly truncation: string | null;
}

/**
 * Where a value stands in a message. Everything counts from 1 as HL7 does, but `index`, which is the segment's place in the
 * message, from 0. `repetition`, `component`, `subcomponent` are 0 where the location is the whole of what stands above it.
 */
export interface Location {
  readonly index: number;
  readonly segment: string;
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
}

/**
 * A compiled path: `PID-3[2].4.2`, `OBX[3]-5`, `OBX[*]-3.1`, `PID` (the whole segment), `PID-3[*]`. `occurrence` and `repetition` are 0 for `*`
 * and default to 1; `field`, `component`, `subcomponent` are 0 where the path does not name them.
 */
export interface Path {
  readonly segment: string;
  /** `nameCode` of it: a message's segments are found by number. */
  readonly code: number;
  readonly occurrence: number;
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
}
