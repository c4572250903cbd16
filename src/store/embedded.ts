/** The embedded PostgreSQL: what Weir stores messages in where DATABASE_URL is not set. Started, kept running, stopped. */
import { randomBytes } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { WeirError } from '../errors.ts';
import { findBinaries } from './embedded-binaries.ts';
import { canReach, type DatabaseUser, databaseUser } from './embedded-user.ts';
import { lockFolder } from './folder-lock.ts';
import {
  type Cluster,
  dataOf,
  freePort,
  makeCluster,
  makeHome,
  type Postmaster,
  readPostmaster,
  startPostmaster,
  stopPostmaster,
  superuser,
} from './postmaster.ts';
import { isRunning, signal } from './process-table.ts';

export interface EmbeddedOptions {
  /** Weir's data folder; made when it is not there. */
  readonly dataDir: string;
  readonly log: (event: { readonly text: string }) => void;
  /** PostgreSQL settings over the built-in ones; tests turn fsync off here. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Stays the same while Weir runs, also when the database had to be started again. */
  readonly url: string;
  /** The folder that holds the cluster and PostgreSQL's log. */
  readonly home: string;
  /** Number of the server process at this moment. */
  readonly pid: number;
  /** Stops the database (clients are cut off, everything is flushed) and frees the data folder. */
  stop(): Promise<void>;
}

/** Kept in the data folder, readable by its owner only. */
interface Note {
  /** Where the cluster lies: in the data folder, or elsewhere when the database's user cannot reach that. */
  readonly home: string;
  readonly port: number;
  readonly password: string;
  /** False while the cluster is being made; once true, a cluster that is not there is lost data and not a new beginning. */
  readonly made: boolean;
}

/** Where root's databases lie when their data folder is below a folder that only root can enter. */
const elsewhere = '/var/lib/weir';

/**
 * Starts PostgreSQL on the data folder, or takes over the one that a killed Weir left running, and keeps it running until `stop`.
 * Rejects with `store-in-use`, `store-no-binary` or `store-start`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  // 0711 lets the database's user pass through to its own folder when root makes this one; all in it is closed by itself.
  await mkdir(options.dataDir, { recursive: true, mode: 0o711 });
  const dataDir = await realpath(options.dataDir);
  const lock = await lockFolder(dataDir);
  try {
    const { cluster, password } = await prepare(dataDir, options);
    const url = urlOf(cluster.port, password);
    const postmaster = (await adopt(cluster, url, options.log)) ?? (await startPostmaster(cluster));
    const kept = keepRunning(cluster, postmaster, options.log);
    const stop = async () => {
      await kept.stop();
      await lock.release();
    };
    return {
      url,
      home: cluster.home,
      get pid() {
        return kept.pid();
      },
      stop,
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const urlOf = (port: number, password: string): string => `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;

async function prepare(dataDir: string, options: EmbeddedOptions): Promise<{ cluster: Cluster; password: string }> {
  const file = join(dataDir, 'postgres.json');
  const old = await readNote(file);
  if (old?.made && !(await exists(dataOf(old.home)))) {
    throw new WeirError(
      'store-start',
      `${file} says that the database lies in ${old.home}, but it does not; put it back from the backup`,
    );
  }
  const user = await databaseUser(old?.made ? dataOf(old.home) : null);
  const home = old?.home ?? (await chooseHome(dataDir, user, options.log));
  const away = !home.startsWith(dataDir);
  const binaries = await findBinaries(user, away ? elsewhere : dataDir);
  if (binaries.note !== null) options.log({ text: binaries.note });
  await makeHome(home, user);
  const running = await readPostmaster(home);
  const port = running?.port ?? (await freePort(old?.port ?? null));
  const note: Note = { home, port, password: old?.password ?? randomBytes(24).toString('hex'), made: old?.made ?? false };
  if (old?.port !== port) await writeNote(file, note);
  if (!note.made) {
    await makeCluster(home, binaries, user, note.password);
    if (away) await writeFile(join(home, 'WHOSE'), `${dataDir}\n`);
    await writeNote(file, { ...note, made: true });
  }
  const why = away ? `: PostgreSQL does not run as root, and the user ${user.name} cannot enter ${dataDir}` : '';
  options.log({ text: `The database lies in ${home}${why}.` });
  return { cluster: { home, binaries, user, port, settings: options.settings ?? {} }, password: note.password };
}

/**
 * In the data folder where the database's user can reach it, else a new folder under /var/lib/weir. Never one that an earlier data
 * folder of the same path left there: who deletes the data folder wants to begin anew, and must not meet old messages again.
 */
