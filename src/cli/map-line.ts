/** One line of `weir map --ndjson`: what became of one message. */
import type { Bundle } from 'fhir/r4';
import { type ErrorCode, errorEntry } from '../errors.ts';
import type { Message } from '../hl7/message.ts';
import type { Mapper } from '../map/compile.ts';
import type { MapIssue, UnmappedCode } from '../map/types.ts';
import type { RouteResult } from '../route/route.ts';

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

export interface LineError {
  readonly code: ErrorCode | 'filtered';
  readonly text: string;
}

/** How messages are mapped: by a channel, or by MSH-9. */
export interface Plan {
  readonly mapper: Mapper;
  readonly charset: string | null;
  readonly route: (
    message: Message,
  ) => { readonly kind: 'map'; readonly mapping: string } | Exclude<RouteResult, { kind: 'map' }>;
}

/** Routes and maps a message. Throws what mapping throws: a fault of ours. */
export function mapLine(source: string, message: Message, plan: Plan, receivedAt: Date): MapLine {
  const routed = plan.route(message);
  switch (routed.kind) {
    case 'none':
      return failedLine(source, message, null, { code: 'route-none', text: errorEntry('route-none').text });
    case 'filter':
      return failedLine(source, message, null, { code: 'filtered', text: routed.reason });
    case 'map': {
      const { mapping } = routed;
      const result = plan.mapper.map(mapping, message, { receivedAt });
      const dropped = result.ledger().filter(({ state }) => state === 'dropped');
      return {
        ...headOf(source, message),
        mapping,
        bundle: result.bundle,
        unmappedCodes: result.unmappedCodes,
        dropped: dropped.map(({ path }) => ({ path })),
        issues: result.issues,
        error: null,
      };
    }
  }
}

/** The line of a message without a bundle. */
export function failedLine(source: string, message: Message | null, mapping: string | null, error: LineError): MapLine {
  return { ...headOf(source, message), mapping, bundle: null, unmappedCodes: [], dropped: [], issues: [], error };
}

function headOf(source: string, message: Message | null): Pick<MapLine, 'source' | 'type' | 'controlId'> {
  if (message === null) return { source, type: '', controlId: '' };
  const { type, event, controlId } = message;
  return { source, type: event === '' ? type : `${type}^${event}`, controlId };
}
