/** Which system user runs the embedded PostgreSQL, and what that user can reach. PostgreSQL refuses to run as root. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { WeirError } from '../errors.ts';

const run = promisify(execFile);

/** Made when Weir runs as root on a machine without a `postgres` user. */
const madeUser = 'weir-db';

export interface DatabaseUser {
  /** Null where Weir's own user runs the database. */
  readonly switchTo: { readonly uid: number; readonly gid: number } | null;
  readonly name: string;
}

/**
 * The user to run the database as: Weir's own, or, when Weir is root, the owner of the existing cluster, else `postgres`, else a
 * system user made for it. Rejects with `store-start` where none can be made.
 */
export async function databaseUser(existingCluster: string | null): Promise<DatabaseUser> {
  if (process.getuid?.() !== 0) return { switchTo: null, name: 'the user that runs Weir' };
  if (existingCluster !== null) {
    const { uid, gid } = await stat(existingCluster);
    const owner = (await passwd()).find((user) => user.switchTo?.uid === uid);
    if (uid !== 0) return owner ?? { switchTo: { uid, gid }, name: `number ${uid}` };
  }
  const found = (await lookUp('postgres')) ?? (await lookUp(madeUser));
  if (found !== null) return found;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', madeUser]);
  } catch (cause) {
    const why =
      'PostgreSQL does not run as root, and no user could be made for it; run Weir as an ordinary user, or set DATABASE_URL';
    throw new WeirError('store-start', why, { cause });
  }
  const made = await lookUp(madeUser);
  if (made === null) throw new WeirError('store-start', `the user ${madeUser} was made but is not in /etc/passwd`);
  return made;
}

async function lookUp(name: string): Promise<DatabaseUser | null> {
  return (await passwd()).find((user) => user.name === name) ?? null;
}

async function passwd(): Promise<DatabaseUser[]> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ switchTo: { uid: Number(uid), gid: Number(gid) }, name }] : [];
  });
}

/** Whether the user may pass through every folder from the root to `path`, by the permission bits. The path itself counts. */
export async function canReach(path: string, user: DatabaseUser): Promise<boolean> {
  if (user.switchTo === null) return true;
  const { uid, gid } = user.switchTo;
  for (let folder = path; ; folder = dirname(folder)) {
    const entry = await stat(folder).catch(() => null);
    if (entry === null) return false;
    const shift = entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0;
    if (((entry.mode >> shift) & 0o1) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}
