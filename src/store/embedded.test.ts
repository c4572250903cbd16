import { chmod, chown, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { type RunningChild, repositoryRoot, startChild, type TempFolder, tempFolder } from '../../test/support/temp.ts';
import { isRunning, waitUntil } from './process-table.ts';

// Each of these has been met at 3 a.m. by someone: what a killed engine or database leaves behind must not need a person.

interface Started {
  readonly url: string;
  readonly pid: number;
  readonly home: string;
}

const program = join(repositoryRoot, 'test', 'support', 'embedded-child.ts');
const asRoot = process.getuid?.() === 0;
const children: RunningChild[] = [];
const folders: TempFolder[] = [];
const homes = new Set<string>();

afterEach(async () => {
  for (const child of children.splice(0)) await child.stop();
  for (const home of homes) {
    const pid = Number((await readFile(join(home, 'data', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
    if (pid > 1 && isRunning(pid)) process.kill(pid, 'SIGQUIT');
    if (pid > 1) await waitUntil(() => !isRunning(pid), 10_000);
    await rm(home, { recursive: true, force: true });
  }
  homes.clear();
  for (const folder of folders.splice(0)) await folder.remove();
});

async function dataFolder(): Promise<string> {
  const folder = await tempFolder('embedded');
  folders.push(folder);
  return join(folder.path, 'data');
}

function launch(dataDir: string): RunningChild {
  const child = startChild(process.execPath, [program, dataDir]);
  children.push(child);
  return child;
}

async function start(dataDir: string): Promise<Started & { readonly child: RunningChild }> {
  const child = launch(dataDir);
  const [line] = await child.saw(/^\{"(url|error)".*$/m);
  const said = JSON.parse(line) as Started & { error?: string };
  if (said.error !== undefined) throw new Error(said.error);
  homes.add(said.home);
  return { ...said, child };
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function kill(child: RunningChild): Promise<void> {
  await child.stop('SIGKILL');
}

describe('the embedded PostgreSQL', () => {
  test('keeps what was committed over an orderly stop, on the same port, and leaves no process', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS x');
    await first.child.stop();
    expect(isRunning(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT x FROM kept')).toEqual([{ x: 1 }]);
  });

  test('promise 1: commits are synced to disk, and error texts keep statements and values out of its log (promise 7)', async () => {
    const { url, home } = await start(await dataFolder());
    const rows = await query(
      url,
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')",
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatchObject({ setting: 'on' });
    await query(url, 'CREATE TABLE once (id text PRIMARY KEY)');
    await query(url, "INSERT INTO once VALUES ('EVERYWOMAN')");
    await expect(query(url, "INSERT INTO once VALUES ('EVERYWOMAN')")).rejects.toThrow(/duplicate key/);
    const log = await readFile(join(home, 'postgres.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('EVERYWOMAN');
  });

  test('listens on loopback only, with a password that only the owner can read', async () => {
    const dataDir = await dataFolder();
    const { url, home } = await start(dataDir);
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  test('after kill -9 of Weir the server that still runs is used again', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS x');
    await kill(first.child);
    expect(isRunning(first.pid)).toBe(true);
    const second = await start(dataDir);
    expect(second.pid).toBe(first.pid);
    expect(await query(second.url, 'SELECT x FROM kept')).toEqual([{ x: 1 }]);
    await second.child.stop();
    expect(isRunning(first.pid)).toBe(false);
  });

  test('after kill -9 of Weir and of the server it is started anew', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS x');
    await kill(first.child);
    process.kill(first.pid, 'SIGKILL');
    const second = await start(dataDir);
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second.url, 'SELECT x FROM kept')).toEqual([{ x: 1 }]);
  });

  test('a server that was stopped (SIGSTOP) and so does not answer is replaced', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await kill(first.child);
    process.kill(first.pid, 'SIGSTOP');
    const second = launch(dataDir);
    // It waits for an answer, then for an orderly end; both fail on a stopped process until it goes on.
    setTimeout(() => process.kill(first.pid, 'SIGCONT'), 4_000);
    const [line] = await second.saw(/^\{"(url|error)".*$/m);
    const said = JSON.parse(line) as Started;
    expect(said.pid).not.toBe(first.pid);
    expect(await query(said.url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('while Weir runs, a killed server is started again on the same URL, also with backends left over', async () => {
    const { url, pid } = await start(await dataFolder());
    const busy = query(url, 'SELECT pg_sleep(30)').catch(() => undefined);
    await waitUntil(
      async () => (await query(url, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")).length > 0,
      5_000,
    );
    process.kill(pid, 'SIGKILL');
    await busy;
    const back = await waitUntil(async () => (await query(url, 'SELECT 1').catch(() => [])).length === 1, 15_000);
    expect(back).toBe(true);
  });

  test('a killed backend makes the server recover by itself', async () => {
    const { url, pid, child } = await start(await dataFolder());
    const [row] = (await query(url, 'SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
    expect(row.pid).not.toBe(pid);
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    const backend = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
    process.kill(backend, 'SIGKILL');
    const back = await waitUntil(async () => (await query(url, 'SELECT 1').catch(() => [])).length === 1, 15_000);
    expect(back).toBe(true);
    expect(isRunning(pid)).toBe(true);
    expect(child.output()).not.toContain('unexpectedly');
  });

  test('a pid file left behind whose number is now another process is no obstacle', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await first.child.stop();
    const file = join(first.home, 'data', 'postmaster.pid');
    await writeFile(file, `${process.pid}\n${join(first.home, 'data')}\n1\n1\n\n127.0.0.1\n\nready   \n`);
    await chown(file, (await stat(first.home)).uid, (await stat(first.home)).gid);
    expect(await query((await start(dataDir)).url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('a remembered port that another program took is replaced by a free one', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await first.child.stop();
    const { createServer } = await import('node:net');
    const other = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    try {
      const second = await start(dataDir);
      expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
      expect(await query(second.url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
    } finally {
      other.close();
    }
  });

  test('a second Weir on the same data folder is told which process holds it', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await expect(start(dataDir)).rejects.toThrow(`is used by process ${first.child.process.pid}`);
    expect(await query(first.url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('a making that was interrupted is begun again', async () => {
    const dataDir = await dataFolder();
    const child = launch(dataDir);
    await waitUntil(
      async () => (await readFile(join(dataDir, 'postgres.json'), 'utf8').catch(() => '')).includes('"made": false'),
      10_000,
    );
    await kill(child);
    expect(await query((await start(dataDir)).url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('promise 2: data that is gone is reported, not replaced by an empty database', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await first.child.stop();
    await rm(first.home, { recursive: true });
    await expect(start(dataDir)).rejects.toThrow(/says that the database lies in .*put it back from the backup/);
  });

  test.runIf(asRoot)("below a folder that only root can enter, root's database lies where its user can read it", async () => {
    const dataDir = await dataFolder();
    await chmod(join(dataDir, '..'), 0o700);
    const first = await start(dataDir);
    expect(first.home).toMatch(/^\/var\/lib\/weir\//);
    expect(first.child.output()).toContain(`The database lies in ${first.home}`);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS x');
    await kill(first.child);
    const second = await start(dataDir);
    expect(await query(second.url, 'SELECT x FROM kept')).toEqual([{ x: 1 }]);
    await second.child.stop();
    // Who removes the data folder begins anew; what lies elsewhere is named, and neither used nor removed.
    await rm(dataDir, { recursive: true });
    const third = await start(dataDir);
    expect(third.home).not.toBe(first.home);
    expect(third.child.output()).toContain(`still lies in ${first.home}`);
    await expect(query(third.url, 'SELECT x FROM kept')).rejects.toThrow(/does not exist/);
  });
});
