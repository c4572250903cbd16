/** Every lint that looks beyond one file. */
import type { ReadChannel } from './channel.ts';
import { lintChannels } from './lint-channels.ts';
import { lintMappings } from './lint-mappings.ts';
import type { ReadMappings } from './mappings.ts';
import type { Finding } from './types.ts';

/** All findings about channels and mappings that could be read, in no order. */
export function lint(channels: readonly ReadChannel[], read: ReadMappings): Finding[] {
  return [...lintChannels(channels, read), ...lintMappings(read)];
}
