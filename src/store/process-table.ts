/** What the system says about running processes, as far as the embedded database needs it. */
import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** Whether a process of this number runs, whoever owns it. One that has ended but was not reaped by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line[line.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return true; // no /proc here
  }
}

/**
 * A text that differs between a process and any later one with the same number: boot and start time. Null where `/proc` is
 * not there or the process is not.
 */
export async function startTime(pid: number): Promise<string | null> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks: fields are counted after it. Start time is the 22nd, the 20th from there.
    const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return ticks === undefined ? null : `${boot.trim()}/${ticks}`;
  } catch {
    return null;
  }
}

/**
 * Numbers of PostgreSQL's processes that work in one of the folders: postmaster and backends in their data directory, `initdb` where it
 * was started. Someone's shell that stands there is none of them. Empty without `/proc`.
 */
export async function databaseProcesses(...folders: readonly string[]): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (!folders.includes(cwd)) continue;
    const program = (await readFile(`/proc/${name}/comm`, 'utf8').catch(() => '')).trim();
    if (program === 'postgres' || program === 'initdb') found.push(Number(name));
  }
  return found;
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone in between, which is what the caller wants
  }
}

/** Waits until `done` says so, looking every 20 ms. False when it took longer than `limit` milliseconds. */
export async function waitUntil(done: () => boolean | Promise<boolean>, limit: number): Promise<boolean> {
  for (const end = performance.now() + limit; ; ) {
    if (await done()) return true;
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
