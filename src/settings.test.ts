import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingsPage } from '../scripts/docs-settings.ts';
import { tempFolder } from '../test/support/temp.ts';
import { WeirError } from './errors.ts';
import { packageRoot, readSettings, settingsTable } from './settings.ts';

const nowhere = { cwd: '/nowhere', root: '/package' };

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    readSettings(env, nowhere);
  } catch (error) {
    if (error instanceof WeirError && error.code === 'settings-bad') return error.message;
    throw error;
  }
  return '';
}

describe('settings', () => {
  test('without any variable: embedded, loopback, no look for a server on the machine', () => {
    expect(readSettings({}, nowhere)).toEqual({
      dataDir: '/nowhere/.weir',
      databaseUrl: null,
      redisUrl: null,
      channels: '/package/channels',
      mappings: '/package/mappings',
      http: { host: '127.0.0.1', port: 8080 },
      hosts: [],
      bind: '127.0.0.1',
      log: 'info',
    });
  });

  test('an empty variable counts as unset, as compose files leave them', () => {
    expect(readSettings({ DATABASE_URL: '', WEIR_HTTP: ' ' }, nowhere)).toEqual(readSettings({}, nowhere));
  });

  test("the current folder's channels come before the package's own", async () => {
    await using folder = await tempFolder('settings');
    expect(readSettings({}, { cwd: packageRoot, root: folder.path }).channels).toBe(join(packageRoot, 'channels'));
    expect(readSettings({}, { cwd: folder.path, root: packageRoot }).channels).toBe(join(packageRoot, 'channels'));
  });

  test('every problem is listed at once, by the name of its variable', () => {
    const text = problemsOf({
      WEIR_HTTP: 'x:99999',
      WEIR_LOG: 'loud',
      WEIR_BIND: '0.0.0.0:2575',
      WEIR_CHANNELS: 'gone',
      REDIS_URL: 'http://a',
    });
    for (const name of ['WEIR_HTTP', 'WEIR_LOG', 'WEIR_BIND', 'WEIR_CHANNELS', 'REDIS_URL']) expect(text).toContain(name);
  });

  test('a password in a URL that is wrong is not repeated', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://weir:hunter2@db/weir' })).toMatch(
      /DATABASE_URL is a URL that begins with postgres:/,
    );
    expect(problemsOf({ DATABASE_URL: 'mysql://weir:hunter2@db/weir' })).not.toContain('hunter2');
  });

  test.each([
    ['9090', '127.0.0.1', 9090],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8080', '::1', 8080],
    ['weir.example:0', 'weir.example', 0],
  ])('WEIR_HTTP=%s', (text, host, port) => {
    expect(readSettings({ WEIR_HTTP: text }, nowhere).http).toEqual({ host, port });
  });

  test('docs/settings.md says what the code does; `npm run docs` writes it', () => {
    expect(readFileSync(join(packageRoot, 'docs', 'settings.md'), 'utf8')).toBe(settingsPage());
    for (const { name } of settingsTable) expect(settingsPage()).toContain(`## ${name}\n`);
  });
});
