import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../test/support/postgres.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { openDb } from '../store/pg.ts';
import { inboxMigrations } from './schema.ts';
import { openTroubles } from './troubles.ts';
import type { Trouble } from './types.ts';

let db: Db;
let channels = 0;

beforeAll(async () => {
  db = openDb(await freshDatabase());
  await migrate(db, inboxMigrations);
}, 60_000);
afterAll(() => db.close());

const noon = Date.parse('2026-03-01T12:00:00Z');

/** A channel of its own, and what comes to it, `seconds` after noon. */
function open() {
  const channel = `c${channels++}`;
  const troubles = openTroubles(db);
  const note = (seconds: number, parts: Partial<Trouble> = {}): boolean =>
    troubles.note({
      ...{ channel, at: new Date(noon + seconds * 1000), kind: 'junk', reason: null, detail: null },
      ...{ peer: '10.1.2.3:40112', size: 4, bytes: Uint8Array.of(0, 0xff, 0x0b, 65), ...parts },
    });
  const count = async () => (await troubles.counts()).filter((one) => one.channel === channel);
  return { channel, troubles, note, count };
}

describe('what came to a listener and was no message', () => {
  test('is kept with its bytes, its peer and its time, across a restart', async () => {
    const { channel, troubles, note } = open();
    expect(note(0)).toBe(true);
    note(1, { kind: 'handshake', reason: 'certificate', detail: 'CERT_HAS_EXPIRED', bytes: new Uint8Array(0), size: 0 });
    await troubles.drain();
    const again = openTroubles(db);
    const lines = await again.troubles({ channel, limit: 10 });
    expect(lines).toMatchObject([
      { kind: 'handshake', reason: 'certificate', detail: 'CERT_HAS_EXPIRED', size: 0, kept: 0 },
      { kind: 'junk', reason: null, peer: '10.1.2.3:40112', at: new Date(noon), size: 4, kept: 4 },
    ]);
    for (const line of lines) expect(line).not.toHaveProperty('bytes');
    expect([...((await again.trouble(lines[1]?.id ?? ''))?.bytes ?? [])]).toEqual([0, 0xff, 0x0b, 65]);
    expect(await again.trouble('999999999')).toBeNull();
  });

  test('of much only the first 64 KiB are kept, and how much it was', async () => {
    const { channel, troubles, note } = open();
    note(0, { bytes: new Uint8Array(100_000).fill(65), size: 16_777_217 });
    await troubles.drain();
    expect(await troubles.troubles({ channel, limit: 1 })).toMatchObject([{ size: 16_777_217, kept: 65_536 }]);
  });

  test('of a flood sixty are recorded, and one a second after that; all are counted', async () => {
    const { channel, troubles, note, count } = open();
    const recorded = Array.from({ length: 5_000 }, () => note(0)).filter(Boolean).length;
    expect(recorded).toBe(60);
    expect([note(0.5), note(1.2), note(1.3), note(10), note(10)]).toEqual([false, true, false, true, true]);
    await troubles.drain();
    expect(await troubles.troubles({ channel, limit: 500 })).toHaveLength(63);
    expect(await count()).toMatchObject([{ kind: 'junk', count: 5_005, last: new Date(noon + 10_000) }]);
  });

  test('another channel has a budget of its own', () => {
    const one = open();
    const other = open();
    for (let turn = 0; turn < 100; turn += 1) one.note(0);
    expect([one.note(0), other.note(0)]).toEqual([false, true]);
  });

  test('a thousand of a channel are kept, the newest; the count goes on', async () => {
    const { channel, troubles, note, count } = open();
    for (let turn = 0; turn < 21; turn += 1) {
      for (let one = 0; one < 50; one += 1) note(turn * 60);
      await troubles.drain();
    }
    expect(await troubles.troubles({ channel, limit: 2_000 })).toHaveLength(1_000);
    expect(await count()).toMatchObject([{ count: 1_050 }]);
  });

  test('those older than thirty days go', async () => {
    const { channel, troubles, note } = open();
    note(0);
    note(86_400);
    await troubles.drain();
    await troubles.tidy(new Date(noon + 30.5 * 86_400_000));
    expect(await troubles.troubles({ channel, limit: 10 })).toMatchObject([{ at: new Date(noon + 86_400_000) }]);
  });

  test('what is kept elsewhere is only counted', async () => {
    const { channel, troubles, count } = open();
    troubles.count(channel, 'not-hl7', new Date(noon));
    await troubles.drain();
    expect(await count()).toMatchObject([{ kind: 'not-hl7', count: 1 }]);
    expect(await troubles.troubles({ channel, limit: 10 })).toEqual([]);
  });

  test('while the database is away the count is kept for later, and nothing rejects', async () => {
    const { channel } = open();
    let away = true;
    const sometimes: Db = {
      ...db,
      query: (...all) => db.query(...all),
      transaction: (work) => (away ? Promise.reject(new Error('away')) : db.transaction(work)),
    };
    const troubles = openTroubles(sometimes);
    const one = {
      channel,
      at: new Date(noon),
      kind: 'junk',
      reason: null,
      detail: null,
      peer: 'p',
      size: 0,
      bytes: new Uint8Array(),
    };
    troubles.note(one);
    await troubles.drain();
    away = false;
    troubles.note(one);
    await troubles.drain();
    expect((await troubles.counts()).filter((line) => line.channel === channel)).toMatchObject([{ count: 2 }]);
  });
});
