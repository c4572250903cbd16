/** How the offline commands map: by a channel, or by the message map that MSH-9 names. */
import { type Channel, type Config, type Finding, mappingsOf } from '../channel/types.ts';
import { compileOnward, type RouteOnward } from '../engine/onward.ts';
import type { Message } from '../hl7/message.ts';
import { compile, type Mapper } from '../map/compile.ts';
import { defaultSettings } from '../map/defaults.ts';
import type { Mappings } from '../map/mapping.ts';
import { compileRoutes, type RouteResult, route } from '../route/route.ts';
import { readSettings } from '../settings.ts';
import { openBase, openConfig } from './config.ts';
import { fault, misuse } from './input.ts';

/** How messages are mapped: by a channel, or by MSH-9. */
export interface Plan {
  readonly mapper: Mapper;
  readonly charset: string | null;
  readonly route: (
    message: Message,
  ) => { readonly kind: 'map'; readonly mapping: string; readonly route?: number } | Exclude<RouteResult, { kind: 'map' }>;
  /** Who takes messages, by route; empty without a channel. */
  readonly onward: readonly RouteOnward[];
}

/** The options by which a command chooses its plan. */
export const planArgs = {
  channel: { type: 'string', description: 'Map as this channel does: its routes, settings and character set' },
  mapping: { type: 'string', description: 'Map every message by this message map, ADT_A01; without it MSH-9 decides' },
} as const;

/** The plan that the options ask for; null where there is none: then it was said why, and the exit code is set. */
export async function openPlan(args: {
  readonly channel?: string | undefined;
  readonly mapping?: string | undefined;
}): Promise<Plan | null> {
  const { channel, mapping } = args;
  if (channel === undefined) return defaultPlan(mapping);
  if (mapping === undefined) return channelPlan(channel);
  misuse('Both --channel and --mapping were given (a channel has its own routes); give one of them');
  return null;
}

/** Default settings; the mapping is the one named, else the one for MSH-9. */
async function defaultPlan(mapping: string | undefined): Promise<Plan | null> {
  const mappings = await openMappings(undefined);
  if (mappings === null) return null;
  if (mapping !== undefined && !mappings.messages.has(mapping)) {
    misuse(`There is no message map ${mapping} (there are ${[...mappings.messages.keys()].join(', ')}); name one of them`);
    return null;
  }
  const mapper = compile(mappings, defaultSettings);
  return {
    mapper,
    charset: null,
    onward: [],
    route: (message) => {
      const found = mapping ?? mapper.mappingFor(message.type, message.event, message.structure);
      return found === null ? { kind: 'none' } : { kind: 'map', mapping: found };
    },
  };
}

async function channelPlan(name: string): Promise<Plan | null> {
  const found = await openChannel(name);
  if (found === null) return null;
  const { channel, config } = found;
  const routes = compileRoutes(channel);
  const mappings = mappingsOf(config, channel);
  return {
    mapper: compile(mappings, channel.settings),
    charset: channel.listen.charset,
    onward: compileOnward(channel, mappings.vocabs),
    route: (message) => route(message, routes),
  };
}

/** The base, or the mappings as a channel sees them; null where there are none: then it was said why. */
export async function openMappings(channel: string | undefined): Promise<Mappings | null> {
  if (channel !== undefined) {
    const found = await openChannel(channel);
    return found === null ? null : mappingsOf(found.config, found.channel);
  }
  const { mappings, findings } = await openBase(readSettings(process.env));
  return isBad(findings) ? null : mappings;
}

async function openChannel(name: string): Promise<{ channel: Channel; config: Config } | null> {
  const settings = readSettings(process.env);
  const { config, findings } = await openConfig(settings);
  if (isBad(findings) || config === null) return null;
  const channel = config.channels.find((one) => one.name === name);
  if (channel !== undefined) return { channel, config };
  misuse(`There is no channel ${name} (there are ${config.channels.map((one) => one.name).join(', ')}); name one of them`);
  return null;
}

/** Whether the configuration has errors; they are counted, and shown by `weir check`. */
export function isBad(findings: readonly Finding[]): boolean {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return false;
  const others = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  fault(`The configuration has errors (${first.file}:${first.line}: ${first.text}${others}); run "weir check" and correct them`);
  return true;
}
