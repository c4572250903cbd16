/** A process with the reference, and the engine's own intake, before writers of its own: what they leave to the collector is not for the senders to clear away. */
import { openIntake } from '../src/inbox/intake.ts';
import { ensurePartitions } from '../src/inbox/partitions.ts';
import { inboxMigrations } from '../src/inbox/schema.ts';
import { migrate } from '../src/store/migrate.ts';
import { openDb } from '../src/store/pg.ts';
import { stepAside } from './aside.ts';
import { endWithParent } from './child.ts';
import { adt, numbered } from './messages.ts';
import { type Add, openGroupInsert } from './postgres.ts';

/** What it is asked; it answers with messages a second. */
export interface Flood {
  readonly into: 'reference' | 'own';
  readonly writers: number;
  readonly seconds: number;
}

endWithParent();
stepAside();
const [reference = '', own = ''] = process.argv.slice(2);
const adds: Readonly<Record<Flood['into'], Add>> = {
  reference: await openGroupInsert(reference),
  own: await openIntakeAlone(own),
};
let number = 0;
process.on('message', ({ into, writers, seconds }: Flood) => {
  void flood(adds[into], writers, seconds).then((perSecond) => process.send?.(perSecond));
});
process.send?.('ready');

/** So many writers, each waiting for its message to be on disk; messages a second. */
async function flood(add: Add, writers: number, seconds: number): Promise<number> {
  const begun = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      const message = numbered(adt);
      while (performance.now() - begun < seconds * 1_000) {
        await add(message(++number));
        count++;
      }
    }),
  );
  return (count / (performance.now() - begun)) * 1_000;
}

/** The engine's own intake, without sockets and parser: what the reference is to be compared with on its own ground. */
async function openIntakeAlone(url: string): Promise<Add> {
  const db = openDb(url);
  await migrate(db, inboxMigrations);
  await ensurePartitions(db, new Date());
  const intake = openIntake(db, () => {});
  const ack = Buffer.from('MSH|^~\\&|WEIR|LAKESIDE|WARDBOOK|LAKESIDE|20260302101500+0000||ACK^A01^ACK|1|P|2.5.1\rMSA|AA|1\r');
  let number = 0;
  return (raw) => {
    const key = String(++number);
    return intake.add({
      channel: 'feed',
      receivedAt: new Date(),
      peer: '127.0.0.1:40112',
      sender: 'WARDBOOK^LAKESIDE',
      type: 'ADT^A01',
      controlId: key,
      raw,
      ack,
      code: 'AA',
      lanes: [key],
      refused: null,
      duplicatesWithin: 7 * 86_400_000,
    });
  };
}
