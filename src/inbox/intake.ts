/** The way in: messages are committed in groups, and `add` resolves when the bytes are on disk (promise 1). */
import { hash, randomUUID } from 'node:crypto';
import { WeirError } from '../errors.ts';
import type { AcknowledgmentCode } from '../hl7/ack.ts';
import type { ConformanceFinding } from '../hl7/conformance/check.ts';
import type { Db, Sql } from '../store/db.ts';
import { findingsText } from './findings.ts';
import { FIND_BATCH, FORGET_BATCHES, STORE, STORE_ALL, type StoredRow } from './intake-sql.ts';
import { dayOf, ensurePartitions } from './partitions.ts';
import { type Sequenced, storeSequenced } from './sequence.ts';
import { arrayText, mapQueue, type Shard, shardName, shardOf } from './shard.ts';
import type { Cause } from './types.ts';

/** A message on its way into the store. */
export interface Incoming {
  readonly channel: string;
  readonly receivedAt: Date;
  readonly peer: string;
  /** MSH-3^MSH-4 */
  readonly sender: string;
  readonly type: string;
  readonly controlId: string;
  readonly raw: Uint8Array;
  readonly ack: Uint8Array | null;
  /** MSA-1 of the ACK. */
  readonly code?: AcknowledgmentCode | null | undefined;
  /** The order keys; two or more for a merge. */
  readonly lanes: readonly string[];
  /** Why the channel does not take it; it is kept all the same. */
  readonly refused: Cause | null;
  /** Milliseconds in which the same message again is a duplicate; 0: never. */
  readonly duplicatesWithin: number;
  /** What few messages need; a group without any takes the short way. */
  readonly more?: More | undefined;
}

/** What becomes of a message beyond being stored, mapped and acknowledged. */
export interface More {
  /** What another message with its control id and other content within the window does to it. Default: nothing. */
  readonly conflict?: { readonly does: 'park'; readonly hold: boolean; readonly text: string } | RejectedConflict | undefined;
  /** What it is known again by; null: its control id. */
  readonly knownBy?: string | null;
  /** The application ACK that it is owed: its MSH-10. */
  readonly reply?: string | null | undefined;
  /** What a conformance check says of it, where it is refused for that. */
  readonly findings?: readonly ConformanceFinding[] | undefined;
  /** It is not to be mapped, for this reason. */
  readonly filtered?: string | null;
  /** Its sequence number decides. Such messages are stored one by one. */
  readonly sequence?: Sequenced;
}

/** `ack` is what such a message is answered; null where it is owed nothing. */
export interface RejectedConflict {
  readonly does: 'reject';
  readonly ack: Uint8Array | null;
  /** MSA-1 of that ACK. */
  readonly code: AcknowledgmentCode | null;
  readonly text: string;
}

/** The message is stored. `ack` is what to answer: for a duplicate the answer it got the first time. */
export interface Kept {
  readonly id: string;
  readonly day: string;
  readonly duplicate: boolean;
  /** It was rejected because of another with its control id. */
  readonly rejected: boolean;
  readonly ack: Uint8Array | null;
  /** What was stored: the message as its sequence number made it. */
  readonly incoming: Incoming;
}

