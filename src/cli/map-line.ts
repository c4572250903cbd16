/** One line of `weir map --ndjson`: what became of one message. */
import type { Bundle } from 'fhir/r4';
import type { MapIssue, UnmappedCode } from '../map/types.ts';
import type { LineError, MappedMessage } from './mapped.ts';

export interface MapLine {
  /** `FILE#N`, N from 1. */
  readonly source: string;
  /** `ADT^A01`; empty where the bytes are no message. */
  readonly type: string;
  readonly controlId: string;
  readonly mapping: string | null;
  readonly bundle: Bundle | null;
  readonly unmappedCodes: readonly UnmappedCode[];
  readonly dropped: readonly { readonly path: string }[];
  readonly issues: readonly MapIssue[];
  readonly error: LineError | null;
}

/** The line of a message. */
export function mapLine({ source, type, controlId, mapping, result, error }: MappedMessage): MapLine {
  const dropped = (result?.ledger() ?? []).filter(({ state }) => state === 'dropped');
  return {
    source,
    type,
    controlId,
    mapping,
    bundle: result?.bundle ?? null,
    unmappedCodes: result?.unmappedCodes ?? [],
    dropped: dropped.map(({ path }) => ({ path })),
    issues: result?.issues ?? [],
    error,
  };
}
