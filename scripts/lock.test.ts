import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/settings.ts';
import { mend } from './lock.ts';

describe('package-lock.json', () => {
  const text = readFileSync(join(packageRoot, 'package-lock.json'), 'utf8');

  test('has an entry for every optional package, so that npm ci passes on any platform', () => {
    expect(mend(JSON.parse(text)).added).toEqual([]);
  });

  test('names no registry', () => {
    expect(text).not.toContain('"resolved"');
    expect(text).not.toMatch(/https?:\/\/registry/);
  });

  test('a missing entry takes version and kind from its parent and its platform from its name', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/a': { version: '1.0.0', dev: true, optionalDependencies: { '@a/cli-linux-x64-musl': '1.0.0', b: '^2' } },
        'node_modules/a/node_modules/b': { version: '2.0.0', resolved: 'somewhere' },
      },
    };
    const mended = mend(lock);
    expect(mended.added).toEqual(['@a/cli-linux-x64-musl']);
    const entry = { version: '1.0.0', os: ['linux'], cpu: ['x64'], libc: ['musl'], dev: true, optional: true };
    expect(mended.lock.packages['node_modules/@a/cli-linux-x64-musl']).toEqual(entry);
    expect(mended.lock.packages['node_modules/a/node_modules/b']).toEqual({ version: '2.0.0' });
  });
});