interface Waiting {
  readonly incoming: Incoming;
  /** Of the first message of a batch: how many it has, and their bytes. 0 of the others. Undefined of a message alone. */
  readonly unit?: { readonly count: number; readonly bytes: number } | undefined;
  readonly digest: Buffer;
  readonly resolve: (kept: Kept) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_MESSAGES = 256;
const MAX_BYTES = 4 * 1024 * 1024;
/** A group of so many came while the one before it was being committed. */
const FLOOD = 16;
/** How long a sender is kept waiting while PostgreSQL is away, before it is told to send again. */
const PATIENCE = 20_000;

export interface Intake {
  /**
   * Resolves when the message is committed. Rejects with `listen-not-stored` when PostgreSQL stayed away too long: then it is not stored, and the
   * sender is to send it again.
   */
  add(incoming: Incoming): Promise<Kept>;
  /**
   * Adds the messages of a batch, in order; they are committed together, but for those of one control id and those with sequence numbers. Each
   * has an outcome of its own.
   */
  addAll(messages: readonly Incoming[]): Promise<PromiseSettledResult<Kept>[]>;
  /** Messages come faster than they are committed: what can wait lets them go first. */
  readonly flooded: boolean;
  /** Resolves when all that was added is committed or refused. */
  drain(): Promise<void>;
}

/** Starts the intake. `ring` is called with the shards that a committed group gave work to. */
export function openIntake(db: Db, ring: (shards: readonly Shard[]) => void): Intake {
  const waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let together = 0;

  /** Groups are committed one after another: ids then become visible in their order. What arrives meanwhile is the next group. */
  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const group = take(waiting);
      together = group.length;
      try {
        await store(db, group, ring);
      } catch (error) {
        // One message that PostgreSQL will not take must not take its group along.
        if (group.length > 1 && !(error instanceof WeirError))
          for (const one of group) await store(db, [one], ring).catch(refuse([one]));
        else refuse(group)(error);
      }
    }
    running = null;
  }

  function push(incoming: Incoming, unit?: Waiting['unit']): Promise<Kept> {
    return new Promise((resolve, reject) => {
      waiting.push({ incoming, unit, digest: hash('sha256', incoming.raw, 'buffer'), resolve, reject });
      // The turn of the event loop that brought this message may bring more: they go together.
      running ??= new Promise<void>((start) => setImmediate(start)).then(run);
    });
  }

  return {
    add: (incoming) => push(incoming),
    addAll(messages) {
      const all = { count: messages.length, bytes: messages.reduce((sum, { raw }) => sum + raw.length, 0) };
      return Promise.allSettled(messages.map((incoming, at) => push(incoming, at === 0 ? all : nothing)));
    },
    get flooded() {
      return running !== null && together >= FLOOD;
    },
    async drain() {
      await running;
    },
  };
}

function refuse(group: readonly Waiting[]): (error: unknown) => void {
  return (cause) => {
    for (const one of group) one.reject(new WeirError('listen-not-stored', undefined, { cause }));
  };
}

/** The next group: as many as fit, and at most one of messages with the same control id, so that the second finds the first. */
function take(waiting: Waiting[]): Waiting[] {
  const seen = new Set<string>();
  let [count, bytes] = [0, 0];
  for (const { incoming, digest, unit = alone(incoming) } of waiting) {
    if (incoming.more?.sequence && count > 0) break;
    const known = incoming.more?.knownBy ?? incoming.controlId;
    const content = incoming.duplicatesWithin > 0 && known !== '' ? '' : digest.toString('latin1');
    const same = `${incoming.channel}\n${known}\n${content}`;
    const tooMany = count + unit.count > MAX_MESSAGES || bytes + unit.bytes > MAX_BYTES;
    if ((count > 0 && unit.count > 0 && tooMany) || seen.has(same)) break;
    seen.add(same);
    bytes += incoming.raw.length;
    count++;
    if (incoming.more?.sequence) break;
  }
  return waiting.splice(0, count);
}

const nothing = { count: 0, bytes: 0 };

function alone({ raw }: Incoming): { count: number; bytes: number } {
  return { count: 1, bytes: raw.length };
}

