/**
 * Drains a shard of a destination's queue. Lanes are worked side by side, each in order: the next bundle of a lane is sent when the outcome of
 * the one before is committed. A slow or failing lane delays itself only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../store/db.ts';
import { type DeliverOutcome, type DeliverWork, settleDelivered, takeDeliverWork } from './deliver-work.ts';
import type { Lease } from './lease.ts';
import { type Shard, shardOf } from './shard.ts';
import type { DeliveryContent } from './types.ts';

const BATCH = 64;
/** The first outcomes are gathered for so long before they are written. Milliseconds. */
const GATHER = 4;
/** While more is to be sent, outcomes for which no lane waits are gathered for so long: a commit costs as much for one as for many. */
const PATIENCE = 24;

export interface DeliverDrain {
  readonly db: Sql;
  readonly channel: string;
  readonly destination: string;
  readonly holdParked: boolean;
  /** What the destination takes. */
  readonly takes: DeliveryContent;
  /** Sends one bundle, when the destination has room for it. Never rejects. */
  readonly send: (work: DeliverWork) => Promise<DeliverOutcome>;
  /** Bundles in flight to keep up at most. */
  readonly concurrency: number;
  readonly ring: (shards: readonly Shard[]) => void;
  /** Told of what is committed. */
  readonly settled?: (done: readonly { readonly work: DeliverWork; readonly outcome: DeliverOutcome }[]) => void;
  /** True once the engine is stopping: what is in flight is finished, nothing new begun. */
  readonly stopping: () => boolean;
}

interface Settled {
  readonly work: DeliverWork;
  readonly outcome: DeliverOutcome;
}

/** Delivers all that is ready. Resolves when nothing is, the lease is lost, or the engine stops; what was in flight is settled first. */
export async function drainDeliver(drain: DeliverDrain, lease: Lease): Promise<void> {
  // A merge whose other lane became free during a pass is found by the next one.
  for (;;) {
    const pass = new Pass(drain, lease);
    await pass.run();
    if (!pass.progressed || !pass.lanes.waited || pass.over) return;
  }
}

class Pass {
  readonly lanes: Lanes;
  progressed = false;
  readonly #drain: DeliverDrain;
  readonly #lease: Lease;
  readonly #outcomes: Settled[] = [];
  #inFlight = 0;
  #settling: Promise<void> | null = null;
  #failure: unknown = null;
  #lost = false;
  #wake: () => void = () => {};

  constructor(drain: DeliverDrain, lease: Lease) {
    this.#drain = drain;
    this.#lease = lease;
    this.lanes = new Lanes();
  }

  /** Nothing new is to be begun. */
  get over(): boolean {
    return this.#lost || !this.#lease.held || this.#drain.stopping();
  }

  async run(): Promise<void> {
    const { lanes } = this;
    for (;;) {
      if (!this.over && lanes.size < BATCH / 2 && !lanes.exhausted) {
        lanes.forgetFinished();
        const { db, takes } = this.#drain;
        lanes.add(await takeDeliverWork(db, this.#lease, { takes, after: lanes.after, limit: BATCH }), BATCH);
      }
      while (!this.over && this.#inFlight < this.#drain.concurrency) {
        const work = lanes.next();
        if (!work) break;
        this.#send(work);
      }
      if (this.#inFlight > 0 || this.#settling !== null) await new Promise<void>((resolve) => (this.#wake = resolve));
      // Rows that come in while the last ones are on their way have their own bell.
      else if (this.over || lanes.idle) break;
    }
    // A merge that waits for a lane of this shard may go on only when something was done here: two shards with nothing to do would ring each other without end.
    const elsewhere = this.progressed ? lanes.awaited.filter((shard) => shard !== this.#lease.shard) : [];
    this.#drain.ring(elsewhere.map((shard) => ({ queue: this.#lease.queue, shard })));
    if (this.#failure) throw this.#failure;
  }

  #send(work: DeliverWork): void {
    this.#inFlight++;
    this.#drain.send(work).then((outcome) => {
      this.#inFlight--;
      this.#outcomes.push({ work, outcome });
      // Once the lease is lost nothing more can be written: what was sent is sent again by the next holder.
      if (this.#settling === null && !this.#lost) {
        this.#settling = this.#settle().finally(() => {
          this.#settling = null;
          this.#wake();
        });
      }
      this.#wake();
    });
  }

