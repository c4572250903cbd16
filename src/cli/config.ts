/** The configuration as every command reads it: where the settings say, and what is unchanged from the cache in the data folder. */
import { join } from 'node:path';
import { openCache } from '../channel/cache.ts';
import { loadConfig } from '../channel/load.ts';
import { mappingFiles, readMappingFiles } from '../channel/mappings.ts';
import type { Finding } from '../channel/types.ts';
import type { Mappings } from '../map/mapping.ts';
import type { Settings } from '../settings.ts';

/** Channels and mappings, read and checked. */
export function openConfig({ channels, mappings, dataDir }: Settings): ReturnType<typeof loadConfig> {
  return loadConfig({ channels, mappings, env: process.env, cache: cacheOf(dataDir) });
}

/** The mappings alone, without overlays and without the lints that look at all of them. */
export async function openBase({ mappings, dataDir }: Settings): Promise<{ mappings: Mappings; findings: Finding[] }> {
  const files = await mappingFiles(mappings);
  return openCache(cacheOf(dataDir)).of(
    'read',
    files.texts.flatMap(({ file, text }) => [file, text]),
    () => {
      const read = readMappingFiles(files);
      return { mappings: read.mappings, findings: read.findings };
    },
    ({ findings }) => findings.length === 0,
  );
}

const cacheOf = (dataDir: string): string => join(dataDir, 'cache');
