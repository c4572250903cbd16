/** The way in: messages are committed in groups, and `add` resolves when the bytes are on disk (promise 1). */
import { createHash, randomUUID } from 'node:crypto';
import { WeirError } from '../errors.ts';
import type { Db, Statement } from '../store/db.ts';
import { dayOf, ensurePartitions } from './partitions.ts';
import { mapQueue, type Shard, shardName, shardOf } from './shard.ts';
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
  /** The order keys; two for a merge. */
  readonly lanes: readonly string[];
  /** Why the channel does not take it; it is kept all the same. */
  readonly refused: Cause | null;
  /** Milliseconds in which the same message again is a duplicate; 0: never. */
  readonly duplicatesWithin: number;
}

/** The message is stored. `ack` is what to answer: for a duplicate the answer it got the first time. */
export interface Kept {
  readonly id: string;
  readonly day: string;
  readonly duplicate: boolean;
  readonly ack: Uint8Array | null;
}

interface Waiting {
  readonly incoming: Incoming;
  readonly digest: Buffer;
  readonly resolve: (kept: Kept) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_MESSAGES = 256;
const MAX_BYTES = 4 * 1024 * 1024;
/** How long a sender is kept waiting while PostgreSQL is away, before it is told to send again. */
const PATIENCE = 20_000;

/**
 * One statement stores a whole group: raw bytes lie end to end in $9 and are cut by offset and length. A message whose control id and bytes are
 * already there within its window is not stored again. Ids are drawn in the order of arrival.
 */
const STORE: Statement = {
  name: 'intake-store',
  text: `
with incoming as (
  select r.* from unnest($1::int[], $2::text[], $3::timestamptz[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $10::bytea[],
    $11::int[], $12::int[], $13::int[], $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::int[], $19::text[], $20::int[])
    as r(ord, channel, received, day, peer, sender, type, control_id, digest, start, length, ack_length, since, cause_code, cause_text,
      lane, shard, other, other_shard)
), known as (
  -- "offset 0": found by control id, never by walking the day in order of id.
  select i.ord, m.id, m.day, m.ack from incoming i cross join lateral (
    select * from (
      select id, day, ack from message
      where channel = i.channel and control_id = i.control_id and day >= i.since::date and received >= i.since and digest = i.digest offset 0
    ) same order by id limit 1) m
  where i.since is not null
), numbered as (
  select nextval('message_id') as id, o.* from (select * from incoming where ord not in (select ord from known) order by ord) o
), stored as (
  insert into message (id, day, channel, received, peer, sender, type, control_id, digest, lane, other, raw, ack)
  select id, day, channel, received, peer, sender, type, control_id, digest, lane, other, substring($9::bytea from start + 1 for length),
    case when ack_length >= 0 then substring($9::bytea from start + length + 1 for ack_length) end
  from numbered
), state as (
  insert into status (id, day, channel, state, cause_code, cause_text)
  select id, day, channel, case when cause_code is null then 'waiting' else 'refused' end, cause_code, cause_text from numbered
), work as (
  insert into queue (queue, shard, id, lane, day, other, blocker)
  select 'map/' || channel, shard, id, lane, day, other, false from numbered where cause_code is null
  union all
  select 'map/' || channel, other_shard, id, other, day, lane, true from numbered where cause_code is null and other is not null
), counted as (
  insert into tally (channel, received, waiting, refused, duplicates, heard)
  select i.channel, count(n.id) filter (where n.cause_code is null), count(n.id) filter (where n.cause_code is null),
    count(n.id) filter (where n.cause_code is not null), count(*) filter (where n.id is null), max(i.received)
  from incoming i left join numbered n using (ord) group by i.channel
), noted as (
  insert into batch (id, ids, days)
  select $21::uuid, array_agg(id order by ord), array_agg(day order by ord)
  from (select ord, id, day from numbered union all select ord, id, day from known) b
)
select ord, id::text, day::text, false as duplicate, null::bytea as ack from numbered
union all select ord, id::text, day::text, true, ack from known
order by ord`,
};

const FIND_BATCH: Statement = {
  name: 'intake-find-batch',
  text: 'select ids::text[] as ids, days::text[] as days from batch where id = $1',
};
const FORGET_BATCHES: Statement = {
  name: 'intake-forget',
  text: `delete from batch where stored < now() - interval '15 minutes'`,
};

export interface Intake {
  /**
   * Resolves when the message is committed. Rejects with `listen-not-stored` when PostgreSQL stayed away too long: then it is not stored, and the
   * sender is to send it again.
   */
  add(incoming: Incoming): Promise<Kept>;
  /** Bytes that wait to be committed. */
  readonly pendingBytes: number;
  /** Resolves when all that was added is committed or refused. */
  drain(): Promise<void>;
}

/** Starts the intake. `ring` is called with the shards that a committed group gave work to. */
export function openIntake(db: Db, ring: (shards: readonly Shard[]) => void): Intake {
  const waiting: Waiting[] = [];
  let pendingBytes = 0;
  let running: Promise<void> | null = null;

  /** Groups are committed one after another: ids then become visible in their order. What arrives meanwhile is the next group. */
  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const group = take(waiting);
      try {
        await store(db, group, ring);
      } catch (error) {
        // One message that PostgreSQL will not take must not take its group along.
        if (group.length > 1 && !(error instanceof WeirError))
          for (const one of group) await store(db, [one], ring).catch(refuse([one]));
        else refuse(group)(error);
      }
      for (const one of group) pendingBytes -= one.incoming.raw.length;
    }
    running = null;
  }

  return {
    add(incoming) {
      return new Promise((resolve, reject) => {
        waiting.push({ incoming, digest: createHash('sha256').update(incoming.raw).digest(), resolve, reject });
        pendingBytes += incoming.raw.length;
        // The turn of the event loop that brought this message may bring more: they go together.
        running ??= new Promise<void>((start) => setImmediate(start)).then(run);
      });
    },
    get pendingBytes() {
      return pendingBytes;
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

/** The next group: as many as fit, and at most one of messages that are the same, so that the second finds the first. */
function take(waiting: Waiting[]): Waiting[] {
  const seen = new Set<string>();
  let [count, bytes] = [0, 0];
  for (const { incoming, digest } of waiting) {
    const same = `${incoming.channel}\n${incoming.controlId}\n${digest.toString('latin1')}`;
    if (count === MAX_MESSAGES || (count > 0 && bytes + incoming.raw.length > MAX_BYTES) || seen.has(same)) break;
    seen.add(same);
    bytes += incoming.raw.length;
    count++;
  }
  return waiting.splice(0, count);
}

/** Commits a group, through short absences of PostgreSQL; resolves each of its promises, or rejects as a whole. */
async function store(db: Db, group: readonly Waiting[], ring: (shards: readonly Shard[]) => void): Promise<void> {
  const batch = randomUUID();
  const values = valuesOf(group, batch);
  const deadline = Date.now() + PATIENCE;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    try {
      const found = pause > 50 ? await committed(db, batch) : null;
      const rows = found ?? (await db.query<StoredRow>(STORE, values));
      settle(group, rows, ring);
      return;
    } catch (error) {
      if (isMissingPartition(error)) await ensurePartitions(db, group[0]?.incoming.receivedAt ?? new Date());
      else if (!(error instanceof WeirError && error.retried) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

interface StoredRow {
  readonly ord: number;
  readonly id: string;
  readonly day: string;
  readonly duplicate: boolean;
  readonly ack: Buffer | null;
}

/** The connection broke while a group was being committed: did it get there? A duplicate's first answer is not asked for again. */
async function committed(db: Db, batch: string): Promise<StoredRow[] | null> {
  const [row] = await db.query<{ ids: string[]; days: string[] }>(FIND_BATCH, [batch]);
  return row ? row.ids.map((id, ord) => ({ ord, id, day: row.days[ord] ?? '', duplicate: false, ack: null })) : null;
}

function settle(group: readonly Waiting[], rows: readonly StoredRow[], ring: (shards: readonly Shard[]) => void): void {
  const shards = new Map<string, Shard>();
  for (const { ord, id, day, duplicate, ack } of rows) {
    const one = group[ord];
    if (!one) continue;
    const { channel, lanes, refused } = one.incoming;
    if (!duplicate && refused === null) {
      for (const lane of lanes) {
        const shard = { queue: mapQueue(channel), shard: shardOf(storable(lane) ?? '') };
        shards.set(shardName(shard), shard);
      }
    }
    one.resolve({ id, day, duplicate, ack: duplicate ? ack : one.incoming.ack });
  }
  if (shards.size > 0) ring([...shards.values()]);
}

/** 23514: a row for which there is no partition. */
function isMissingPartition(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23514';
}

function valuesOf(group: readonly Waiting[], batch: string): unknown[] {
  const pieces: Uint8Array[] = [];
  const starts: number[] = [];
  let length = 0;
  for (const { incoming } of group) {
    starts.push(length);
    pieces.push(incoming.raw);
    if (incoming.ack) pieces.push(incoming.ack);
    length += incoming.raw.length + (incoming.ack?.length ?? 0);
  }
  const column = <T>(read: (incoming: Incoming) => T): T[] => group.map((one) => read(one.incoming));
  const text = (read: (incoming: Incoming) => string | undefined) => column((m) => storable(read(m)));
  return [
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
    column((m) => m.refused?.code ?? null),
    column((m) => m.refused?.text ?? null),
    text((m) => m.lanes[0] ?? ''),
    column((m) => shardOf(storable(m.lanes[0] ?? '') ?? '')),
    text((m) => m.lanes[1]),
    column((m) => (m.lanes[1] === undefined ? null : shardOf(storable(m.lanes[1]) ?? ''))),
    batch,
  ];
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