/** Commits a group, through short absences of PostgreSQL; resolves each of its promises, or rejects as a whole. */
async function store(db: Db, group: readonly Waiting[], ring: (shards: readonly Shard[]) => void): Promise<void> {
  const batch = randomUUID();
  const [first] = group;
  const sequence = first?.incoming.more?.sequence;
  const values = sequence ? [] : valuesOf(group, batch);
  const deadline = Date.now() + PATIENCE;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    try {
      const found = pause > 50 ? await committed(db, batch) : null;
      if (sequence && first && !found) {
        const stored = await storeSequenced(db, first, sequence, async (tx, incoming) => {
          const [row] = await tx.query<StoredRow>(STORE_ALL, valuesOf([{ ...first, incoming }], batch, true));
          return row as StoredRow;
        });
        settle([{ ...first, incoming: stored.incoming }], [stored.row], ring);
        return;
      }
      settle(group, found ?? (await db.query<StoredRow>(values.length > 21 ? STORE_ALL : STORE, values)), ring);
      return;
    } catch (error) {
      if (isMissingPartition(error)) await ensurePartitions(db, group[0]?.incoming.receivedAt ?? new Date());
      else if (!(error instanceof WeirError && error.retried) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** The connection broke while a group was being committed: did it get there? */
async function committed(db: Sql, batch: string): Promise<StoredRow[] | null> {
  const rows = await db.query<StoredRow>(FIND_BATCH, [batch]);
  return rows.length === 0 ? null : rows;
}

function settle(group: readonly Waiting[], rows: readonly StoredRow[], ring: (shards: readonly Shard[]) => void): void {
  const shards = new Map<string, Shard>();
  for (const { ord, id, day, duplicate, state, ack } of rows) {
    const one = group[ord];
    if (!one) continue;
    const { channel, lanes, refused, more } = one.incoming;
    if (state === 'waiting') {
      for (const lane of lanes) {
        const shard = { queue: mapQueue(channel), shard: shardOf(storable(lane) ?? '') };
        shards.set(shardName(shard), shard);
      }
    }
    const rejected = state === 'refused' && refused === null;
    const own = rejected && more?.conflict?.does === 'reject' ? more.conflict.ack : one.incoming.ack;
    one.resolve({ id, day, duplicate, rejected, ack: duplicate || ack ? ack : own, incoming: one.incoming });
  }
  if (shards.size > 0) ring([...shards.values()]);
}

/** 23514: a row for which there is no partition. */
function isMissingPartition(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23514';
}

function valuesOf(group: readonly Waiting[], batch: string, all = group.some(({ incoming }) => incoming.more)): unknown[] {
  const pieces: Uint8Array[] = [];
  const starts: number[] = [];
  let length = 0;
  for (const { incoming } of group) {
    starts.push(length);
    pieces.push(incoming.raw);
    if (incoming.ack) pieces.push(incoming.ack);
    const rejection = rejectionOf(incoming);
    if (rejection) pieces.push(rejection);
    length += incoming.raw.length + (incoming.ack?.length ?? 0) + (rejection?.length ?? 0);
  }
  const column = <T>(read: (incoming: Incoming) => T): T[] => group.map((one) => read(one.incoming));
  const text = (read: (incoming: Incoming) => string | undefined) => column((m) => storable(read(m)));
  const values = [
    group.map((_, ord) => ord),
    column((m) => m.channel),
    column((m) => m.receivedAt.toISOString()),
    column((m) => dayOf(m.receivedAt)),
    text((m) => m.peer),
    text((m) => m.sender),
    text((m) => m.type),
    text((m) => m.controlId),
    Buffer.concat(pieces),
    group.map((one) => one.digest),
    starts,
    column((m) => m.raw.length),
    column((m) => m.ack?.length ?? -1),
    column((m) => since(m)),
    column((m) => m.refused?.code ?? (m.more?.filtered ? 'filtered' : null)),
    column((m) => m.refused?.text ?? m.more?.filtered ?? null),
    text((m) => m.lanes[0] ?? ''),
    column((m) => shardOf(storable(m.lanes[0] ?? '') ?? '')),
    column((m) => othersOf(m, (lane) => lane)),
    column((m) => othersOf(m, (lane) => String(shardOf(lane)))),
    batch,
  ];
  if (!all) return values;
  const conflicts = column((m) => m.more?.conflict);
  return [
    ...values,
    column((m) => (m.refused ? 'refused' : m.more?.filtered ? 'filtered' : 'waiting')),
    conflicts.map((conflict) => conflict?.does ?? 'accept'),
    column((m) => rejectionOf(m)?.length ?? -1),
    conflicts.map((conflict) => conflict?.does === 'park' && conflict.hold),
    column((m) => m.more?.reply ?? null),
    column((m) => findingsText(m.more?.findings)),
    conflicts.find((conflict) => conflict)?.text ?? '',
    text((m) => m.more?.knownBy ?? undefined),
  ];
}

/** What the message is answered where it is rejected because of another with its control id. */
function rejectionOf({ more }: Incoming): Uint8Array | null {
  return more?.conflict?.does === 'reject' ? more.conflict.ack : null;
}

/** What there is of a message's further lanes, as an array; null where it has one lane. */
function othersOf({ lanes }: Incoming, read: (lane: string) => string): string | null {
  return lanes.length < 2 ? null : arrayText(lanes.slice(1).map((lane) => read(storable(lane) ?? '')));
}

/** PostgreSQL's text holds no NUL; a message may. The raw bytes keep it. */
function storable(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.includes('\0') ? text.replaceAll('\0', '\u2400') : text;
}

/** From when on the same message is a duplicate. */
function since(m: Incoming): string | null {
  return m.duplicatesWithin > 0 && m.refused === null
    ? new Date(m.receivedAt.getTime() - m.duplicatesWithin).toISOString()
    : null;
}

/** Removes the notes of groups committed long ago; called now and then. */
export async function forgetBatches(db: Db): Promise<void> {
  await db.query(FORGET_BATCHES);
}
