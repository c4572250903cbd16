import { execFile } from 'node:child_process';
import { access, chmod, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TempFolder, tempFolder } from '../../test/support/temp.ts';
import { findBinaries, locatePackage, type PostgresPackage } from './embedded-binaries.ts';
import type { DatabaseUser } from './embedded-user.ts';
import { makeCluster, makeHome } from './postmaster.ts';

const run = promisify(execFile);
const self: DatabaseUser = { switchTo: null, name: 'the user that runs Weir' };

let folder: TempFolder;
let installed: PostgresPackage;

/** The package as npm unpacks it when install scripts are blocked: no symlinks, and perhaps no permission to execute. */
beforeEach(async () => {
  folder = await tempFolder('binaries');
  const { native, version } = await locatePackage();
  installed = { native: join(folder.path, 'native'), version };
  await cp(native, installed.native, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(join(installed.native, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(installed.native, 'lib', entry.name));
  }
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await folder.remove();
});

describe("PostgreSQL's binaries", () => {
  test('run although the install script that links their libraries was blocked', async () => {
    await expect(run(join(installed.native, 'bin', 'initdb'), ['--version'])).rejects.toThrow(/shared librar/);
    await chmod(join(installed.native, 'bin', 'initdb'), 0o644);
    const { initdb, postgres, note } = await findBinaries(self, folder.path, installed);
    expect(note).toBeNull();
    expect((await run(initdb, ['--version'])).stdout).toContain('PostgreSQL');
    expect((await run(postgres, ['--version'])).stdout).toContain('PostgreSQL');
  });

  test('are copied once to where the user of the database can read them, whole or not at all', async () => {
    await mkdir(join(folder.path, 'open'));
    await chmod(installed.native, 0o700);
    const other: DatabaseUser = { switchTo: { uid: 65_534, gid: 65_534 }, name: 'nobody' };
    const first = await findBinaries(other, join(folder.path, 'open'), installed);
    expect(first.note).toContain(`${folder.path}/open/postgresql-${installed.version}`);
    expect((await run(first.initdb, ['--version'])).stdout).toContain('PostgreSQL');
    expect((await stat(first.postgres)).mode & 0o005).toBe(0o005);
    const second = await findBinaries(other, join(folder.path, 'open'), installed);
    expect(second).toEqual({ ...first, note: null });
    expect(await readdir(join(folder.path, 'open'))).toEqual([`postgresql-${installed.version}`]);
  });

  test('a platform without them is told to set DATABASE_URL', async () => {
    vi.stubGlobal('process', { ...process, platform: 'sunos', arch: 'x64' });
    await expect(findBinaries(self, folder.path)).rejects.toThrow(
      /no embedded PostgreSQL for this platform; set DATABASE_URL.*sunos-x64/,
    );
  });

  test('programs for another C library (musl) are a platform without them', async () => {
    // What the system says when a program's loader is missing: ENOENT, although the file is there.
    const initdb = join(folder.path, 'initdb');
    await writeFile(initdb, '#!/nowhere/ld-linux\n', { mode: 0o755 });
    await access(initdb);
    const home = join(folder.path, 'home');
    await makeHome(home, self);
    await expect(makeCluster(home, { initdb, postgres: initdb, note: null }, self, 'secret')).rejects.toMatchObject({
      code: 'store-no-binary',
    });
    await expect(access(join(home, 'password'))).rejects.toThrow();
  });
});
