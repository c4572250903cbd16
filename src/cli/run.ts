/** `weir run`: the engine, until it is told to stop. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import type { Finding } from '../channel/types.ts';
import { type Engine, startEngine } from '../engine.ts';
import { WeirError } from '../errors.ts';
import { openLog } from '../log.ts';
import { packageRoot, readSettings, type Settings } from '../settings.ts';
import { openConfig } from './config.ts';
import { giveBack, growSlowly } from './heap.ts';

export default defineCommand({
  meta: { name: 'run', description: 'Run the engine: listeners, workers, API and page' },
  async run() {
    const settings = readSettings(process.env);
    const engine = await start(settings);
    if (!engine) return;
    greet(engine, settings);
    // A service is told by it to read its files again; a terminal that closes ends what runs in it, and Windows does so whatever listens.
    if (process.platform !== 'win32' && !process.stdout.isTTY) process.on('SIGHUP', () => void engine.reloadCertificates());
    await stopSignal();
    console.log('Stopping: no more messages are taken, what is in flight ends …');
    await engine.stop();
    console.log('Stopped. Nothing was lost; what waits goes on at the next start.');
  },
});

async function start(settings: Settings): Promise<Engine | null> {
  try {
    // As the embedded store makes it, which lets its own user pass through.
    if (settings.databaseUrl === null) await mkdir(settings.dataDir, { recursive: true, mode: 0o711 });
    growSlowly();
    const { config, findings } = await openConfig(settings);
    if (config === null) return refuse(findings);
    giveBack();
    const dashboard = join(packageRoot, 'dist', 'dashboard');
    return await startEngine({
      settings,
      config,
      log: openLog(settings.log),
      version: version(),
      dashboard: existsSync(join(dashboard, 'index.html')) ? dashboard : null,
    });
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    console.error(`weir: ${error.message}`);
    process.exitCode = 1;
    return null;
  }
}

function refuse(findings: readonly Finding[]): null {
  for (const { file, line, column, severity, code, text } of findings)
    console.error(`${file}:${line}:${column} ${severity} ${code} ${text}`);
  console.error(
    'weir: the configuration has errors and nothing was started; correct them (npx weir check tells when it is right)',
  );
  process.exitCode = 1;
  return null;
}

/** Five lines: what is up, and the next thing to type. */
function greet({ http, ports, store }: Engine, settings: Settings): void {
  const listening = [...ports].map(([channel, port]) => `${channel} on ${settings.bind}:${port}`).join(', ');
  console.log(`Weir ${version()} is up.`);
  console.log(`  HL7 v2 over MLLP   ${listening}`);
  console.log(`  page and API       ${http}  (${http}/api/docs)`);
  console.log(`  store and queue    ${store}, ${settings.redisUrl ? 'Redis' : 'bells on PostgreSQL'}`);
  console.log('  next               npx weir send test/fixtures/adt-a01.hl7');
}

/**
 * Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. Within a second it is the same one: npm hands on the Ctrl-C that
 * the terminal has sent already.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked !== null && performance.now() - asked > 1_000) process.exit(1);
        asked ??= performance.now();
        resolve();
      });
    }
  });
}

function version(): string {
  const require = createRequire(import.meta.url);
  return (require(join(packageRoot, 'package.json')) as { version: string }).version;
}
