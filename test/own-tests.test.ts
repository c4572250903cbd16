/** The tests that stand in the repository's own channels and mappings: `weir test`. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/channel/load.ts';
import { isMessageText } from '../src/channel/types.ts';
import { runMapTest } from '../src/engine/map-trials.ts';
import { runChannelTests } from '../src/engine/trials.ts';
import { messageOf } from '../src/map/trial.ts';
import { packageRoot } from '../src/settings.ts';

const { config } = await loadConfig({
  channels: join(packageRoot, 'channels'),
  mappings: join(packageRoot, 'mappings'),
  env: {},
});
if (config === null) throw new Error('The configuration has errors; run weir check');
const { channels, mapTests } = config;

describe.each(channels.map((channel) => [channel.name, channel] as const))('channel %s', async (_name, channel) => {
  const results = await runChannelTests(config, channel, async ({ given, source }) =>
    isMessageText(given) ? Buffer.from(messageOf(given).text) : readFile(resolve(dirname(source.file), given)),
  );
  it('has tests', () => {
    expect(results.length).toBeGreaterThan(0);
  });
  it.each(results.map(({ name, differences }) => [name, differences] as const))('%s', (_test, differences) => {
    expect(differences).toEqual([]);
  });
});

describe('inline tests of mappings', () => {
  it('are there', () => {
    expect(mapTests.length).toBeGreaterThan(15);
  });
  it.each(mapTests.map((one) => [`${one.map}: ${one.test.name}`, one] as const))('%s', (_name, one) => {
    expect(runMapTest(one).differences).toEqual([]);
  });
});
