/**
 * Promises 1 to 4 under kill -9: senders keep sending while engines and databases die. At the end every acknowledged message is delivered, per
 * patient in order, each with the effect of one delivery, and the conservation sum holds. CRASHES sets the number of kills.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { noDebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { startPostgres } from '../support/postgres.ts';
import { noRedis, startRedis } from '../support/redis.ts';
import { tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';
import { type Feed, faultsOf, floods, startFeed } from './feed.ts';

const KILLS = Number(process.env.CRASHES ?? 20);
const DATABASE_KILLS = 3;
const channels = join(import.meta.dirname, 'channels');

it(`embedded: ${KILLS} kills of the engine, ${DATABASE_KILLS} of the database`, async () => {
  await using data = await tempFolder('crash');
  const weir = await prepareWeir({ channels, ports: ['ADT_PORT'], dataDir: data.path });
  await weir.start();
  const feed = startFeed(() => [address(weir)]);
  try {
    for (let kill = 1; kill <= KILLS + DATABASE_KILLS; kill++) {
      await sleep(300 + Math.random() * 1_200);
      if (kill % Math.ceil(KILLS / DATABASE_KILLS) === 0) killDatabase(data.path);
      else {
        await weir.kill();
        await weir.start();
      }
    }
    await settle(feed, [weir]);
  } catch (error) {
    throw told(error, [weir]);
  } finally {
    await weir.stop();
  }
}, 900_000);

it(`two engines on PostgreSQL and Redis: ${KILLS} kills, the database and Redis in between`, async ({ skip }) => {
  const postgres = await startDebianPostgres();
  if (!postgres) return skip(noDebianPostgres);
  const redis = await startRedis();
  if (!redis) return skip(noRedis);
  await using data = await tempFolder('crash');
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  const first = await prepareWeir({ channels, ports: ['ADT_PORT'], dataDir: join(data.path, 'a'), env });
  // Both deliver to the first one's sandbox, as to any server: while that is down, bundles wait.
  const shared = { ...env, CRASH_FHIR: `${first.http}/fhir` };
  const second = await prepareWeir({ channels, ports: ['ADT_PORT'], dataDir: join(data.path, 'b'), env: shared });
  const engines = [first, second];
  await first.start();
  await second.start();
  const feed = startFeed(() => engines.map(address));
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      await sleep(300 + Math.random() * 1_200);
      if (kill % Math.ceil(KILLS / DATABASE_KILLS) === 0) {
        await postgres.kill();
        await postgres.start();
      } else if (kill % 5 === 0) {
        redis.kill();
        await redis.restart();
      } else {
        const engine = engines[kill % 2] as Weir;
        await engine.kill();
        await engine.start();
      }
    }
    await settle(feed, engines);
  } catch (error) {
    throw told(error, engines);
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
    await redis.stop();
    await postgres.stop();
  }
}, 900_000);

it(`floods: ${KILLS} kills of the engine, with messages that stand in no queue yet`, async () => {
  const postgres = await startPostgres();
  await using data = await tempFolder('crash');
  const weir = await prepareWeir({ channels, ports: ['ADT_PORT'], dataDir: data.path, env: { DATABASE_URL: postgres.url } });
  await weir.start();
  const feed = startFeed(() => [address(weir)], floods);
  const database = new pg.Client(postgres.url);
  await database.connect();
  let unsorted = 0;
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      await sleep(300 + Math.random() * 1_200);
      await weir.kill();
      const { rows } = await database.query<{ count: number }>('select count(*)::int from batch where unsorted is not null');
      unsorted += rows[0]?.count ?? 0;
      await weir.start();
    }
    expect(unsorted).toBeGreaterThan(0);
    await settle(feed, [weir]);
  } catch (error) {
    throw told(error, [weir]);
  } finally {
    await weir.stop();
    await database.end();
    await postgres.stop();
  }
}, 900_000);

/** The error with the last of what the engines printed. */
function told(error: unknown, engines: readonly Weir[]): Error {
  const printed = engines.map((engine) => engine.output().slice(-4_000));
  return new Error(`${error instanceof Error ? error.stack : error}\n${printed.join('\n---\n')}`);
}

function address(weir: Weir): { host: string; port: number } {
  return { host: '127.0.0.1', port: weir.ports.ADT_PORT ?? 0 };
}

/** kill -9 of the embedded server. The engine starts it again by itself. */
function killDatabase(dataDir: string): void {
  const { home } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as { home: string };
  process.kill(Number(readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
}

/** Ends the feed, waits until nothing waits, and holds what was acknowledged against what is there. */
async function settle(feed: Feed, engines: readonly Weir[]): Promise<void> {
  await feed.stop();
  const [weir] = engines as [Weir];
  const sent = [...feed.acknowledged.values()].reduce((sum, numbers) => sum + numbers.length, 0);
  let figures = await figuresOf(weir);
  for (const deadline = Date.now() + 120_000; Date.now() < deadline && figures.waiting > 0; figures = await figuresOf(weir))
    await sleep(200);
  console.log(`acknowledged ${sent}, sent again ${feed.repeated}, ${JSON.stringify(figures)}`);
  expect(figures.waiting).toBe(0);
  expect(figures.parked).toBe(0);
  expect(figures.received).toBe(figures.delivered + figures.filtered + figures.waiting + figures.parked);
  // A message sent again while its first copy was being committed elsewhere may be stored twice; never less than once.
  expect(figures.received).toBeGreaterThanOrEqual(sent);
  expect((await faultsOf(feed, `${weir.http}/fhir`)).join('\n')).toBe('');
}

interface Figures {
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly waiting: number;
  readonly parked: number;
  readonly duplicates: number;
}

async function figuresOf(weir: Weir): Promise<Figures> {
  const response = await fetch(`${weir.http}/api/channels`);
  const { channels: all } = (await response.json()) as { channels: (Figures & { name: string })[] };
  const { received, delivered, filtered, waiting, parked, duplicates } = all.find(({ name }) => name === 'adt') as Figures;
  return { received, delivered, filtered, waiting, parked, duplicates };
}
