/**
 * The engine: joins the stages. What happens to a message, in order:
 *
 *   receive   frame -> parsed as far as needed -> stored -> ACK
 *   mapOne    stored -> routed -> mapped -> validated -> bundle, or edited -> message; one delivery a destination
 *   deliver   bundle or message -> destination -> delivered | tried again later | parked
 *   reply     what became of it -> application ACK, where the sender asked for one
 *
 * What many messages say of one resource (merge: today who was given up for whom) stands between mapOne and deliver; what may leave to whom (policy) will.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { createMetrics } from './api/metrics.ts';
import { buildServer } from './api/server.ts';
import type { ReadyReport } from './api/types.ts';
import type { Channel, Config } from './channel/types.ts';
import { openCertificates } from './engine/certificates.ts';
import { contentOf, type Deliveries, openDeliveries } from './engine/deliver.ts';
import { GATHER, type GoOn, openPace } from './engine/pace.ts';
import { listenerFor } from './engine/receive.ts';
import { openReplies, type Replies } from './engine/reply.ts';
import { openTranslation, type Translation } from './engine/translate.ts';
import { openUnmerges } from './engine/unmerge.ts';
import { errorEntry, WeirError } from './errors.ts';
import { openAcks } from './inbox/acks.ts';
import { openActs } from './inbox/acts.ts';
import { openDesk } from './inbox/desk.ts';
import { drainDeliver } from './inbox/drain-deliver.ts';
import { drainMap } from './inbox/drain-map.ts';
import { type Intake, openIntake } from './inbox/intake.ts';
import { acquireLease, freeLeases, type Lease } from './inbox/lease.ts';
import { ensurePartitions } from './inbox/partitions.ts';
import { inboxMigrations } from './inbox/schema.ts';
import { parseShardName, type Shard, shardName } from './inbox/shard.ts';
import { openTroubles, type Troubles } from './inbox/troubles.ts';
import { shardsWithWork, tidy } from './inbox/upkeep.ts';
import { type Listener, startListener } from './listen/listener.ts';
import type { Log } from './log.ts';
import { type Bells, openBells } from './queue/bells.ts';
import { registerSandbox, sandboxMigrations } from './sandbox/sandbox.ts';
import type { Settings } from './settings.ts';
import type { Sql } from './store/db.ts';
import { inTurn } from './store/in-turn.ts';
import { migrate } from './store/migrate.ts';
import { openStore, type Store } from './store/open.ts';

/** Drains of one stage that run side by side in a process. */
const DRAINS = 32;
/** How long a drain that found nothing more waits for the next ring, before it gives its lease back. Milliseconds. */
const LINGER = 100;
/** Shards with work are rung again this often, whatever became of their bells. Milliseconds. */
const SWEEP = 2_000;
const UPKEEP = 10_000;
/** How long a stop waits for senders and destinations. Milliseconds. */
const DRAIN = 10_000;

export interface EngineOptions {
  readonly settings: Settings;
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** Folder of the built page; null where it was not built. */
  readonly dashboard: string | null;
}

export interface Engine {
  /** Where the API and the page are served. */
  readonly http: string;
  /** Where the message of record is kept, for a person. */
  readonly store: string;
  /** Port of each channel's listener, by channel. */
  readonly ports: ReadonlyMap<string, number>;
  /** Reads the files of certificates again, for connections to come. What is wrong with them is logged, and changes nothing. */
  reloadCertificates(): Promise<void>;
  /** Takes no more messages, lets ACKs and deliveries in flight end, closes. */
  stop(): Promise<void>;
}

