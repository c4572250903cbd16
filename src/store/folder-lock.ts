/** One Weir at a time on a data folder: a lock file that names its holder and outlives no process. */
import { createHash, randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { WeirError } from '../errors.ts';
import { isRunning, startTime } from './process-table.ts';

export interface FolderLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same number; null where the system does not say. */
  readonly started: string | null;
  readonly host: string;
}

/** Takes the folder for this process. Rejects with `store-in-use`, naming the other process, while that one lives. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = join(folder, 'weir.lock');
  const mine: Holder = { pid: process.pid, started: await startTime(process.pid), host: hostname() };
  const text = JSON.stringify(mine);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (await tryLink(draft, file)) return { release: () => release(file, text) };
      const held = await readFile(file, 'utf8').catch(() => null);
      if (held === null) continue;
      const holder = parse(held);
      if (holder !== null && (await lives(holder))) {
        throw new WeirError('store-in-use', `${folder} is used by process ${holder.pid}`);
      }
      if (await replaceDead(draft, file, held)) return { release: () => release(file, text) };
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new WeirError('store-in-use', `${folder} is being taken by another process at this moment`);
}

/** A hard link either makes the name or fails, and what it makes is whole: no reader sees half a lock. */
async function tryLink(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Puts `draft` in the place of a dead lock; false where another process is about to, or has. The name is never free in between: a claim, whose name
 * follows from the dead lock's text, says who may replace it, and replacing is one rename.
 */
async function replaceDead(draft: string, file: string, dead: string): Promise<boolean> {
  let key = digest(dead);
  let claim = `${file}.claim-${key}`;
  while (!(await tryLink(draft, claim))) {
    const text = await readFile(claim, 'utf8').catch(() => null);
    const claimant = text === null ? null : parse(text);
    // Gone: it was used. Alive: it is about to be. Dead: whoever claims its place goes on.
    if (text === null || (claimant !== null && (await lives(claimant)))) return false;
    key = digest(key + text);
    claim = `${file}.claim-${key}`;
  }
  // An earlier claim may have been used and removed since the lock was read.
  const unchanged = (await readFile(file, 'utf8').catch(() => null)) === dead;
  if (unchanged) await rename(draft, file);
  await rm(claim, { force: true });
  return unchanged;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function release(file: string, text: string): Promise<void> {
  const held = await readFile(file, 'utf8').catch(() => null);
  if (held === text) await rm(file, { force: true });
}

async function lives(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return false; // a container that is gone, or a folder that was moved
  if (!isRunning(holder.pid)) return false;
  const started = await startTime(holder.pid);
  return started === null || holder.started === null || started === holder.started;
}

function parse(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    if (typeof value.pid !== 'number' || typeof value.host !== 'string') return null;
    return { pid: value.pid, started: value.started ?? null, host: value.host };
  } catch {
    return null;
  }
}
