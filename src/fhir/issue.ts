/** What validation finds. */
import type { InvariantId } from './invariants.ts';

/**
 * The closed list of findings. A constraint of the standard is named by its own id (`per-1`, `dom-3`); the rest is the structure that
 * every FHIR validator checks.
 */
export type FhirIssueCode =
  | InvariantId
  | 'ele-1' // an element has a value or children
  | 'ext-1' // an extension has a value or extensions, never both
  | 'ref-1' // a local reference resolves to a contained resource
  | 'txt-1' // a narrative holds only basic formatting
  | 'txt-2' // a narrative says something
  | 'not-a-resource'
  | 'unknown-resource'
  | 'unknown-element'
  | 'required'
  | 'list'
  | 'type'
  | 'format'
  | 'choice'
  | 'binding'
  | 'extension-url'
  | 'extension-value'
  | 'extension-context'
  | 'system'
  | 'reference-format'
  | 'reference-target'
  | 'reference-unresolved'
  | 'contained'
  | 'full-url'
  | 'request'
  | 'depth';

export interface FhirIssue {
  /** FHIRPath-like, from the resource that was given: `Patient.name[0].family`, `Bundle.entry[2].resource.subject`. */
  readonly path: string;
  readonly code: FhirIssueCode;
  /** A sentence for a person. It names elements, types and rules, never a value. */
  readonly text: string;
}

/** A JSON object of a resource, before anything is known of it. */
export type Node = Readonly<Record<string, unknown>>;

/** What a rule may look at beside its own element. */
export interface Scope {
  /** The resource that the element stands in; a contained one counts as its own. */
  readonly resource: Node;
  /** The outermost resource that is no Bundle: local references resolve there. */
  readonly root: Node;
  /** The type of the resource that a reference of the same Bundle, or a relative or contained one, points at, as far as it is known. */
  targetType(reference: string): string | undefined;
}
