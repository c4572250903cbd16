/** The text of a channel file -> a Channel, with every default filled in. */
import type { MapSettings } from '../map/types.ts';
import { buildAcknowledge } from './answers-schema.ts';
import { channelSchema, type RawChannel } from './channel-schema.ts';
import { readCondition } from './conditions.ts';
import { checkBy } from './declared.ts';
import { readDestination } from './destinations.ts';
import { readEdits } from './edits.ts';
import { type Environment, fillIn } from './environment.ts';
import { finding } from './findings.ts';
import { lintSecrets } from './lint-secrets.ts';
import type { Places } from './places.ts';
import type { ReadProfile } from './profile.ts';
import { mapSettings } from './settings-schema.ts';
import { buildListenTls } from './tls-schema.ts';
import type { Channel, Conform, Finding, Route } from './types.ts';
import { readYaml, type YamlFile } from './yaml.ts';

export interface ReadChannel {
  /** What could be read; null where that is nothing. */
  readonly channel: Channel | null;
  readonly yaml: YamlFile;
  readonly findings: Finding[];
}

// Taken for a value that the environment gives, so that one wrong value does not hide what else is wrong.
// biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
const standIn = '${}';

/** What a channel file is read with. */
export interface Beside {
  readonly places: Places;
  /** A profile that the channel names, by its path relative to the channel file; null where there is none. */
  readonly profile: (channelFile: string, path: string) => ReadProfile | null;
}

/** Reads one channel file, and the profile that it names. Never throws. */
export function readChannel(file: string, text: string, env: Environment, { places, profile }: Beside): ReadChannel {
  const written = readYaml(file, text);
  const findings = [...written.findings];
  if (findings.length > 0) return { channel: null, yaml: written, findings };
  const { value, yaml, findings: structural } = checkBy(channelSchema, written, fillIn(written, env, findings), standIn);
  findings.push(...structural, ...lintSecrets(written));
  return { channel: value && build(value, yaml, { places, profile }, findings), yaml, findings };
}

function build(raw: RawChannel, yaml: YamlFile, beside: Beside, findings: Finding[]): Channel {
  const { places } = beside;
  for (const key of ['route', 'deliver'] as const) {
    const items = (yaml.data as Record<string, unknown>)[key];
    if (Array.isArray(items) && items.length === 0)
      findings.push(finding('missing-key', yaml.place([key]), `"${key}" is empty (a channel needs at least one); write one`));
  }
  const { mllp } = raw.listen;
  const channel: Channel = {
    name: raw.channel,
    description: raw.description,
    owner: raw.owner,
    listen: {
      port: mllp.port,
      release: mllp.release === 2 ? 2 : 1,
      from: raw.listen.from,
      types: raw.listen.types,
      sequence: raw.listen.sequence,
      processing: raw.listen.processing,
      versions: raw.listen.versions,
      maxFrame: mllp['max-frame'],
      maxUnfinished: mllp['max-unfinished'],
      frameTimeout: mllp['frame-timeout'],
      idleTimeout: mllp['idle-timeout'],
      keepAlive: mllp['keep-alive'],
      maxConnections: mllp['max-connections'],
      maxConnectionsPerAddress: mllp['max-connections-per-address'],
      allow: raw.listen.allow,
      charset: raw.listen.charset,
      tls: raw.listen.tls ? buildListenTls(raw.listen.tls, yaml.file) : null,
    },
    orderBy: raw['order-by'],
    duplicates: raw.duplicates ?? null,
    conform: raw.conform ? buildConform(raw.conform, yaml, beside, findings) : null,
    acknowledge: buildAcknowledge(raw.acknowledge, yaml.file),
    route: raw.route.flatMap((route, index) => buildRoute(route, index, yaml, places, findings) ?? []),
    destinations: raw.deliver.flatMap((one, index) => readDestination(one, { yaml, places, findings }, index) ?? []),
    settings: mapSettings(raw.settings, bundleKind(raw, yaml, findings)),
    overlays: raw.overlays,
    invalid: raw.invalid,
    parked: raw.parked,
    tests: raw.tests.map((test, index) =>
      places.keep({ name: test.name, given: test.given, expect: test.expect ?? {}, source: yaml.place(['tests', index]) }, yaml, [
        'tests',
        index,
      ]),
    ),
    source: yaml.place([]),
  };
  return places.keep(channel, yaml, []);
}

