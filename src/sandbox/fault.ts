/** What the sandbox refuses, and how it says so. */
import type { OperationOutcome } from 'fhir/r4';
import { type OutcomeCode, outcome, outcomeOf } from '../fhir/outcome.ts';
import { type FhirIssue, validate } from '../fhir/validate.ts';

/** A request that cannot be served: an HTTP status and an outcome for the caller. Texts carry no content of resources. */
export class FhirFault extends Error {
  readonly status: number;
  readonly outcome: OperationOutcome;

  constructor(status: number, code: OutcomeCode | OperationOutcome, text = '', at?: string) {
    super(text);
    this.name = 'FhirFault';
    this.status = status;
    this.outcome = typeof code === 'string' ? outcome(code, text, at) : code;
  }
}

/** Refuses what is not valid R4 with 422 and every finding. */
export function mustBeValid(resource: unknown, issues: readonly FhirIssue[] = validate(resource)): void {
  if (issues.length > 0) throw new FhirFault(422, outcomeOf(issues), 'the resource is not valid R4');
}

/** PostgreSQL's SQLSTATE of an error, where it has one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
