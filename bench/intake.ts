/**
 * A process with the engine's listener and intake on a database and nothing behind them, and with the listener alone: what the stages behind
 * them, and the store, cost the ACKs.
 */
import { listenerFor } from '../src/engine/receive.ts';
import { openAcks } from '../src/inbox/acks.ts';
import { type Intake, openIntake } from '../src/inbox/intake.ts';
import { ensurePartitions } from '../src/inbox/partitions.ts';
import { inboxMigrations } from '../src/inbox/schema.ts';
import { startListener } from '../src/listen/listener.ts';
import { migrate } from '../src/store/migrate.ts';
import { openDb } from '../src/store/pg.ts';
import { endWithParent } from './child.ts';
import { benchChannel } from './configuration.ts';

endWithParent();
const db = openDb(process.argv[2] ?? '');
await migrate(db, inboxMigrations);
await ensurePartitions(db, new Date());
const quiet = () => {};

/** The port of a listener before an intake. */
async function listenBefore(intake: Intake): Promise<number> {
  const listener = await startListener(
    listenerFor(await benchChannel('acks', { FEED_PORT: '0' }), '127.0.0.1', {
      intake,
      acks: openAcks(db),
      troubles: { note: () => false, count: quiet },
      replies: { owed: quiet, confirmed: async () => false },
      meters: { troubled: quiet, acked: quiet, nonconforming: quiet },
      log: { debug: quiet, request: quiet, info: quiet, trouble: quiet },
    }),
  );
  return listener.port;
}

/** Stores nothing: what is left is the listener, the parser and the ACK. */
const nowhere: Intake = {
  add: async (incoming) => ({ id: '0', day: '', duplicate: false, rejected: false, ack: incoming.ack, incoming }),
  addAll: async () => [],
  flooded: false,
  sort: async () => {},
  drain: async () => {},
};

process.send?.([await listenBefore(openIntake(db, quiet)), await listenBefore(nowhere)]);