function buildConform(
  raw: NonNullable<RawChannel['conform']>,
  yaml: YamlFile,
  { profile }: Beside,
  findings: Finding[],
): Conform {
  const { standard, then } = raw;
  if (raw.profile === undefined) {
    if (!standard)
      findings.push(
        finding(
          'conform-nothing',
          yaml.place(['conform']),
          'Nothing is checked ("standard" is false, and there is no profile); name a profile, or remove "conform"',
        ),
      );
    return { standard, then, profile: null };
  }
  const read = profile(yaml.file, raw.profile);
  if (read) findings.push(...read.findings);
  else
    findings.push(
      finding(
        'missing-profile',
        yaml.place(['conform', 'profile']),
        `The profile ${raw.profile} cannot be read (relative to the channel file); add it, or correct the path`,
      ),
    );
  return { standard, then, profile: read?.profile ?? null };
}

function buildRoute(
  raw: RawChannel['route'][number],
  index: number,
  yaml: YamlFile,
  places: Places,
  findings: Finding[],
): Route | undefined {
  const path = ['route', index];
  const source = yaml.place(path);
  const text = raw.when ?? '';
  const when =
    raw.when === undefined ? ({ kind: 'and', terms: [] } as const) : readCondition(raw.when, yaml, [...path, 'when'], findings);
  const targets = (['map', 'pass', 'filter'] as const).filter((key) => raw[key] !== undefined);
  if (targets.length !== 1) {
    const what = targets.length === 0 ? 'neither map, pass nor filter' : `${targets.join(' and ')} together`;
    findings.push(
      finding(
        'route-target',
        source,
        `The route has ${what} (it needs one of them); write map: NAME, pass: true or filter: "reason"`,
      ),
    );
    return undefined;
  }
  if (raw.filter !== undefined && (raw.to !== undefined || raw.edit.length > 0)) {
    const key = raw.to === undefined ? 'edit' : 'to';
    findings.push(
      finding(
        'route-target',
        yaml.keyPlace([...path, key]),
        `The filter has "${key}" (what is filtered goes nowhere); remove it`,
      ),
    );
  }
  if (raw.filter?.trim() === '') {
    findings.push(
      finding(
        'filter-without-reason',
        yaml.place([...path, 'filter']),
        'The filter has no reason (whoever asks for the message is shown it); write one',
      ),
    );
  }
  if (!when) return undefined;
  const onward = { to: raw.to ?? null, edits: readEdits(raw.edit, { yaml, places, findings }, [...path, 'edit']) };
  const base = { when, text, source };
  const route: Route =
    raw.filter !== undefined
      ? { kind: 'filter', ...base, reason: raw.filter }
      : raw.map !== undefined
        ? { kind: 'map', ...base, ...onward, mapping: raw.map }
        : { kind: 'pass', ...base, ...onward };
  return places.keep(route, yaml, path);
}

/** A channel makes one kind of bundle, whether `settings.bundle` says so or `send` of its destinations. */
function bundleKind(raw: RawChannel, yaml: YamlFile, findings: Finding[]): MapSettings['bundle'] {
  let kind = raw.settings.bundle;
  for (const [index, { to, send }] of raw.deliver.entries()) {
    if (send === undefined) continue;
    if (kind !== undefined && kind !== send) {
      findings.push(
        finding(
          'send-conflict',
          yaml.place(['deliver', index, 'send']),
          `The destination ${to} asks for a ${send} (the channel already makes a ${kind}, and makes one kind); use two channels, or the same kind`,
        ),
      );
    }
    kind ??= send;
  }
  return kind ?? 'transaction';
}
