/**
 * What merges say of patients, kept beyond the message that said it (docs/adr/0008): an update that still names a patient who was given up writes what it
 * knows, and the mark stands. Pure. An address is that of a bundle's entry, `Patient?identifier=…` or `Patient/ID`.
 */
import type { Bundle, BundleEntry, FhirResource, Identifier, Patient } from 'fhir/r4';
import { uuidOf } from '../fhir/identity.ts';

export interface Patients {
  /** Whom the bundle updates. */
  readonly updates: readonly string[];
  /** Whom it gives up, and who goes on instead. */
  readonly givenUp: ReadonlyMap<string, string>;
  /** Who is given up no more: who goes on in a merge, or whose merge is taken back. */
  readonly active: readonly string[];
}

type Entry = BundleEntry<FhirResource>;

/**
 * What a bundle says of its patients; null where it updates none.
 * @param takesBack whether it takes back a merge
 */
export function patientsOf({ entry: entries = [] }: Bundle<FhirResource>, takesBack: boolean): Patients | null {
  const updates: string[] = [];
  const givenUp = new Map<string, string>();
  for (const { resource, request } of entries) {
    if (resource?.resourceType !== 'Patient' || request?.method !== 'PUT') continue;
    updates.push(request.url);
    const other =
      resource.active === false ? resource.link?.find(({ type }) => type === 'replaced-by')?.other.reference : undefined;
    const goesOn = other === undefined ? undefined : addressOf(entries.find(({ fullUrl }) => fullUrl === other));
    if (goesOn !== undefined) givenUp.set(request.url, goesOn);
  }
  return updates.length === 0 ? null : { updates, givenUp, active: takesBack ? updates : [...givenUp.values()] };
}

/** The bundle with these patients marked as given up, as a merge marks them. Who goes on is created where absent, as by any message that only names someone. */
export function markGivenUp(bundle: Bundle<FhirResource>, givenUp: ReadonlyMap<string, string>): Bundle<FhirResource> {
  const entries = bundle.entry ?? [];
  const more: Entry[] = [];
  const referenceTo = (address: string): string => {
    const there = [...entries, ...more].find((entry) => addressOf(entry) === address);
    if (there?.fullUrl !== undefined) return there.fullUrl;
    const [, query] = address.split('?', 2);
    if (query === undefined) return address;
    const fullUrl = `urn:uuid:${uuidOf('goes on', address)}`;
    const resource: Patient = { resourceType: 'Patient', identifier: [identifierOf(query)] };
    more.push({ fullUrl, resource, request: { method: 'POST', url: 'Patient', ifNoneExist: query } });
    return fullUrl;
  };
  const marked = entries.map((entry): Entry => {
    const { resource, request } = entry;
    const goesOn = request?.method === 'PUT' ? givenUp.get(request.url) : undefined;
    if (goesOn === undefined || resource?.resourceType !== 'Patient') return entry;
    const link = (resource.link ?? []).filter(({ type }) => type !== 'replaced-by');
    const mark = { other: { reference: referenceTo(goesOn) }, type: 'replaced-by' as const };
    return { ...entry, resource: { ...resource, active: false, link: [...link, mark] } };
  });
  return { ...bundle, entry: [...marked, ...more] };
}

function addressOf(entry: Entry | undefined): string | undefined {
  const { resource, request } = entry ?? {};
  if (resource?.resourceType !== 'Patient' || request === undefined) return undefined;
  if (request.method === 'PUT') return request.url;
  return request.ifNoneExist === undefined ? undefined : `Patient?${request.ifNoneExist}`;
}

/** The identifier of `identifier=system|value`: undoes the escapes of a search (FHIR R4, 3.1.1.5.3). */
function identifierOf(query: string): Identifier {
  const token = new URLSearchParams(query).get('identifier') ?? '';
  const [, system = '', value = ''] = /^((?:\\.|[^\\|])*)\|(.*)$/s.exec(token) ?? [];
  return { system: plain(system), value: plain(value) };
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
