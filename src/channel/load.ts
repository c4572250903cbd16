/** A whole configuration from its folders: read, checked, and given only when nothing is wrong (promise 8). */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ReadChannel, readChannel } from './channel.ts';
import type { Environment } from './environment.ts';
import { finding, sortFindings } from './findings.ts';
import { lint } from './lint.ts';
import { lintTlsFiles } from './lint-tls.ts';
import { mapTests } from './map-tests.ts';
import { type ReadMappings, readMappings } from './mappings.ts';
import { keyOf, layOver } from './overlaid.ts';
import { type Config, type Finding, isMessageText } from './types.ts';

export interface ConfigPlace {
  /** Folder of the channel files. */
  readonly channels: string;
  /** Folder of `messages/ segments/ datatypes/ vocab/`. */
  readonly mappings: string;
  readonly env: Environment;
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
 * is in a file, or for a file that cannot be read.
 */
export async function loadConfig({
  channels,
  mappings,
  env,
  now = new Date(),
}: ConfigPlace): Promise<{ config: Config | null; findings: Finding[] }> {
  const unreadable: Finding[] = [];
  const [read, texts] = await Promise.all([readMappings(mappings), readTexts(channels, unreadable)]);
  const checked = checkTexts(texts, read, env);
  const files = [...(await missingFixtures(checked.channels)), ...(await lintTlsFiles(checked.channels, now))];
  const findings = sortFindings([...unreadable, ...checked.findings, ...files]);
  return { config: findings.some(isError) ? null : checked.config, findings };
}

/** The same for files that were read already, but for the files that they name: fixtures of tests, certificates. Pure. */
export function checkTexts(
  texts: readonly ChannelText[],
  read: ReadMappings,
  env: Environment,
): { config: Config | null; channels: ReadChannel[]; findings: Finding[] } {
  const channels = texts.map(({ file, text }) => readChannel(file, text, env, read.places));
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
