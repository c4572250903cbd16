import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../settings.ts';
import { loadConfig } from './load.ts';

let folder = '';
const secret = 'Bearer not-for-the-disk';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-cache-'));
  await cp(join(packageRoot, 'test', 'check', 'base'), folder, { recursive: true });
  const channel = join(folder, 'channels', 'base.yaml');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
  const headers = 'headers: {Authorization: "${CDR_TOKEN}"}';
  await writeFile(channel, (await readFile(channel, 'utf8')).replace(/(- \{?\s*to: \w+, )/, `$1${headers}, `));
});
afterAll(() => rm(folder, { recursive: true }));

const cache = () => join(folder, 'cache');
const load = () =>
  loadConfig({ channels: join(folder, 'channels'), mappings: folder, env: { CDR_TOKEN: secret }, cache: cache() });

describe('what is kept of a configuration between starts', () => {
  it('gives what the files give', async () => {
    const first = await load();
    expect(first.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await readdir(cache())).toHaveLength(1);
    expect(await load()).toEqual(first);
    expect(JSON.stringify(first.config?.channels)).toContain(secret);
  });

  it('holds no value of the environment, which may be a secret', async () => {
    for (const file of await readdir(cache())) expect((await readFile(join(cache(), file))).includes(secret)).toBe(false);
  });

  it('is not believed where a file has changed, or where it is damaged', async () => {
    const map = join(folder, 'segments', 'PID[Patient].yaml');
    const text = await readFile(map, 'utf8');
    await writeFile(map, text.replace('birthDate', 'birthDay'));
    expect((await load()).findings.map(({ code }) => code)).toContain('unknown-element');
    await writeFile(map, text);
    for (const file of await readdir(cache())) await writeFile(join(cache(), file), 'not what was written');
    const again = await load();
    expect(again.config?.mappings.segments.get('PID[Patient]')?.rows.length).toBeGreaterThan(0);
  });

  it('leaves nothing where there is no data folder', async () => {
    const nowhere = join(folder, 'none', 'cache');
    await loadConfig({ channels: join(folder, 'channels'), mappings: folder, env: { CDR_TOKEN: secret }, cache: nowhere });
    await expect(readdir(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
  });
});
