/** A whole configuration from its folders: read, checked, and given only when nothing is wrong (promise 8). */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { openCache } from './cache.ts';
import { type ReadChannel, readChannel } from './channel.ts';
import { type Environment, fillIn } from './environment.ts';
import { finding, sortFindings } from './findings.ts';
import { lint } from './lint.ts';
import { lintTlsFiles } from './lint-tls.ts';
import { mapTests } from './map-tests.ts';
import { mappingFiles, type ReadMappings, readMappingFiles } from './mappings.ts';
import { keyOf, layOver } from './overlaid.ts';
import { Places } from './places.ts';
import { readProfile } from './profile.ts';
import { type Config, type Finding, isMessageText } from './types.ts';
import { readYaml } from './yaml.ts';

export interface ConfigPlace {
  /** Folder of the channel files. */
  readonly channels: string;
  /** Folder of `messages/ segments/ datatypes/ vocab/`. */
  readonly mappings: string;
  readonly env: Environment;
  /** Where what was read and checked is kept between starts. Default: nowhere. */
  readonly cache?: string | null;
  /** What certificates must hold at. Default: now. */
  readonly now?: Date;
}

/** The text of a file that was read. */
export interface ChannelText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads and checks all channels and mappings.
 * @returns every finding, in the order of files and lines; `config` is null where one of them is an error. Never rejects for what
 * is in a file, or for a file that cannot be read. `profiles` are the files that channels name and that could be read.
 */
export async function loadConfig({
  channels,
  mappings,
  env,
  cache = null,
  now = new Date(),
}: ConfigPlace): Promise<{ config: Config | null; findings: Finding[]; profiles: string[] }> {
  const unreadable: Finding[] = [];
  const [files, texts] = await Promise.all([mappingFiles(mappings), readTexts(channels, unreadable)]);
  const profiles = await readProfiles(texts, env);
  // Channels are read each time: what the environment fills in is not kept.
  const { config, findings: ofTexts } = await openCache(cache).of(
    'checked',
    [...files.texts, ...texts, ...profiles].flatMap(({ file, text }) => [file, text]).concat(environmentOf(texts, env)),
    () => withoutChannels(checkTexts(texts, readMappingFiles(files), env, profiles)),
    (checked) => checked.config !== null,
  );
  const read = texts.map(({ file, text }) =>
    readChannel(file, text, env, { places: new Places(), profile: profileOf(profiles) }),
  );
  const ofFiles = [...(await missingFixtures(read)), ...(await lintTlsFiles(read, now))];
  const findings = sortFindings([...unreadable, ...ofTexts, ...ofFiles]);
  return {
    config:
      config === null || findings.some(isError) ? null : { ...config, channels: read.flatMap(({ channel }) => channel ?? []) },
    findings,
    profiles: profiles.map(({ file }) => resolve(file)),
  };
}

/** The same for files that were read already, but for the files that they name: fixtures of tests, certificates. Pure. */
export function checkTexts(
  texts: readonly ChannelText[],
  read: ReadMappings,
  env: Environment,
  profiles: readonly ChannelText[] = [],
): { config: Config | null; channels: ReadChannel[]; findings: Finding[] } {
  const profile = profileOf(profiles);
  const channels = texts.map(({ file, text }) => readChannel(file, text, env, { places: read.places, profile }));
  const laid: Finding[] = [];
  const overlaid = layOver(
    read,
    channels.flatMap(({ channel }) => (channel ? [channel.overlays] : [])),
    laid,
  );
  const ofChannels = channels.flatMap((channel) => channel.findings);
  const findings = sortFindings([...read.findings, ...ofChannels, ...laid, ...lint(channels, read, overlaid)]);
  const config = findings.some(isError)
    ? null
    : {
        channels: channels.flatMap(({ channel }) => channel ?? []),
        mappings: read.mappings,
        overlaid: new Map(overlaid.map(({ overlays, mappings }) => [keyOf(overlays), mappings])),
        mapTests: mapTests(read, overlaid),
      };
  return { config, channels, findings };
}

/** What is kept: all but the channels, whose texts may hold secrets of the environment. */
function withoutChannels({ config, findings }: ReturnType<typeof checkTexts>): {
  config: Omit<Config, 'channels'> | null;
  findings: Finding[];
} {
  if (config === null) return { config, findings };
  const { channels: _, ...rest } = config;
  return { config: rest, findings };
}

/** The variables that the texts name, and what they are: a finding may depend on it. The cache sees their digest only. */
function environmentOf(texts: readonly ChannelText[], env: Environment): string[] {
  const names = new Set(texts.flatMap(({ text }) => [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)));
  return [...names].sort().flatMap((name) => [name, env[name] ?? '']);
}

function profileOf(
  profiles: readonly ChannelText[],
): (channelFile: string, path: string) => ReturnType<typeof readProfile> | null {
  return (channelFile, path) => {
    const file = besideOf(channelFile, path);
    const text = profiles.find((one) => one.file === file)?.text;
    return text === undefined ? null : readProfile(file, text);
  };
}

function besideOf(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

/** The profiles that channels name, as far as they are there. */
async function readProfiles(texts: readonly ChannelText[], env: Environment): Promise<ChannelText[]> {
  const files = texts.flatMap(({ file, text }) => {
    const named = (fillIn(readYaml(file, text), env, []) as { conform?: { profile?: unknown } } | null)?.conform?.profile;
    return typeof named === 'string' ? [besideOf(file, named)] : [];
  });
  const read = await Promise.all(
    [...new Set(files)].map(async (file) => ({ file, text: await readFile(file, 'utf8').catch(() => undefined) })),
  );
  return read.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

async function readTexts(folder: string, findings: Finding[]): Promise<ChannelText[]> {
  const unreadable = (file: string, error: unknown): undefined => {
    const cause = (error as NodeJS.ErrnoException).code ?? 'unknown cause';
    findings.push(
      finding(
        'unreadable-file',
        { file, line: 1, column: 1 },
        `${file} cannot be read (${cause}); see that it is there and may be read`,
      ),
    );
  };
  const names = await readdir(folder).catch((error: unknown) => unreadable(folder, error) ?? []);
  const files = names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
  const read = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(file, 'utf8').catch((error: unknown) => unreadable(file, error)) })),
  );
  return read.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
}

/** A test whose message is not there would be a test that is never run. */
async function missingFixtures(channels: readonly ReadChannel[]): Promise<Finding[]> {
  const tests = channels.flatMap(({ channel, yaml }) => (channel?.tests ?? []).map((test, index) => ({ test, index, yaml })));
  const found = await Promise.all(
    tests.map(async ({ test, index, yaml }) => {
      if (isMessageText(test.given)) return [];
      const there = await stat(resolve(dirname(yaml.file), test.given)).catch(() => null);
      if (there?.isFile()) return [];
      return [
        finding(
          'missing-fixture',
          yaml.place(['tests', index, 'given']),
          `The file of the test "${test.name}" is not there (${test.given}, relative to the channel file); add it, or correct the path`,
        ),
      ];
    }),
  );
  return found.flat();
}
