/** What a request asks to be written: one interaction, alone or as an entry of a bundle. */
import type { Node } from '../fhir/issue.ts';
import { FhirFault } from './fault.ts';
import { parseSearch, type Search } from './query.ts';

export type Method = 'POST' | 'PUT' | 'DELETE';

export interface Operation {
  readonly method: Method;
  readonly type: string;
  /** The id in the URL of an update or deletion. */
  readonly id: string | null;
  /** `ifNoneExist` of a create, or the search of a conditional update or deletion. */
  readonly condition: Condition | null;
  /** Null for a deletion. */
  readonly resource: Node | null;
  /** What other entries call the resource. */
  readonly fullUrl: string | null;
  /** The version that the caller saw (`If-Match`), where it says so. */
  readonly ifMatch: number | null;
  /** Where in the bundle this is, for outcomes; undefined where it stands alone. */
  readonly at: string | undefined;
}

/** A search that must find one resource or none. */
export interface Condition {
  /** Equal for equal searches. */
  readonly key: string;
  readonly search: Search;
  /** The identifiers it looks for, where that is all that it looks for. */
  readonly identifiers: readonly { readonly system: string | null; readonly value: string }[] | null;
}

/** What became of an operation. */
export interface Outcome {
  readonly status: 200 | 201 | 204;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly updated: Date;
  /** The text of the resource where this operation made it; null for a deletion, and where nothing was written. */
  readonly body: string | null;
}

/** Reads a condition. Throws FhirFault where it names nothing, because then it would match everything. */
export function conditionOf(type: string, query: string, at?: string): Condition {
  const search = parseSearch(type, query.replace(/^\?/, ''));
  if (search.criteria.length === 0)
    throw new FhirFault(
      412,
      'processing',
      'The condition has no search parameter (it would match every resource); give it one',
      at,
    );
  const [only] = search.criteria;
  const identifiers =
    search.criteria.length === 1 && only?.kind === 'token' && only.param === 'identifier'
      ? only.tokens.flatMap(({ system, value }) => (value === null ? [] : [{ system, value }]))
      : [];
  const key = `${type}?${[...new URLSearchParams(query)]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')}`;
  return { key, search, identifiers: identifiers.length > 0 ? identifiers : null };
}
