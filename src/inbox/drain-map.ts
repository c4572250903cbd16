/** Drains a shard of a channel's map queue: its messages in order, a batch a transaction. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql } from '../store/db.ts';
import { type FoundOf, keepFindings } from './findings.ts';
import { keepGivenUp } from './given-up.ts';
import type { Lease } from './lease.ts';
import { type MapOutcome, type MapWork, settleMapped, takeMapWork } from './map-work.ts';
import { deliverQueue, type Shard, shardOf } from './shard.ts';

const BATCH = 64;
/** Mapping is pure computation; the sockets get their turn after so many milliseconds of it. */
const SLICE = 5;

export interface MapDrain {
  readonly db: Sql;
  readonly channel: string;
  readonly destinations: readonly string[];
  readonly holdParked: boolean;
  readonly map: (work: MapWork) => MapOutcome;
  readonly ring: (shards: readonly Shard[]) => void;
  /** Asked between batches, with the milliseconds that the last one took: resolves when the next may be begun. */
  readonly goOn?: (took: number) => Promise<unknown>;
  /** Told of what is committed. */
  readonly settled?: (done: readonly { readonly work: MapWork; readonly outcome: MapOutcome }[]) => void;
}

/** Maps all that is ready. Resolves when nothing is, or the lease is lost. */
export async function drainMap(drain: MapDrain, lease: Lease): Promise<void> {
  // A merge whose other lane became free during a pass is found by the next one.
  for (;;) {
    const { progressed, waited } = await pass(drain, lease);
    if (!progressed || !waited || !lease.held) return;
  }
}

async function pass(drain: MapDrain, lease: Lease): Promise<{ progressed: boolean; waited: boolean }> {
  const blocked = new Set<string>();
  const awaited: Shard[] = [];
  let progressed = false;
  let waited = false;
  for (let after = '0'; lease.held; ) {
    const begun = performance.now();
    const batch = await takeMapWork(drain.db, lease, after, BATCH);
    const done: { work: MapWork; outcome: MapOutcome }[] = [];
    // What earlier batches mapped is settled: only this batch's own rows may stand before another.
    const inHand = new Set<string>();
    let started = performance.now();
    for (const work of batch) {
      after = work.id;
      if (work.before !== null && !inHand.has(work.before)) {
        // It appeared behind this pass: the next one begins with it.
        blocked.add(work.lane);
        waited = true;
      }
      if (work.waits) {
        // A message that waits for another lane keeps its own lane waiting behind it.
        blocked.add(work.lane);
        waited = true;
        if (work.blocker) for (const lane of work.others ?? []) awaited.push({ queue: lease.queue, shard: shardOf(lane) });
      }
      if (blocked.has(work.lane)) continue;
      inHand.add(work.id);
      const outcome = drain.map(work);
      done.push({ work, outcome });
      if (outcome.kind === 'parked' && drain.holdParked) blocked.add(work.lane);
      if (performance.now() - started > SLICE) {
        await nextTurn();
        started = performance.now();
      }
    }
    if (done.length > 0) {
      await keepFindings(drain.db, foundOf(done));
      const kept = await keepGivenUp(drain.db, done);
      if (!(await settleMapped(drain.db, lease, { ...drain, done: kept }))) break;
      progressed = true;
      drain.settled?.(kept);
      drain.ring(shardsToRing(drain, lease, kept));
    }
    if (batch.length < BATCH) break;
    await drain.goOn?.(performance.now() - begun);
  }
  // A merge that waits for a lane of this shard may go on only when something was done here: two shards with nothing to do would ring each other without end.
  if (progressed) drain.ring(awaited.filter((shard) => shard.shard !== lease.shard));
  return { progressed, waited };
}

/** What was found of the messages that were checked. The row of another lane does no work. */
function foundOf(done: readonly { readonly work: MapWork; readonly outcome: MapOutcome }[]): FoundOf[] {
  return done.flatMap(({ work: { id, day, blocker }, outcome: { findings } }) =>
    findings && !blocker ? [{ id, day, findings }] : [],
  );
}

/** The destinations' shards that got work, and the shards of the other lanes that a merge kept waiting. */
function shardsToRing(drain: MapDrain, lease: Lease, done: readonly { work: MapWork; outcome: MapOutcome }[]): Shard[] {
  const shards: Shard[] = [];
  const destinations = new Set<string>();
  for (const { work, outcome } of done) {
    if (outcome.kind === 'mapped') for (const { destination } of outcome.onward) destinations.add(destination);
    for (const lane of work.others ?? [])
      if (shardOf(lane) !== lease.shard) shards.push({ queue: lease.queue, shard: shardOf(lane) });
  }
  for (const name of destinations) shards.push({ queue: deliverQueue(drain.channel, name), shard: lease.shard });
  return shards;
}
