/** What `npm pack` makes, installed in an empty folder: on the oldest Node that the machine has, without the clone's packages in reach. */
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment, freePort, repositoryRoot, startChild, type TempFolder, tempFolder } from '../support/temp.ts';

const run = promisify(execFile);

const message = [
  'MSH|^~\\&|HOSP|NORTH|WEIR|WEIR|20261104083000||ADT^A01^ADT_A01|PACK0001|P|2.5.1',
  'EVN|A01|20261104083000',
  'PID|1||88123^^^NORTH^MR||Larsen^Ida||19790315|F',
  'PV1|1|I|W3^301^1',
].join('\r');

/** Without the clone's node_modules/.bin, and without what npm tells its scripts: as a person's shell has it. */
function shell(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.includes('node_modules') && !entry.includes('node-gyp-bin'));
  const kept = Object.entries(cleanEnvironment()).filter(([name]) => !/^(npm_|INIT_CWD$|NODE)/.test(name));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

let folder: TempFolder;
let place: string;
let files: string[];

beforeAll(async () => {
  folder = await tempFolder('package');
  const packed = await run('npm', ['pack', '--pack-destination', folder.path], { cwd: repositoryRoot, env: shell() });
  const tarball = join(folder.path, packed.stdout.trim().split('\n').at(-1) ?? '');
  files = (await run('tar', ['-tzf', tarball])).stdout.trim().split('\n');
  place = join(folder.path, 'empty');
  await mkdir(place);
  await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: place, env: shell(), maxBuffer: 1e8 });
}, 300_000);

afterAll(async () => {
  await folder.remove();
});

const weir = (...args: string[]) => run('npx', ['weir', ...args], { cwd: place, env: shell(), maxBuffer: 1e8 });

describe('the packed package', () => {
  test('holds what runs, and no sources, tests or data', () => {
    for (const name of ['bin/weir.js', 'dist/cli/main.js', 'dist/dashboard/index.html', 'LICENSE', 'README.md'])
      expect(files).toContain(`package/${name}`);
    expect(files.filter((name) => /^package\/(channels|mappings)\//.test(name)).length).toBeGreaterThan(10);
    // The functions of sites are TypeScript, read as text.
    const own = files.filter((name) => !name.startsWith('package/mappings/sites/'));
    expect(own.filter((name) => /\.(ts|tsx)$|\.test\.|^package\/(src|test|\.weir)\//.test(name))).toEqual([]);
  });

  test('says its version on any Node', async () => {
    const about = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string };
    expect((await weir('--version')).stdout.trim()).toBe(about.version);
    // By its file, without npx's path: the launcher itself has to find Node 24.
    const direct = await run('node', [join(place, 'node_modules/weir-hl7/bin/weir.js'), '--version'], { env: shell() });
    expect(direct.stdout.trim()).toBe(about.version);
  });

  test("weir map makes a bundle with the package's own mappings", async () => {
    await writeFile(join(place, 'a01.hl7'), message);
    const line = JSON.parse((await weir('map', '--ndjson', 'a01.hl7')).stdout) as {
      error: unknown;
      bundle: { entry: { resource: { resourceType: string } }[] };
    };
    expect(line.error).toBeNull();
    expect(line.bundle.entry.map(({ resource }) => resource.resourceType)).toContain('Patient');
  });

  test('weir run starts in an empty folder, takes a message, and stops when told', async () => {
    // Without channels/ here the package's own are used; their usual ports may be taken where this runs.
    const [adt, lab, orders] = [await freePort(), await freePort(), await freePort()];
    const http = await freePort();
    const node = join(place, 'node_modules', 'node', 'bin', 'node');
    const engine = startChild(node, [join(place, 'node_modules/weir-hl7/bin/weir.js'), 'run'], {
      cwd: place,
      env: { ...shell(), WEIR_HTTP: String(http), ADT_PORT: String(adt), LAB_PORT: String(lab), ORDERS_PORT: String(orders) },
    });
    try {
      await engine.saw(/is up/, 60_000);
      expect((await fetch(`http://127.0.0.1:${http}/readyz`)).status).toBe(200);
      expect((await (await fetch(`http://127.0.0.1:${http}/`)).text()).toLowerCase()).toContain('<!doctype html>');
      const sent = await weir('send', '--to', `127.0.0.1:${adt}`, 'a01.hl7');
      expect(sent.stdout).toContain('AA');
      await access(join(place, '.weir', 'postgres.json'));
      await expect
        .poll(async () => (await weir('status', '--url', `http://127.0.0.1:${http}`, '--json')).stdout, { timeout: 20_000 })
        .toMatch(/"delivered":\s*1/);
    } finally {
      await engine.stop('SIGTERM');
    }
    expect(await engine.ended).toEqual({ code: 0, signal: null });
  });
});
