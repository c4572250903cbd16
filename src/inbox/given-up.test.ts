/** The register of patients whom merges gave up, held against batches in their order (docs/adr/0008). */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freshDatabase } from '../../test/support/postgres.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { openDb } from '../store/pg.ts';
import { keepGivenUp } from './given-up.ts';
import type { MapOutcome, MappedPatients, MapWork } from './map-work.ts';
import { inboxMigrations } from './schema.ts';

let db: Db;
beforeAll(async () => {
  db = openDb(await freshDatabase(), 4);
  await migrate(db, inboxMigrations);
}, 60_000);
afterAll(() => db?.close());
beforeEach(() => db.query({ name: 'test-forget', text: 'delete from given_up' }));

let id = 0;
/** A mapped message; its body is said to have these marks where it is marked. */
function mapped(patients: Partial<MappedPatients>, work: Partial<MapWork> = {}): { work: MapWork; outcome: MapOutcome } {
  id += 1;
  const base = { id: String(id), day: '2026-03-01', lane: 'l', others: null, waits: false, blocker: false, before: null };
  const outcome: MapOutcome = {
    kind: 'mapped',
    mapping: 'M',
    body: Buffer.from('as mapped'),
    onward: [],
    patients: {
      updates: [],
      givenUp: new Map(),
      active: [],
      marked: (marks) => Buffer.from([...marks].map((mark) => mark.join('>')).join(' ')),
      ...patients,
    },
  };
  return { work: { ...base, again: false, raw: Buffer.of(), received: new Date(0), peer: '', ...work } as MapWork, outcome };
}
const merge = (old: string, now: string) => mapped({ updates: [now, old], givenUp: new Map([[old, now]]), active: [now] });
const update = (...updates: string[]) => mapped({ updates });
const back = (old: string) => mapped({ updates: [old], active: [old] });

/** What leaves of a batch. */
async function bodies(...done: { work: MapWork; outcome: MapOutcome }[]): Promise<string[]> {
  const kept = await keepGivenUp(db, done);
  return kept.map(({ outcome }) => (outcome.kind === 'mapped' ? Buffer.from(outcome.body ?? '').toString() : outcome.kind));
}

test('an update of who was given up is marked, behind the merge in one batch and in the next; nobody else is', async () => {
  expect(await bodies(update('old'), merge('old', 'new'), update('old'), update('new', 'x'))).toEqual([
    'as mapped',
    'as mapped',
    'old>new',
    'as mapped',
  ]);
  expect(await bodies(update('x'), update('x', 'old'))).toEqual(['as mapped', 'old>new']);
});

test('a merge that comes again, or is mapped again, leaves as it is', async () => {
  const once = merge('old', 'new');
  expect(await bodies(once)).toEqual(['as mapped']);
  expect(await bodies(once, merge('old', 'new'))).toEqual(['as mapped', 'as mapped']);
});

test('who goes on in a later merge, or whose merge is taken back, is marked no more', async () => {
  await bodies(merge('old', 'new'), merge('a', 'b'));
  expect(await bodies(merge('new', 'old'), update('old'), update('new'))).toEqual(['as mapped', 'as mapped', 'new>old']);
  expect(await bodies(back('a'), update('a'))).toEqual(['as mapped', 'as mapped']);
  expect(await bodies(update('a'), update('old'), update('new'))).toEqual(['as mapped', 'as mapped', 'new>old']);
});

test('who was given up twice is marked as the later merge says', async () => {
  await bodies(merge('old', 'new'), merge('old', 'other'));
  expect(await bodies(update('old'))).toEqual(['old>other']);
});

test('the row that only keeps a lane waiting, and a parked message, say nothing', async () => {
  const blocker = { ...merge('old', 'new'), work: mapped({}, { blocker: true }).work };
  const parked = {
    work: mapped({}).work,
    outcome: { kind: 'parked', cause: { code: 'map-failed', text: '' }, mapping: null, body: null },
  } as const;
  expect(await bodies(blocker, parked, update('old'))).toEqual(['as mapped', 'parked', 'as mapped']);
});