  /** Waits for more outcomes, where more are to come: `least` milliseconds, and more where that keeps nothing waiting. */
  async #gather(least: number): Promise<void> {
    for (let waited = 0; this.#inFlight > 0 && this.#outcomes.length < BATCH; waited += GATHER) {
      // What comes in now is read when the last of what was read is settled.
      const awaited = this.lanes.size === 0 || this.#outcomes.some(({ work }) => this.lanes.waitsFor(work));
      if (waited >= (awaited ? least : PATIENCE)) return;
      await sleep(GATHER);
    }
  }

  /** Writes outcomes as they come, those that came meanwhile together. A failure ends the pass; what was not written is sent again. */
  async #settle(): Promise<void> {
    try {
      for (let least = GATHER; this.#outcomes.length > 0 && !this.#lost; least = 0) {
        await this.#gather(least);
        const done = this.#outcomes.splice(0);
        this.#lost = !(await settleDelivered(this.#drain.db, this.#lease, { ...this.#drain, done }));
        this.progressed = true;
        if (!this.#lost) this.#drain.settled?.(done);
        for (const { work, outcome } of done) this.lanes.done(work, outcome, this.#drain.holdParked);
        const others = done.flatMap(({ work }) => (work.others ?? []).map(shardOf));
        this.#drain.ring(
          others.filter((shard) => shard !== this.#lease.shard).map((shard) => ({ queue: this.#lease.queue, shard })),
        );
      }
    } catch (error) {
      this.#failure ??= error;
      this.#lost = true;
    }
  }
}

/** The lanes of a shard as far as they were read: what waits in each, and which is busy or must not go on. */
class Lanes {
  after = '0';
  exhausted = false;
  /** A message waited for its other lane. */
  waited = false;
  /** The shards whose work keeps lanes of this one waiting. */
  readonly awaited: number[] = [];
  readonly #waiting = new Map<string, DeliverWork[]>();
  readonly #ready: string[] = [];
  readonly #busy = new Set<string>();
  readonly #blocked = new Set<string>();
  /** What is begun or waits here, and what was finished while the last rows were being read. */
  readonly #inHand = new Set<string>();
  readonly #finished = new Set<string>();
  #size = 0;

  /** Rows that were read and not yet begun. */
  get size(): number {
    return this.#size;
  }

  get idle(): boolean {
    return this.exhausted && this.#ready.length === 0;
  }

  /** Rows are about to be read: what is finished by now has no row that they could name. */
  forgetFinished(): void {
    this.#finished.clear();
  }

  add(batch: readonly DeliverWork[], limit: number): void {
    this.exhausted = batch.length < limit;
    for (const work of batch) {
      this.after = work.id;
      if (work.before !== null && !this.#inHand.has(work.before) && !this.#finished.has(work.before)) {
        // It appeared behind this pass: the next one begins with it.
        this.#blocked.add(work.lane);
        this.waited = true;
      }
      if (work.waits) {
        this.#blocked.add(work.lane);
        this.waited = true;
        if (work.blocker) for (const lane of work.others ?? []) this.awaited.push(shardOf(lane));
      }
      if (this.#blocked.has(work.lane)) continue;
      this.#inHand.add(work.id);
      const queue = this.#waiting.get(work.lane);
      if (queue) queue.push(work);
      else this.#waiting.set(work.lane, [work]);
      this.#size++;
      if (!queue && !this.#busy.has(work.lane)) this.#ready.push(work.lane);
    }
  }

  /** Whether more of its lane was read, which goes on when the outcome is written. */
  waitsFor({ lane }: DeliverWork): boolean {
    return this.#waiting.has(lane);
  }

  next(): DeliverWork | undefined {
    const lane = this.#ready.shift();
    if (lane === undefined) return undefined;
    this.#busy.add(lane);
    const queue = this.#waiting.get(lane) ?? [];
    const work = queue.shift();
    this.#size--;
    if (queue.length === 0) this.#waiting.delete(lane);
    return work;
  }

  done(work: DeliverWork, outcome: DeliverOutcome, holdParked: boolean): void {
    const { lane } = work;
    this.#busy.delete(lane);
    this.#inHand.delete(work.id);
    this.#finished.add(work.id);
    if (outcome.kind === 'retry' || (outcome.kind === 'parked' && holdParked)) {
      // The lane waits in the store; what was read of it is read again when it goes on.
      this.#blocked.add(lane);
      for (const { id } of this.#waiting.get(lane) ?? []) this.#inHand.delete(id);
      this.#size -= this.#waiting.get(lane)?.length ?? 0;
      this.#waiting.delete(lane);
    } else if (this.#waiting.has(lane)) this.#ready.push(lane);
  }
}