/** Starts the engine. Rejects, with everything closed again, when a part cannot start. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const closing = new Closing(options.log);
  try {
    return await start(options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function start({ settings, config, log, version, dashboard }: EngineOptions, closing: Closing): Promise<Engine> {
  // The message of record.
  const store = await openStore({ ...settings, log: (event) => log.debug(event.text) });
  closing.last(() => store.close());
  await migrate(store.db, [...inboxMigrations, ...sandboxMigrations]);
  await ensurePartitions(store.db, new Date());
  if (store.embedded) await freeLeases(store.db);

  // The certificates, which are read again when their files change.
  const listeners = new Map<string, Listener>();
  const certificates = await openCertificates(config.channels, log, (channel, options) => listeners.get(channel)?.renew(options));
  closing.last(async () => certificates.close());

  // The bells: who has work hears of it.
  const stages = openStages(store, settings, log);
  // Before the store, also where the start ends here: its end would take their connections away under them.
  closing.last(() => Promise.all([stages.map.close(), stages.deliver.close()]));
  const ring = (shards: readonly Shard[]): void => ringStages(stages, shards);

  // What people see and do, and the sandbox.
  const desk = openDesk({ db: store.db, ring, channels: () => config.channels, parkedText: errorEntry('parked-by-hand').text });
  const intake = openIntake(store.db, ring);
  const unmerges = openUnmerges({ desk, acts: openActs(store.db), intake, channels: () => config.channels });
  const troubles = openTroubles(store.db);
  closing.last(() => troubles.drain());
  const listenerStates = () =>
    config.channels.flatMap((channel) => {
      const connections = listeners.get(channel.name)?.connections;
      return connections === undefined ? [] : [{ channel: channel.name, connections, tls: certificates.status(channel) }];
    });
  const metrics = createMetrics(desk, Date.now, listenerStates);
  closing.last(() => metrics.close());
  const translation = openTranslation(config, metrics.meters, log);
  const app = await buildServer({
    desk,
    troubles,
    listeners: listenerStates,
    channels: () => config.channels,
    unmerges,
    explain: (message) => translation.explain(message),
    ready: () => readiness(store, stages.map, config, listeners),
    metrics: metrics.expose,
    version,
    dashboard,
    hosts: settings.hosts,
    log: (line) => log.request(line),
    register: (server) => registerSandbox(server, store.db),
  });
  closing.last(() => app.close());
  const http = await listen(app, settings);

  // From the inbox to the destinations.
  let stopping = false;
  const deliveries = openDeliveries({
    channels: config.channels,
    sandbox: `${http}/fhir`,
    meters: metrics.meters,
    tls: certificates.ofReceiver,
  });
  // Together: a drain ends when what it has in flight is answered, and a connector takes nothing new.
  closing.last(() => Promise.all([stages.map.close(), stages.deliver.close(), deliveries.close()]));
  const replies = openReplies({
    db: store.db,
    channels: config.channels,
    meters: metrics.meters,
    log,
    tls: certificates.ofReceiver,
  });
  closing.last(() => replies.close());
  const stage = { db: store.db, config, ring, replies, stopping: () => stopping };
  const mapStage = { ...stage, db: inTurn(store.db), translate: translation.map };
  const pace = openPace(() => intake.flooded);
  stages.map.answer(
    (name, rungAgain) =>
      withLease(store, name, { bells: stages.map, rungAgain, gather: pace.gather }, (lease) =>
        pace.run((goOn) => mapShard(lease, { ...mapStage, goOn })),
      ),
    DRAINS,
  );
  stages.deliver.answer(
    (name, rungAgain) =>
      withLease(store, name, { bells: stages.deliver, rungAgain, gather: () => GATHER }, (lease) =>
        deliverShard(lease, { ...stage, deliveries }),
      ),
    DRAINS,
  );
  await Promise.all([stages.map.ready(), stages.deliver.ready()]);

  // From the sockets to the inbox.
  const acks = openAcks(store.db);
  closing.last(() => acks.drain());
  closing.last(() => intake.drain());
  closing.last(() => Promise.all([...listeners.values()].map((listener) => listener.stop(DRAIN))));
  for (const channel of config.channels) {
    const reception = { intake, acks, troubles, replies, meters: metrics.meters, log, tls: certificates.ofListener(channel) };
    listeners.set(channel.name, await startListener(listenerFor(channel, settings.bind, reception)));
  }

  const timers = startUpkeep({ store, ring, intake, troubles, log });
  return {
    http,
    store: store.where,
    ports: new Map([...listeners].map(([name, listener]) => [name, listener.port])),
    reloadCertificates: () => certificates.refresh(),
    async stop() {
      stopping = true;
      for (const timer of timers) clearInterval(timer);
      await closing.close();
    },
  };
}

/** What is to be closed, in the reverse order of its opening: the sockets first, the store last. */
class Closing {
  readonly #log: Log;
  readonly #steps: (() => Promise<unknown>)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Closed before all that was named so far. */
  last(close: () => Promise<unknown>): void {
    this.#steps.unshift(close);
  }

