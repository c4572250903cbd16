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
  /** The message as each destination that takes messages is to get it, and what its edits changed. Only where the channel has such destinations. */
  readonly messages?: readonly {
    readonly destination: string;
    /** Segments end with a carriage return. */
    readonly text: string;
    readonly changes: readonly { readonly step: string; readonly kind: string; readonly path: string }[];
  }[];
  readonly error: LineError | null;
}

/** The line of a message. */
export function mapLine({ source, type, controlId, mapping, result, messages, error }: MappedMessage): MapLine {
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
    ...(messages.length === 0
      ? {}
      : { messages: messages.map(({ destination, message, changes }) => ({ destination, text: message.text, changes })) }),
    error,
  };
}
