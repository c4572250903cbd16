/**
 * The constraints of R4 (FHIR R4, 2.27): the standard's FHIRPath expressions as plain functions, keyed by the standard's ids. A function
 * gets the element that carries the constraint and says whether it holds. Constraints of severity warning are left out.
 */
import type { Invariant } from './invariant.ts';
import { bundleInvariants } from './invariants-bundle.ts';
import { datatypeInvariants } from './invariants-datatypes.ts';
import { resourceInvariants } from './invariants-resources.ts';

const table = { ...datatypeInvariants, ...resourceInvariants, ...bundleInvariants } satisfies Record<string, Invariant>;

/** Ids as the standard writes them. An id that R4 gave out twice (`inv-1`) is told apart in the table by its path. */
export type InvariantId = keyof typeof table extends infer K ? (K extends `${string}:${infer Id}` ? Id : K) : never;

const byKey = new Map<string, Invariant>(Object.entries(table));

/** Constraints that other files check: references (ref-1) and narratives (txt-1, txt-2). */
export const elsewhere: ReadonlySet<string> = new Set(['ref-1', 'txt-1', 'txt-2']);

/**
 * Constraints that are not checked: those of definitions (StructureDefinition, Questionnaire, …), which no message becomes, of
 * sequences, and four of Consent that R4 published with a placeholder where the code system belongs.
 */
export const unchecked =
  /^(?:(?:cmd|cpb|csd|eld|ig|mea|md|msq|nsd|opd|que|sdf|smp|spd|tcp|tst|vsd)-\d+[ab]?|ppc-[2-5]|inv-[12])$/;

/** The function for a constraint at a type or path; undefined where it is checked elsewhere or not at all. */
export function invariant(path: string, id: string): Invariant | undefined {
  return byKey.get(`${path}:${id}`) ?? byKey.get(id);
}