  async close(): Promise<void> {
    for (const step of this.#steps.splice(0)) await step().catch((error: unknown) => this.#log.trouble('stop', error));
  }
}

interface Stage {
  readonly replies: Replies;
  readonly db: Sql;
  readonly config: Config;
  readonly ring: (shards: readonly Shard[]) => void;
  readonly stopping: () => boolean;
}

interface MapStage extends Stage {
  readonly translate: Translation['map'];
  readonly goOn: GoOn;
}

async function mapShard(lease: Lease, { db, config, ring, replies, translate, goOn }: MapStage): Promise<void> {
  const channel = channelOf(lease.queue, config);
  if (!channel) return;
  await drainMap(
    {
      db,
      channel: channel.name,
      destinations: channel.destinations.map((destination) => destination.name),
      holdParked: channel.parked === 'hold',
      map: (work) => translate(channel.name, work),
      ring,
      goOn,
      settled: (done) => replies.settled(channel.name, done),
    },
    lease,
  );
}

async function deliverShard(
  lease: Lease,
  { db, config, ring, replies, stopping, deliveries }: Stage & { deliveries: Deliveries },
): Promise<void> {
  const channel = channelOf(lease.queue, config);
  const destination = channel?.destinations.find(({ name }) => lease.queue.endsWith(`/${name}`));
  if (!channel || !destination) return;
  await drainDeliver(
    {
      db,
      channel: channel.name,
      destination: destination.name,
      holdParked: channel.parked === 'hold',
      takes: contentOf(destination),
      concurrency: destination.concurrency,
      send: (work) => deliveries.send(channel.name, destination, work),
      ring,
      settled: (done) => replies.settled(channel.name, done),
      stopping,
    },
    lease,
  );
}

interface Upkeep {
  readonly store: Store;
  readonly ring: (shards: readonly Shard[]) => void;
  readonly intake: Intake;
  readonly troubles: Troubles;
  readonly log: Log;
}

/** Shards with work are rung at once and now and then: a bell that was lost costs a moment, not a message. */
function startUpkeep({ store: { db }, ring, intake, troubles, log }: Upkeep): NodeJS.Timeout[] {
  const quietly = (where: string, work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => log.trouble(where, error));
  const sweep = quietly('sweep', async () => {
    ring(await shardsWithWork(db));
    await intake.sort();
  });
  sweep();
  return [
    setInterval(sweep, SWEEP),
    setInterval(
      quietly('upkeep', () => tidy(db)),
      UPKEEP,
    ),
    setInterval(
      quietly('partitions', () => ensurePartitions(db, new Date())),
      3_600_000,
    ),
    setInterval(
      quietly('troubles', () => troubles.tidy(new Date())),
      3_600_000,
    ),
  ];
}

async function readiness(
  store: Store,
  bells: Bells,
  config: Config,
  listeners: ReadonlyMap<string, Listener>,
): Promise<ReadyReport> {
  const database = await store.db.query({ name: 'ready', text: 'select 1' }).then(
    () => ({ ready: true, text: 'PostgreSQL answers' }),
    () => ({ ready: false, text: errorEntry('store-unavailable').text }),
  );
  const all = listeners.size === config.channels.length;
  return {
    database,
    queue: (await bells.alive())
      ? { ready: true, text: 'The work queue answers' }
      : { ready: false, text: 'Redis does not answer; see that it is up and REDIS_URL is right' },
    listeners: { ready: all, text: `${listeners.size} of ${config.channels.length} channels listen` },
  };
}

/** The channel of `map/CHANNEL` or `deliver/CHANNEL/DESTINATION`; undefined for one that does not run any more: its rows wait for it. */
function channelOf(queue: string, config: Config): Channel | undefined {
  const name = queue.split('/')[1];
  return config.channels.find((channel) => channel.name === name);
}

function openStages(store: Store, settings: Settings, log: Log): Record<'map' | 'deliver', Bells> {
  const options = { redis: settings.redisUrl, postgres: store.url, trouble: (error: Error) => log.trouble('bells', error) };
  return { map: openBells('map', options), deliver: openBells('deliver', options) };
}

function ringStages(bells: Record<'map' | 'deliver', Bells>, shards: readonly Shard[]): void {
  for (const stage of ['map', 'deliver'] as const) {
    const names = shards.filter((shard) => shard.queue.startsWith(stage)).map(shardName);
    if (names.length > 0) bells[stage].ring(names);
  }
}

/** A bell that is answered. */
interface Rung {
  readonly bells: Bells;
  /** Whether its shard was rung meanwhile, or is within so many milliseconds. */
  readonly rungAgain: (patience: number) => Promise<boolean>;
  /** Milliseconds to wait, before the next drain, for what comes. */
  readonly gather: () => number;
}

/**
 * Drains a shard under its lease, again and again while it is rung. Another engine may hold the lease, or a dead one still for a moment: then the
 * bell is rung once more. Lanes that wait for a time have their bell at that time.
 */
async function withLease(
  store: Store,
  name: string,
  { bells, rungAgain, gather }: Rung,
  drain: (lease: Lease) => Promise<void>,
): Promise<void> {
  const lease = await acquireLease(store.db, parseShardName(name), `${process.pid}`);
  if (!lease) {
    bells.ringAt(name, new Date(Date.now() + 1_000));
    return;
  }
  let due: Date | null = null;
  try {
    do {
      await drain(lease);
      // Rung again and again: what comes within a moment is worked together.
      await sleep(gather());
    } while (lease.held && (await rungAgain(LINGER)));
  } finally {
    due = await lease.release().catch(() => null);
  }
  if (due) bells.ringAt(name, due);
}

async function listen(app: FastifyInstance, { http }: Settings): Promise<string> {
  try {
    await app.listen({ host: http.host, port: http.port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new WeirError('listen-port-taken', `${http.host}:${http.port}, setting WEIR_HTTP`);
    }
    throw error;
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : http.port;
  return `http://${http.host.includes(':') ? `[${http.host}]` : http.host}:${port}`;
}
