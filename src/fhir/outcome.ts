/** OperationOutcome (FHIR R4, 2.38): what a FHIR server says of what went wrong. */
import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4';
import type { FhirIssue } from './issue.ts';

/** Codes of http://hl7.org/fhir/issue-type that Weir gives. */
export type OutcomeCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'not-supported'
  | 'not-found'
  | 'deleted'
  | 'multiple-matches'
  | 'conflict'
  | 'duplicate'
  | 'processing'
  | 'exception'
  | 'informational';

/** An outcome with one issue. `text` is for a person and carries no value of a resource. */
export function outcome(
  code: OutcomeCode,
  text: string,
  expression?: string,
  severity: 'error' | 'information' = 'error',
): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [issueOf(severity, code, text, expression)] };
}

/** What validation found, one issue a finding, at most 50. */
export function outcomeOf(issues: readonly FhirIssue[]): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.slice(0, 50).map((i) => issueOf('error', outcomeCode(i.code), i.text, i.path === '' ? undefined : i.path)),
  };
}

function issueOf(
  severity: 'error' | 'information',
  code: OutcomeCode,
  text: string,
  expression: string | undefined,
): OperationOutcomeIssue {
  return { severity, code, diagnostics: text, ...(expression === undefined ? {} : { expression: [expression] }) };
}

function outcomeCode(code: FhirIssue['code']): OutcomeCode {
  switch (code) {
    case 'required':
      return 'required';
    case 'format':
    case 'binding':
    case 'reference-format':
    case 'reference-target':
    case 'reference-unresolved':
    case 'extension-url':
    case 'extension-value':
    case 'extension-context':
    case 'system':
    case 'full-url':
      return 'value';
    case 'unknown-element':
    case 'unknown-resource':
    case 'not-a-resource':
    case 'type':
    case 'list':
    case 'choice':
    case 'contained':
    case 'request':
    case 'depth':
      return 'structure';
    default:
      return 'invariant';
  }
}
