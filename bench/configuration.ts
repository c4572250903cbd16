/** The bench's channels as the engine sees them, for what is measured without an engine. */
import { join } from 'node:path';
import { loadConfig } from '../src/channel/load.ts';
import type { Channel, Config } from '../src/channel/types.ts';

/** The channels of `bench/channels/NAME` with all mappings of the repository. Rejects with the findings where they are wrong. */
export async function benchConfig(name: 'acks' | 'flow', env: Readonly<Record<string, string>>): Promise<Config> {
  const channels = join(import.meta.dirname, 'channels', name);
  const mappings = join(import.meta.dirname, '..', 'mappings');
  const { config, findings } = await loadConfig({ channels, mappings, env });
  if (config) return config;
  const errors = findings.filter(({ severity }) => severity === 'error');
  throw new Error(errors.map(({ file, line, text }) => `${file}:${line} ${text}`).join('\n'));
}

/** Its one channel. */
export async function benchChannel(name: 'acks' | 'flow', env: Readonly<Record<string, string>>): Promise<Channel> {
  const [channel] = (await benchConfig(name, env)).channels;
  if (!channel) throw new Error(`bench/channels/${name} holds no channel`);
  return channel;
}
