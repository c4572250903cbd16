/** Debian's own PostgreSQL in a temporary folder: a server that Weir did not bring, for the tests of the distributed engine. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort, tempFolder } from './temp.ts';

export interface DebianPostgres {
  readonly url: string;
  /** kill -9 of the server. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of the newest server's programs, or null where there is none. */
function programs(): string | null {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return null;
  const [newest] = readdirSync(base).sort((a, b) => Number(b) - Number(a));
  const folder = newest === undefined ? null : join(base, newest, 'bin');
  return folder !== null && existsSync(join(folder, 'initdb')) ? folder : null;
}

/** PostgreSQL will not run as root: as root it runs as Debian's user `postgres`. */
function account(): { uid: number; gid: number } | object {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

export const noDebianPostgres = 'Debian has no PostgreSQL server here';

/** Starts one with an empty database, or gives null where Debian's programs are not installed. */
export async function startDebianPostgres(): Promise<DebianPostgres | null> {
  const bin = programs();
  if (bin === null) return null;
  const folder = await tempFolder('debian-postgres');
  const user = account();
  if ('uid' in user) chownSync(folder.path, user.uid, user.gid);
  chmodSync(folder.path, 0o700);
  const data = join(folder.path, 'data');
  const port = await freePort();
  const url = `postgres://weir@127.0.0.1:${port}/postgres`;
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'weir', '-A', 'trust', '--no-sync'], {
    ...user,
    cwd: folder.path,
    stdio: 'ignore',
  });
  let server: ChildProcess | null = null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  };
  const start = async (): Promise<void> => {
    const settings = [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${folder.path}`,
      '-c',
      'max_connections=200',
    ];
    // A killed server's children may hold the shared memory for a moment: start again until it answers.
    for (let attempt = 0; attempt < 60; attempt++) {
      if (!server || server.exitCode !== null || server.signalCode !== null) {
        server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
          ...user,
          cwd: folder.path,
          stdio: 'ignore',
        });
      }
      await sleep(250);
      if (await answers(url)) return;
    }
    throw new Error("Debian's PostgreSQL did not start");
  };
  // Whatever becomes of the test, the server does not outlive it.
  process.once('exit', () => server?.kill('SIGKILL'));
  await start();
  return {
    url,
    start,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGINT');
      await folder.remove();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
