/** One item of `deliver:` as written -> Destination, with every default filled in. */
import { addressForm, type RawDestination } from './deliver-schema.ts';
import { type Reading, readEdits } from './edits.ts';
import { finding } from './findings.ts';
import { buildDeliverTls } from './tls-schema.ts';
import type { Destination } from './types.ts';

const fhirKeys = ['send', 'concurrency', 'timeout', 'headers'] as const;
const mllpKeys = [
  'connections',
  'wait-for',
  'ack-timeout',
  'connect-timeout',
  'on-error',
  'max-answer',
  'release',
  'edit',
] as const;

/** Null, with a finding, where it is not clear what the destination is. */
export function readDestination(raw: RawDestination, reading: Reading, index: number): Destination | null {
  const { yaml, findings, places } = reading;
  const path = ['deliver', index];
  const source = yaml.place(path);
  if ((raw.fhir === undefined) === (raw.mllp === undefined)) {
    const what = raw.fhir === undefined ? 'neither fhir nor mllp' : 'fhir and mllp together';
    findings.push(
      finding(
        'destination-target',
        source,
        `The destination ${raw.to} has ${what} (it is one of them); write fhir: URL for bundles, or mllp: HOST:PORT for messages`,
      ),
    );
    return null;
  }
  strangers(raw, reading, index);
  const tls = raw.tls ? buildDeliverTls(raw.tls, yaml.file) : null;
  const base = { name: raw.to, retry: raw.retry, tls, source };
  const destination: Destination = raw.fhir === undefined ? mllp(raw, base, reading, index) : fhir(raw, base);
  return places.keep(destination, yaml, path);
}

type Base = Pick<Destination, 'name' | 'retry' | 'tls' | 'source'>;

function fhir(raw: RawDestination, base: Base): Destination {
  const { fhir = '', concurrency = 8, timeout = 30_000, headers = {} } = raw;
  return { kind: 'fhir', ...base, fhir, concurrency, timeout, headers };
}

function mllp(raw: RawDestination, base: Base, reading: Reading, index: number): Destination {
  const [, v6, name, port] = addressForm.exec(raw.mllp ?? '') ?? [];
  const { release = 1 } = raw;
  const waitFor = raw['wait-for'] ?? 'accept';
  if (waitFor === 'commit' && release === 1) {
    reading.findings.push(
      finding(
        'destination-key',
        reading.yaml.place(['deliver', index, 'wait-for']),
        `There is no commit byte to wait for (the destination ${raw.to} speaks MLLP release 1); write release: 2, or wait for accept`,
      ),
    );
  }
  return {
    kind: 'mllp',
    ...base,
    host: v6 ?? name ?? '',
    port: Number(port ?? 0),
    concurrency: raw.connections ?? 1,
    waitFor,
    ackTimeout: raw['ack-timeout'] ?? 30_000,
    connectTimeout: raw['connect-timeout'] ?? 10_000,
    onError: raw['on-error'] ?? 'retry',
    maxAnswer: raw['max-answer'] ?? 1_048_576,
    release,
    edits: readEdits(raw.edit, reading, ['deliver', index, 'edit']),
  };
}

/** Keys of the other kind would do nothing. */
function strangers(raw: RawDestination, { yaml, findings }: Reading, index: number): void {
  const [kind, other, keys] = raw.fhir === undefined ? ['mllp', 'fhir', fhirKeys] : ['fhir', 'mllp', mllpKeys];
  for (const key of keys) {
    const isWritten = key === 'edit' ? raw.edit.length > 0 : raw[key] !== undefined;
    if (!isWritten) continue;
    findings.push(
      finding(
        'destination-key',
        yaml.keyPlace(['deliver', index, key]),
        `"${key}" means nothing beside ${kind} (it belongs to ${other}); remove it`,
      ),
    );
  }
}