async function chooseHome(dataDir: string, user: DatabaseUser, log: EmbeddedOptions['log']): Promise<string> {
  if (await canReach(dataDir, user)) return join(dataDir, 'postgres');
  await mkdir(elsewhere, { recursive: true, mode: 0o755 });
  if (!(await canReach(elsewhere, user))) {
    throw new WeirError(
      'store-start',
      `the user ${user.name} can enter neither ${dataDir} nor ${elsewhere}; set WEIR_DATA to a folder it can`,
    );
  }
  for (const name of await readdir(elsewhere)) {
    const home = join(elsewhere, name);
    if ((await readFile(join(home, 'WHOSE'), 'utf8').catch(() => '')).trim() !== dataDir) continue;
    const left = await readPostmaster(home);
    if (left !== null) await stopPostmaster(left.pid);
    log({ text: `An earlier database of ${dataDir} still lies in ${home}; remove it when its messages are not needed.` });
  }
  const name = basename(dataDir) === '.weir' ? basename(join(dataDir, '..')) : basename(dataDir);
  return join(elsewhere, `${name}-${randomBytes(4).toString('hex')}`);
}

/** Takes over a server that a killed Weir left running and that answers; one that does not is stopped when the next starts. */
async function adopt(cluster: Cluster, url: string, log: EmbeddedOptions['log']): Promise<Postmaster | null> {
  const left = await readPostmaster(cluster.home);
  if (left === null || !left.ready || !(await answers(url))) return null;
  log({ text: `PostgreSQL (process ${left.pid}) was still running and is used again.` });
  return left;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 3_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Looks five times a second whether the server lives, and starts it again when it does not. */
function keepRunning(cluster: Cluster, first: Postmaster, log: EmbeddedOptions['log']) {
  let current = first;
  let restart: Promise<void> | null = null;
  let stopped = false;
  // When Weir ends without stopping the database (an uncaught error), the database is told to stop by itself.
  const onExit = () => signal(current.pid, 'SIGINT');
  process.once('exit', onExit);

  const again = async () => {
    log({ text: `PostgreSQL (process ${current.pid}) ended unexpectedly; it is being started again.` });
    for (let wait = 200; !stopped; wait = Math.min(wait * 2, 5_000)) {
      try {
        current = await startPostmaster(cluster);
        log({ text: `PostgreSQL runs again (process ${current.pid}).` });
        return;
      } catch (error) {
        log({ text: error instanceof Error ? error.message : String(error) });
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  };
  const timer = setInterval(() => {
    if (restart !== null || isRunning(current.pid)) return;
    restart = again().finally(() => {
      restart = null;
    });
  }, 200);
  timer.unref();

  return {
    pid: () => current.pid,
    async stop(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      process.off('exit', onExit);
      await restart;
      await stopPostmaster(current.pid);
    },
  };
}

async function readNote(file: string): Promise<Note | null> {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw new WeirError('store-start', `${file} cannot be read; start Weir as the user that made it`, { cause: error });
  });
  if (text === null) return null;
  try {
    const { home, port, password, made } = JSON.parse(text) as Partial<Note>;
    if (typeof home === 'string' && typeof port === 'number' && typeof password === 'string')
      return { home, port, password, made: made === true };
  } catch {
    // reported below
  }
  throw new WeirError('store-start', `${file} is damaged; put it back from the backup`);
}

/** Written aside, synced and renamed: the password in it opens the messages. It belongs to whoever owns the data folder. */
async function writeNote(file: string, note: Note): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  await handle.writeFile(`${JSON.stringify(note, null, 2)}\n`);
  // Root may start a Weir once that is another user's: that user must be able to start it again.
  const folder = await stat(dirname(file));
  if (process.getuid?.() === 0) await handle.chown(folder.uid, folder.gid);
  await handle.sync().finally(() => handle.close());
  await rename(draft, file);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
