/** Every lint that looks beyond one file. */
import type { ReadChannel } from './channel.ts';
import { lintChannels } from './lint-channels.ts';
import { vocabsOfEdits } from './lint-edits.ts';
import { lintMappings } from './lint-mappings.ts';
import { lintOverlays } from './lint-overlays.ts';
import { lintMapTests } from './lint-tests.ts';
import type { ReadMappings } from './mappings.ts';
import type { Overlaid } from './overlaid.ts';
import type { Finding } from './types.ts';

/** All findings about channels, mappings and overlays that could be read, in no order. */
export function lint(channels: readonly ReadChannel[], read: ReadMappings, overlaid: readonly Overlaid[]): Finding[] {
  const used = vocabsOfEdits(channels);
  const base = lintMappings(read, used);
  return [
    ...lintChannels(channels, read, overlaid),
    ...base,
    ...lintMapTests(read.mappings, read.places),
    ...lintOverlays(read, overlaid, { base, used }),
  ];
}
