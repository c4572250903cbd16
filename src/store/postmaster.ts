/** One PostgreSQL server process on one data directory: made, started, found again, stopped. */
import { spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { WeirError } from '../errors.ts';
import type { Binaries } from './embedded-binaries.ts';
import type { DatabaseUser } from './embedded-user.ts';
import { databaseProcesses, isRunning, signal, waitUntil } from './process-table.ts';

/** Where a cluster lies and what runs it. */
export interface Cluster {
  /** Holds `data/`, the cluster itself, and `postgres.log`. */
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: DatabaseUser;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** What `postmaster.pid` says: the process and whether it takes connections. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

export const superuser = 'weir';

/** Durable, small (about 90 MB for all processes), and told nothing that it could repeat about message content. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '64MB',
  dynamic_shared_memory_type: 'mmap', // POSIX segments of ordinary users are removed by systemd when they log out
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  checkpoint_timeout: '10min',
  io_method: 'sync',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  autovacuum_max_workers: '2',
  autovacuum_naptime: '10s',
  // Statistics of a sample of 3,000 rows, not 30,000: the plans are the same, and a large day's took half a second of a processor (docs/adr/0010).
  default_statistics_target: '10',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  // A failing statement, its parameters and its DETAIL may hold parts of a message.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
};

export const dataOf = (home: string): string => join(home, 'data');
const logOf = (home: string): string => join(home, 'postgres.log');

/** Makes an empty cluster, synced to disk, unless there is one. A making that was interrupted is begun again. */
export async function makeCluster(home: string, binaries: Binaries, user: DatabaseUser, password: string): Promise<void> {
  if (await exists(join(dataOf(home), 'PG_VERSION'))) return;
  const half = join(home, 'data.new');
  const secret = join(home, 'password');
  const folder = await realpath(home);
  await endProcesses(folder, join(folder, 'data.new')); // an initdb whose Weir was killed goes on
  await rm(half, { recursive: true, force: true });
  await own(home, user);
  await writeFile(secret, password, { mode: 0o600 });
  await own(secret, user);
  try {
    await runToEnd(binaries.initdb, user, home, [
      ...['-D', half, '-U', superuser, '--pwfile', secret, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
      // The password is 192 random bits: stretching it would slow every connection and add nothing.
      ...['-c', 'scram_iterations=1'],
    ]);
  } finally {
    await rm(secret, { force: true });
  }
  await rename(half, dataOf(home));
  await sync(home);
}

/** Starts the server in a process group of its own and waits until it takes connections. Rejects with `store-start`. */
export async function startPostmaster(cluster: Cluster): Promise<Postmaster> {
  const { home, user, binaries, port } = cluster;
  await clearLeftovers(home);
  const log = await open(logOf(home), (await sizeOf(logOf(home))) > 1_000_000 ? 'w' : 'a', 0o600);
  if (user.switchTo !== null) await log.chown(user.switchTo.uid, user.switchTo.gid);
  const given = Object.entries({ ...settings, ...cluster.settings, port: String(port) });
  const flags = given.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  try {
    // Detached: Ctrl-C in the terminal reaches Weir, which drains before it stops the database.
    const child = spawn(binaries.postgres, ['-D', dataOf(home), ...flags], {
      ...user.switchTo,
      cwd: home,
      env: quietEnvironment(),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    let ended: string | null = null;
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('exit', (code, by) => {
      ended = by === null ? `exit code ${code}` : `signal ${by}`;
    });
    let found: Postmaster | null = null;
    // Recovery after a crash takes as long as there is log to replay: wait for as long as the process lives.
    await waitUntil(async () => {
      found = await readPostmaster(home);
      return ended !== null || (found?.ready === true && found.pid === child.pid);
    }, Number.POSITIVE_INFINITY);
    if (ended !== null || found === null) throw await startFailed(home, ended ?? 'no process');
    return found;
  } finally {
    await log.close();
  }
}

async function startFailed(home: string, how: string): Promise<WeirError> {
  if (how.includes('ENOENT')) return new WeirError('store-no-binary', `${process.platform}-${process.arch}, ${how}`);
  const lines = (await readFile(logOf(home), 'utf8').catch(() => '')).trimEnd().split('\n');
  return new WeirError('store-start', `${how}; ${logOf(home)} ends: ${lines.slice(-3).join(' / ')}`);
}

/** The server that holds the data directory, or null where none is running. */
export async function readPostmaster(home: string): Promise<Postmaster | null> {
  const lines = (await readFile(join(dataOf(home), 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid)) return null;
  if ((await exists('/proc/self')) && !(await databaseProcesses(await realpath(dataOf(home)))).includes(pid)) return null;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** Stops a server: clients are cut off, data is flushed; by force when that takes longer than ten seconds. */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const name of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signal(pid, name);
    if (await waitUntil(() => !isRunning(pid), 10_000)) return;
  }
}

/**
 * Clears the way for a start: backends that outlived a killed postmaster are ended, and a pid file whose number now belongs to
 * some other process is removed. PostgreSQL itself refuses to start over either.
 */
async function clearLeftovers(home: string): Promise<void> {
  if (!(await exists('/proc/self'))) return; // no way to tell whose they are: leave it to PostgreSQL
  const running = await readPostmaster(home);
  if (running !== null) await stopPostmaster(running.pid);
  await endProcesses(await realpath(home), await realpath(dataOf(home)));
  await rm(join(dataOf(home), 'postmaster.pid'), { force: true });
}

/** Ends PostgreSQL's processes in the folders: those that see by themselves that their parent is gone, then the others. */
async function endProcesses(...folders: readonly string[]): Promise<void> {
  const gone = async () => (await databaseProcesses(...folders)).length === 0;
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    if (await waitUntil(gone, 1_000)) return;
    for (const pid of await databaseProcesses(...folders)) signal(pid, name);
  }
  await waitUntil(gone, 5_000);
}

/** The remembered port while it is free, else one that the system gives. */
export async function freePort(wanted: number | null): Promise<number> {
  const port = wanted === null ? null : await tryPort(wanted);
  const given = port ?? (await tryPort(0));
  if (given === null) throw new WeirError('store-start', 'no port is free on 127.0.0.1');
  return given;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

function runToEnd(program: string, user: DatabaseUser, cwd: string, flags: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { ...user.switchTo, cwd, env: quietEnvironment() };
    const child = spawn(program, flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    child.once('error', (cause) => {
      const noLoader = 'code' in cause && cause.code === 'ENOENT'; // the file is there: its C library is not (musl)
      reject(noLoader ? new WeirError('store-no-binary', `${process.platform}-${process.arch}`, { cause }) : cause);
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new WeirError('store-start', `initdb ended with code ${code}: ${said.trim().replaceAll('\n', ' / ')}`));
    });
  });
}

/** None of Weir's environment reaches the database: PG* variables would change it, the rest is not its business. */
function quietEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...(process.env.SYSTEMROOT ? { SYSTEMROOT: process.env.SYSTEMROOT } : {}) };
}

async function own(path: string, user: DatabaseUser): Promise<void> {
  if (user.switchTo !== null) await chown(path, user.switchTo.uid, user.switchTo.gid);
}

/** Makes a folder only its user can read. */
export async function makeHome(home: string, user: DatabaseUser): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await own(home, user);
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (entry) => entry.size,
    () => 0,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
