/** Commits a group of messages: the quick way where nothing in it is out of the ordinary, else the careful way. */
import { hash, randomUUID } from 'node:crypto';
import { WeirError } from '../errors.ts';
import { arrayText } from '../store/array.ts';
import type { Db, Sql } from '../store/db.ts';
import { findingsText } from './findings.ts';
import type { Incoming, Kept } from './incoming.ts';
import { CAREFUL, FIND_BATCH, FORGET_BATCHES, QUICK, type StoredRow } from './intake-sql.ts';
import { dayOf, ensurePartitions } from './partitions.ts';
import { type Sequenced, storeSequenced } from './sequence.ts';
import { mapQueue, type Shard, shardOf } from './shard.ts';

/** A message that waits to be committed. */
export interface Waiting {
  readonly incoming: Incoming;
  /** Of the first message of a batch: how many it has, and their bytes. 0 of the others. Undefined of a message alone. */
  readonly unit?: { readonly count: number; readonly bytes: number } | undefined;
  readonly resolve: (kept: Kept) => void;
  readonly reject: (error: unknown) => void;
}

/** How long a sender is kept waiting while PostgreSQL is away, before it is told to send again. */
const PATIENCE = 20_000;

/** What a committed group gave to do. */
export interface Given {
  /** The shards that have its messages. */
  readonly shards: readonly Shard[];
  /** Some of its messages are to be sorted first. */
  readonly unsorted: boolean;
}

/** Tells whoever waits for the messages of a committed group. */
export type Settle = () => Given;

/**
 * Commits a group, through short absences of PostgreSQL; nobody is told before `Settle` is called. Rejects where nothing of the group was committed. `sorted`: its messages
 * are to stand in their queues at once, if those before them do.
 */
