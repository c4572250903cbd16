/** Provenance to the field, made from the trace: for each resource, which field of the message and which rows each of its elements came from. */
import type { Bundle, BundleEntry, Provenance } from 'fhir/r4';
import { uuidOf } from '../fhir/identity.ts';
import { formatLocation } from '../hl7/path.ts';
import { occurrenceOf } from './ledger.ts';
import type { Run } from './runtime.ts';
import type { TraceEntry } from './types.ts';

/** Adds a Provenance for each resource of the bundle. It names fields and rows, and holds no value. */
export function addFieldProvenance(run: Run, bundle: Bundle, trace: readonly TraceEntry[]): void {
  const entries = bundle.entry ?? [];
  const byEntry = new Map<number, TraceEntry[]>();
  for (const one of trace) byEntry.set(one.entry, [...(byEntry.get(one.entry) ?? []), one]);
  const occurrences = occurrenceOf(run);
  const added = entries.flatMap((entry, index): BundleEntry[] => {
    const lines = (byEntry.get(index) ?? []).filter(({ from }) => from !== null);
    const { resource, fullUrl } = entry;
    if (resource === undefined || fullUrl === undefined || resource.resourceType === 'Provenance' || lines.length === 0)
      return [];
    const { sender, message, receivedAt } = run;
    const id = uuidOf('provenance', sender, message.controlId === '' ? receivedAt.toISOString() : message.controlId, fullUrl);
    const provenance: Provenance = {
      resourceType: 'Provenance',
      id,
      target: [{ reference: fullUrl }],
      recorded: receivedAt.toISOString(),
      agent: [{ type: assembler, who: { display: 'Weir' } }],
      entity: lines.map(({ path, rows, from }) => {
        const place = from === null ? '' : formatLocation(from, occurrences(from));
        return { role: 'source', what: { display: `${path} from ${place} by ${rows.join(', ')}` } };
      }),
    };
    const own = { fullUrl: `urn:uuid:${id}`, resource: provenance };
    return [run.settings.bundle === 'message' ? own : { ...own, request: { method: 'PUT', url: `Provenance/${id}` } }];
  });
  if (added.length > 0) bundle.entry = [...entries, ...added];
}

const assembler = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler' }],
};
