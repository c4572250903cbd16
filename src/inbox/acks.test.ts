import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInbox, openChannel } from '../../test/support/inbox.ts';
import { freshDatabase } from '../../test/support/postgres.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { openDb } from '../store/pg.ts';
import { openAcks } from './acks.ts';
import { openDesk } from './desk.ts';
import { ensurePartitions } from './partitions.ts';
import { inboxMigrations } from './schema.ts';

let db: Db;
beforeAll(async () => {
  db = await freshInbox();
}, 60_000);
afterAll(() => db.close());

describe('what became of the ACKs', () => {
  it('is known of each message, however many are noted at once', async () => {
    const { add, desk, channel } = openChannel(db);
    const kept = await Promise.all(Array.from({ length: 40 }, () => add(['p'])));
    const acks = openAcks(db);
    kept.forEach((one, index) => {
      if (index % 7 === 0) acks.note(one, 'lost');
      else if (index % 5 !== 0) acks.note(one, 'sent');
    });
    await acks.drain();
    const lines = await desk.messages({ channel, limit: 100 });
    expect(lines.map(({ ack }) => ack).reverse()).toEqual(
      kept.map((_, index) => (index % 7 === 0 ? 'lost' : index % 5 !== 0 ? 'sent' : 'owed')),
    );
  });

  it('is sent where a message came again after its ACK was lost', async () => {
    const { add, desk } = openChannel(db);
    const kept = await add(['p']);
    const acks = openAcks(db);
    for (const outcome of ['lost', 'sent', 'lost'] as const) {
      acks.note(kept, outcome);
      await acks.drain();
    }
    expect(await desk.message(kept.id)).toMatchObject({ ack: 'sent' });
  });

  it('stays known when a store of before is opened', async () => {
    const old = openDb(await freshDatabase());
    const before = inboxMigrations.filter(({ id }) => id < '0010');
    await migrate(old, before);
    await old.script(`
      create table message_20261130 partition of message for values from ('2026-11-30') to ('2026-12-01');
      create table ack_20261130 partition of ack for values from ('2026-11-30') to ('2026-12-01');
      insert into message (id, day, channel, received, peer, sender, type, control_id, digest, lane, raw, ack)
      select id, '2026-11-30', 'c', '2026-11-30', '', '', 'ADT^A01', id, '', '', '', 'AA' from generate_series(1, 4) id;
      insert into ack (id, day, outcome) values (1, '2026-11-30', 'sent'), (2, '2026-11-30', 'sent'), (3, '2026-11-30', 'lost');`);
    await migrate(old, inboxMigrations);
    await ensurePartitions(old, new Date('2026-11-30T12:00:00Z'));
    const desk = openDesk({ db: old, ring: () => {}, channels: () => [], parkedText: '' });
    const lines = await desk.messages({ channel: 'c', limit: 10 });
    await old.close();
    expect(lines.map(({ id, ack }) => [id, ack])).toEqual([
      ['4', 'owed'],
      ['3', 'lost'],
      ['2', 'sent'],
      ['1', 'sent'],
    ]);
  });
});
