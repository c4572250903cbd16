import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProfile } from '../src/channel/profile.ts';
import { packageRoot } from '../src/settings.ts';

const folder = join(packageRoot, 'docs', 'examples');

it.each(readdirSync(folder))('the example %s is a profile without a finding', (name) => {
  const { profile, findings } = readProfile(name, readFileSync(join(folder, name), 'utf8'));
  expect(findings).toEqual([]);
  expect(profile?.messages.flatMap(({ rules }) => rules).length).toBeGreaterThan(5);
});
