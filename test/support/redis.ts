/** Redis for tests: Debian's binary where it is on the path, with AOF, in a temporary folder, on a free port; else Docker; else none. */
import { execFile, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { promisify } from 'node:util';
import { freePort, type TempFolder, tempFolder } from './temp.ts';

const run = promisify(execFile);

export interface TestRedis {
  readonly url: string;
  /** kill -9; the append-only file stays. */
  kill(): void;
  /** Stops it if it runs, and starts it again on the same port and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Why `startRedis` gives null, for the skipped test's name. */
export const noRedis = 'neither a redis-server binary nor Docker is here';

/** A Redis as production has it (AOF everysec, noeviction), or null where there is none to be had. */
export async function startRedis(): Promise<TestRedis | null> {
  if (await hasBinary()) return fromBinary();
  return fromDocker();
}

async function hasBinary(): Promise<boolean> {
  return run('redis-server', ['--version']).then(
    () => true,
    () => false,
  );
}

async function fromBinary(): Promise<TestRedis> {
  const folder = await tempFolder('redis');
  const port = await freePort();
  let server = await launch(folder, port);
  const stopServer = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => server.kill('SIGKILL'),
    restart: async () => {
      await stopServer('SIGTERM');
      server = await launch(folder, port);
    },
    stop: async () => {
      await stopServer('SIGKILL');
      await folder.remove();
    },
  };
}

async function launch(folder: TempFolder, port: number) {
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', '', '--appendonly', 'yes'];
  const safe = ['--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction', '--daemonize', 'no', '--logfile', ''];
  const server = spawn('redis-server', [...flags, ...safe], { stdio: 'ignore' });
  const killWithTest = () => server.kill('SIGKILL');
  process.once('exit', killWithTest);
  server.once('exit', () => process.off('exit', killWithTest));
  for (const end = Date.now() + 20_000; ; ) {
    if (await pings(port)) return server;
    if (server.exitCode !== null || Date.now() > end) {
      server.kill('SIGKILL');
      throw new Error(`redis-server did not start on port ${port} (exit code ${server.exitCode})`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** +PONG, and not -LOADING while the append-only file is read. */
function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1_000 });
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('latin1').startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('timeout', () => {
      socket.destroy();
      resolve(false);
    });
  });
}

async function fromDocker(): Promise<TestRedis | null> {
  const reachable = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 }).then(
    ({ stdout }) => /\d/.test(stdout),
    () => false,
  );
  if (!reachable) return null;
  const { GenericContainer } = await import('testcontainers');
  const port = await freePort();
  const container = await new GenericContainer('redis:7')
    .withCommand(['redis-server', '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'])
    .withExposedPorts({ container: 6379, host: port })
    .start();
  return {
    url: `redis://${container.getHost()}:${port}`,
    kill: () => void run('docker', ['kill', '--signal', 'KILL', container.getId()]).catch(() => undefined),
    restart: async () => {
      await run('docker', ['restart', container.getId()]);
      for (const end = Date.now() + 20_000; !(await pings(port)) && Date.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 50));
    },
    stop: async () => {
      await container.stop();
    },
  };
}
