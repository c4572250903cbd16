import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { loadConfig } from '../channel/load.ts';
import { mappingSchemas } from '../channel/mapping-schema.ts';
import type { Finding } from '../channel/types.ts';
import { readSettings } from '../settings.ts';
import { checkMessages } from './check-message.ts';
import { misuse } from './input.ts';
import { count, reportLines } from './report.ts';

export default defineCommand({
  meta: { name: 'check', description: 'Every lint over channels and mappings: all findings, with file, line and column' },
  args: {
    file: { type: 'positional', required: false, description: 'Only findings of these files; the rest is read for context' },
    message: {
      type: 'string',
      description: 'Check the messages of this file instead, against the standard of their version; - is standard input',
    },
    profile: { type: 'string', description: 'With --message: check against this profile as well' },
    charset: { type: 'string', description: 'With --message: read it in this character set, whatever MSH-18 says' },
    json: { type: 'boolean', description: 'Findings as JSON, for machines' },
  },
  async run({ args }) {
    const { message, profile, charset, json } = args;
    if (message !== undefined && args._.length === 0) return checkMessages({ message, profile, charset, json });
    if (message !== undefined || profile !== undefined || charset !== undefined)
      return misuse('--profile and --charset go with --message, and --message with no other file; give one or the other');
    const settings = readSettings(process.env);
    const { findings, profiles } = await loadConfig({
      channels: settings.channels,
      mappings: settings.mappings,
      env: process.env,
    });
    const wanted = args._.map((file) => resolve(file));
    const folders = [settings.channels, settings.mappings];
    const stray = wanted.find((file) => !isPart(file, folders) && !profiles.includes(file));
    if (stray !== undefined) {
      process.stderr.write(
        `The file ${stray} is no part of the configuration (a .yaml file in ${folders.join(' or ')}); name one that is, or set WEIR_CHANNELS and WEIR_MAPPINGS.\n`,
      );
      process.exitCode = 2;
      return;
    }
    const shown = wanted.length === 0 ? findings : findings.filter(({ file }) => wanted.includes(resolve(file)));
    process.stdout.write(args.json ? `${JSON.stringify({ findings: shown })}\n` : report(shown));
    if (shown.some(({ severity }) => severity === 'error')) process.exitCode = 1;
  },
});

/** Whether the file is there and would be read: a channel, or a map in the folder of its kind. */
function isPart(file: string, [channels = '', mappings = '']: readonly string[]): boolean {
  const folders = [channels, ...Object.keys(mappingSchemas).map((kind) => resolve(mappings, kind))];
  return /\.ya?ml$/.test(file) && folders.includes(dirname(file)) && existsSync(file);
}

/** A line a finding, and a closing line. */
function report(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const sum =
    findings.length === 0
      ? 'Nothing to find: channels and mappings are good.'
      : `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}.`;
  return `${[...reportLines(findings), sum].join('\n')}\n`;
}
