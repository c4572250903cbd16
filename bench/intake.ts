/** A process with the engine's listener and intake on a database, and nothing behind them: what the stages behind them cost the ACKs. */
import { listenerFor } from '../src/engine/receive.ts';
import { openAcks } from '../src/inbox/acks.ts';
import { openIntake } from '../src/inbox/intake.ts';
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
const listener = await startListener(
  listenerFor(await benchChannel('acks', { FEED_PORT: '0' }), '127.0.0.1', {
    intake: openIntake(db, quiet),
    acks: openAcks(db),
    troubles: { note: () => false, count: quiet },
    replies: { owed: quiet, confirmed: async () => false },
    meters: { troubled: quiet, acked: quiet, nonconforming: quiet },
    log: { debug: quiet, request: quiet, info: quiet, trouble: quiet },
  }),
);
process.send?.(listener.port);
