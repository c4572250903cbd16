/** Offline mapping: messages in, bundles out, by the same functions as the engine. Nothing is stored or sent. */
import { once } from 'node:events';
import { defineCommand } from 'citty';
import { loadConfig } from '../channel/load.ts';
import { readMappings } from '../channel/mappings.ts';
import type { Finding } from '../channel/types.ts';
import { errorEntry, WeirError } from '../errors.ts';
import { splitMessages } from '../hl7/batch.ts';
import { Message } from '../hl7/message.ts';
import { compile } from '../map/compile.ts';
import { defaultSettings } from '../map/defaults.ts';
import { compileRoutes, route } from '../route/route.ts';
import { readSettings } from '../settings.ts';
import { fault, misuse, readInput } from './input.ts';
import { failedLine, type MapLine, mapLine, type Plan } from './map-line.ts';

export default defineCommand({
  meta: { name: 'map', description: 'Map messages to FHIR bundles, offline. Exit 1 when one of them could not be mapped' },
  args: {
    file: {
      type: 'positional',
      required: false,
      description: 'Files, each of one message, many, a batch or MLLP frames; - is standard input',
    },
    channel: { type: 'string', description: 'Map as this channel does: its routes, settings and character set' },
    mapping: { type: 'string', description: 'Map every message by this message map, ADT_A01; without it MSH-9 decides' },
    ndjson: { type: 'boolean', description: 'One line of JSON a message, also for those that fail' },
  },
  async run({ args }) {
    if (args._.length === 0) return misuse('No file was given; name one or more, or - for standard input');
    if (args.channel !== undefined && args.mapping !== undefined)
      return misuse('Both --channel and --mapping were given (a channel has its own routes); give one of them');
    const plan = args.channel === undefined ? await defaultPlan(args.mapping) : await channelPlan(args.channel);
    if (plan === null) return;
    for (const file of args._) await mapFile(file, plan, args.ndjson === true);
  },
});

/** Default settings; the mapping is the one named, else the one for MSH-9. */
async function defaultPlan(mapping: string | undefined): Promise<Plan | null> {
  const { mappings, findings } = await readMappings(readSettings(process.env).mappings);
  if (isBad(findings)) return null;
  if (mapping !== undefined && !mappings.messages.has(mapping)) {
    misuse(`There is no message map ${mapping} (there are ${[...mappings.messages.keys()].join(', ')}); name one of them`);
    return null;
  }
  const mapper = compile(mappings, defaultSettings);
  return {
    mapper,
    charset: null,
    route: (message) => {
      const found = mapping ?? mapper.mappingFor(message.type, message.event, message.structure);
      return found === null ? { kind: 'none' } : { kind: 'map', mapping: found };
    },
  };
}

async function channelPlan(name: string): Promise<Plan | null> {
  const settings = readSettings(process.env);
  const { config, findings } = await loadConfig({ channels: settings.channels, mappings: settings.mappings, env: process.env });
  if (isBad(findings) || config === null) return null;
  const channel = config.channels.find((one) => one.name === name);
  if (channel === undefined) {
    misuse(`There is no channel ${name} (there are ${config.channels.map((one) => one.name).join(', ')}); name one of them`);
    return null;
  }
  const routes = compileRoutes(channel);
  return {
    mapper: compile(config.mappings, channel.settings),
    charset: channel.listen.charset,
    route: (message) => route(message, routes),
  };
}

/** Whether the configuration has errors; they are counted, and shown by `weir check`. */
function isBad(findings: readonly Finding[]): boolean {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return false;
  const others = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  fault(`The configuration has errors (${first.file}:${first.line}: ${first.text}${others}); run "weir check" and correct them`);
  return true;
}

async function mapFile(file: string, plan: Plan, ndjson: boolean): Promise<void> {
  const bytes = await readInput(file);
  if (bytes === null) return;
  const { messages, junk } = splitMessages(bytes);
  // A file without a message is one that fails: it must not pass for one that is done.
  const parts = messages.length > 0 ? messages : [junk ?? bytes];
  for (const [index, raw] of parts.entries()) {
    const line = lineOf(`${file}#${index + 1}`, raw, plan);
    if (line.error !== null && line.error.code !== 'filtered') process.exitCode = process.exitCode === 2 ? 2 : 1;
    if (ndjson) await write(`${JSON.stringify(line)}\n`);
    else await show(line);
  }
}

/** Never throws: what goes wrong with a message is its line's error. */
function lineOf(source: string, raw: Uint8Array, plan: Plan): MapLine {
  let message: Message | null = null;
  try {
    message = Message.parse(raw, { charset: plan.charset });
    return mapLine(source, message, plan, new Date());
  } catch (error) {
    const code = error instanceof WeirError ? error.code : 'map-failed';
    return failedLine(source, message, null, { code, text: errorEntry(code).text });
  }
}

/** For people: the bundle on standard output, what is wrong on standard error. */
async function show(line: MapLine): Promise<void> {
  if (line.bundle !== null) await write(`${JSON.stringify(line.bundle, null, 2)}\n`);
  if (line.error !== null) process.stderr.write(`${line.source}: ${line.error.text}.\n`);
  for (const { severity, path, text } of line.issues) process.stderr.write(`${line.source} ${path} ${severity}: ${text}.\n`);
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