export async function storeGroup(db: Db, group: readonly Waiting[], sorted: boolean): Promise<Settle> {
  const batch = randomUUID();
  const [first] = group;
  if (first === undefined) return () => ({ shards: [], unsorted: false });
  const deadline = Date.now() + PATIENCE;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    try {
      const found = pause > 50 ? await committed(db, batch) : null;
      if (first.incoming.more?.sequence && !found) return await storeAlone(db, first, batch);
      const rows = found ?? (await insert(db, group, batch, sorted));
      return () => settle(group, rows);
    } catch (error) {
      if (isMissingPartition(error)) await ensurePartitions(db, first.incoming.receivedAt);
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

async function insert(db: Sql, group: readonly Waiting[], batch: string, sorted: boolean): Promise<StoredRow[]> {
  if (group.every(isPlain)) {
    const values = [...quickValues(group, batch), sorted];
    const [row] = await db.query<{ known: boolean; ids: string; sorted: boolean }>(QUICK, values);
    if (row && !row.known) return storedRows(row, dayOf((group[0] as Waiting).incoming.receivedAt));
  }
  return db.query<StoredRow>(CAREFUL, [...carefulValues(group, batch), sorted]);
}

/** A message whose sequence number decides. */
async function storeAlone(db: Db, first: Waiting, batch: string): Promise<Settle> {
  const sequence = first.incoming.more?.sequence as Sequenced;
  const stored = await storeSequenced(
    db,
    { incoming: first.incoming, digest: digestOf(first.incoming) },
    sequence,
    async (tx, incoming) => {
      const [row] = await tx.query<StoredRow>(CAREFUL, [...carefulValues([{ ...first, incoming }], batch), true]);
      return row as StoredRow;
    },
  );
  return () => settle([{ ...first, incoming: stored.incoming }], [stored.row]);
}

function isPlain({ incoming: { more, refused, lanes, controlId, duplicatesWithin } }: Waiting): boolean {
  // Without a control id it is known again by its content.
  return more === undefined && refused === null && lanes.length === 1 && (controlId !== '' || duplicatesWithin === 0);
}

/** `ids` is PostgreSQL's text of an array. */
function storedRows({ ids, sorted }: { readonly ids: string; readonly sorted: boolean }, day: string): StoredRow[] {
  return ids
    .slice(1, -1)
    .split(',')
    .map((id, ord) => ({ ord, id, day, duplicate: false, state: 'waiting', ack: null, sorted }));
}

function settle(group: readonly Waiting[], rows: readonly StoredRow[]): Given {
  const worked = new Map<string, Set<number>>();
  for (const { ord, id, day, duplicate, state, ack, sorted } of rows) {
    const one = group[ord];
    if (!one) continue;
    const { channel, lanes, refused, more } = one.incoming;
    if (state === 'waiting' && sorted) {
      const shards = worked.get(channel) ?? new Set();
      worked.set(channel, shards);
      for (const lane of lanes) shards.add(shardOf(storable(lane)));
    }
    const rejected = state === 'refused' && refused === null;
    const own = rejected && more?.conflict?.does === 'reject' ? more.conflict.ack : one.incoming.ack;
    one.resolve({ id, day, duplicate, rejected, ack: duplicate || ack ? ack : own, incoming: one.incoming });
  }
  const shards = Array.from(worked, ([channel, shards]) => Array.from(shards, (shard) => ({ queue: mapQueue(channel), shard })));
  return { shards: shards.flat(), unsorted: rows.some(({ sorted }) => !sorted) };
}

/** 23514: a row for which there is no partition. */
function isMissingPartition(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23514';
}

/** The values of the quick way. */
function quickValues(group: readonly Waiting[], batch: string): unknown[] {
  const first = (group[0] as Waiting).incoming.receivedAt;
  const base = first.getTime();
  const { blob, starts } = endToEnd(group);
  const counts = new Map<string, number>();
  const asked: string[] = [];
  let earliest = base;
  for (const { incoming } of group) {
    counts.set(incoming.channel, (counts.get(incoming.channel) ?? 0) + 1);
    if (incoming.duplicatesWithin === 0) continue;
    asked.push(storable(incoming.controlId));
    earliest = Math.min(earliest, incoming.receivedAt.getTime() - incoming.duplicatesWithin);
  }
  const column = <T>(read: (incoming: Incoming) => T): T[] => group.map((one) => read(one.incoming));
  return [
    column((m) => m.channel),
    column((m) => m.receivedAt.getTime() - base),
    column((m) => storable(m.peer)),
    column((m) => storable(m.sender)),
    column((m) => storable(m.type)),
    column((m) => storable(m.controlId)),
    blob,
    starts,
    column((m) => m.raw.length),
    column((m) => m.ack?.length ?? -1),
    asked,
    column((m) => storable(m.lanes[0] ?? '')),
    column((m) => shardOf(storable(m.lanes[0] ?? ''))),
    first.toISOString(),
    dayOf(first),
    new Date(earliest).toISOString(),
    dayOf(new Date(earliest)),
    [...counts.keys()],
    [...counts.values()],
    batch,
  ];
}

function carefulValues(group: readonly Waiting[], batch: string): unknown[] {
  const { blob, starts } = endToEnd(group);
  const column = <T>(read: (incoming: Incoming) => T): T[] => group.map((one) => read(one.incoming));
  const text = (read: (incoming: Incoming) => string) => column((m) => storable(read(m)));
  const conflicts = column((m) => m.more?.conflict);
  return [
    group.map((_, ord) => ord),
    column((m) => m.channel),
    column((m) => m.receivedAt.toISOString()),
    column((m) => dayOf(m.receivedAt)),
    text((m) => m.peer),
    text((m) => m.sender),
    text((m) => m.type),
    text((m) => m.controlId),
    blob,
    column((m) => digestOf(m)),
    starts,
    column((m) => m.raw.length),
    column((m) => m.ack?.length ?? -1),
    column((m) => since(m)),
    column((m) => m.refused?.code ?? (m.more?.filtered ? 'filtered' : null)),
    column((m) => m.refused?.text ?? m.more?.filtered ?? null),
    text((m) => m.lanes[0] ?? ''),
    column((m) => shardOf(storable(m.lanes[0] ?? ''))),
    column((m) => othersOf(m, (lane) => lane)),
    column((m) => othersOf(m, (lane) => String(shardOf(lane)))),
    batch,
    column((m) => (m.refused ? 'refused' : m.more?.filtered ? 'filtered' : 'waiting')),
    conflicts.map((conflict) => conflict?.does ?? 'accept'),
    column((m) => rejectionOf(m)?.length ?? -1),
    conflicts.map((conflict) => conflict?.does === 'park' && conflict.hold),
    column((m) => m.more?.reply ?? null),
    column((m) => findingsText(m.more?.findings)),
    conflicts.find((conflict) => conflict)?.text ?? '',
    column((m) => (m.more?.knownBy == null ? null : storable(m.more.knownBy))),
  ];
}

/** What a message is known again by where it has no control id. */
export function digestOf({ raw }: Incoming): Buffer {
  return hash('sha256', raw, 'buffer');
}

/** The bytes of a group in one piece: message, ACK, and the ACK of a conflict, of one after another. */
function endToEnd(group: readonly Waiting[]): { blob: Buffer; starts: number[] } {
  const pieces: Uint8Array[] = [];
  const starts: number[] = [];
  let end = 0;
  for (const { incoming } of group) {
    starts.push(end);
    for (const piece of [incoming.raw, incoming.ack, rejectionOf(incoming)]) {
      if (piece === null) continue;
      pieces.push(piece);
      end += piece.length;
    }
  }
  return { blob: Buffer.concat(pieces), starts };
}

/** What the message is answered where it is rejected because of another with its control id. */
function rejectionOf({ more }: Incoming): Uint8Array | null {
  return more?.conflict?.does === 'reject' ? more.conflict.ack : null;
}

/** What there is of a message's further lanes, as an array; null where it has one lane. */
function othersOf({ lanes }: Incoming, read: (lane: string) => string): string | null {
  return lanes.length < 2 ? null : arrayText(lanes.slice(1).map((lane) => read(storable(lane))));
}

/** PostgreSQL's text holds no NUL; a message may. The raw bytes keep it. */
function storable(text: string): string {
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
