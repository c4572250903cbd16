/** The statements of the deliver stage: read what is ready of a shard, write what became of them. */
import { arrayText } from '../store/array.ts';
import type { Sql, Statement } from '../store/db.ts';
import type { Lease } from './lease.ts';
import { unpack } from './packed.ts';
import { rowsOfDone } from './rows-of-done.ts';
import type { Attempt, Cause, DeliveryContent } from './types.ts';
import { predecessor, waits } from './waits.ts';

/** A bundle or message that waits for a destination. */
export interface DeliverWork {
  readonly id: string;
  readonly day: string;
  readonly lane: string;
  /** The message's further lanes; of a blocker the lane whose row does the work. Null where there are none. */
  readonly others: readonly string[] | null;
  readonly waits: boolean;
  /** The row of a merge's further lane: it only keeps that lane waiting; the row of the first lane, in another shard perhaps, does the work. */
  readonly blocker: boolean;
  /** The id before it in its lane that has a row still; null where it is the first. */
  readonly before: string | null;
  readonly content: DeliveryContent;
  /** Null where the content is another than the destination takes. */
  readonly body: Buffer | null;
  /** Attempts of this lane that failed in a row, and when the first of them was. */
  readonly attempts: number;
  readonly since: Date | null;
}

/** What became of an attempt. */
export type DeliverOutcome =
  | { readonly kind: 'delivered'; readonly attempt: Attempt }
  | { readonly kind: 'retry'; readonly attempt: Attempt; readonly due: Date }
  | { readonly kind: 'parked'; readonly attempt: Attempt; readonly cause: Cause };

const ROW = `q.id::text, q.day::text, q.lane, q.others, coalesce(q.content, 'bundle') as content, coalesce(h.attempts, 0) as attempts, h.since,
  q.blocker, ${waits}, ${predecessor}`;
const FROM = 'queue q left join hold h on h.queue = q.queue and h.lane = q.lane';
const READY = `where q.queue = $1 and q.shard = $2 and q.id > $3::bigint and (h.until is null or h.until <= now())
order by q.id limit $4`;

/** One statement for each kind of destination: neither looks where only the other has something. */
const TAKE: Readonly<Record<DeliveryContent, Statement>> = {
  bundle: {
    name: 'deliver-take-bundles',
    text: `
select ${ROW}, b.body as packed, null::bytea as raw
from ${FROM} left join lateral (select body from bundle b where q.content is null and b.id = q.id and b.day = q.day offset 0) b on true
${READY}`,
  },
  message: {
    name: 'deliver-take-messages',
    text: `
select ${ROW}, v.body as packed, m.raw
from ${FROM}
left join lateral (
  select body from delivery v where v.id = q.id and v.day = q.day and v.destination || '' = split_part(q.queue, '/', 3) offset 0) v on true
left join lateral (select raw from message m where v.body is null and q.content = 'message' and m.id = q.id and m.day = q.day offset 0) m on true
${READY}`,
  },
};

const SETTLE: Statement = {
  name: 'deliver-settle',
  text: `
with held as (
  select from lease where queue = $1 and shard = $2 and token = $3::bigint for key share
), done as (
  select d.* from unnest($4::bigint[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[])
    as d(id, day, lane, others, result, cause_code, cause_text, due, attempt), held
), gone as (
  delete from queue q using (
    select d.*, h.tid from done d ${rowsOfDone}
    where d.result <> 'retry'
  ) d where q.ctid = d.tid
  returning q.shard, q.lane, q.blocker, d.id, d.day, d.result, d.cause_code, d.cause_text
), settled as (
  select * from gone where not blocker
), freed as (
  delete from hold h using done d where h.queue = $1 and h.lane = d.lane and (d.result = 'delivered' or d.result = 'parked' and not $14::boolean)
), stopped as (
  insert into hold (queue, lane, shard, since, attempts, until)
  select $1, lane, $2::smallint, now(), 1, due from done where result = 'retry'
  union all
  select $1, lane, shard, now(), 1, 'infinity' from gone where result = 'parked' and $14::boolean
  on conflict (queue, lane) do update set attempts = hold.attempts + 1, until = excluded.until
), tried as (
  update delivery v set state = case when d.result = 'retry' then 'waiting' else d.result end, cause_code = d.cause_code, cause_text = d.cause_text,
    due = d.due, attempts = (case when jsonb_array_length(v.attempts) < 50 then v.attempts else v.attempts - 1 end) || d.attempt::jsonb
  from done d where v.id = d.id and v.day = d.day and v.destination || '' = $13 and v.state = 'waiting' -- || '': found by message, never by destination
), locked as materialized (
  select g.* from status s join settled g on s.id = g.id and s.day = g.day order by s.id for update of s
), written as (
  update status s set open = s.open - 1, failed = s.failed + (l.result = 'parked')::int,
    state = case when s.open > 1 then 'waiting' when l.result = 'parked' or s.failed > 0 then 'parked' else 'delivered' end,
    cause_code = coalesce(l.cause_code, s.cause_code), cause_text = coalesce(l.cause_text, s.cause_text)
  from locked l where s.id = l.id and s.day = l.day
  returning s.state
), counted as (
  insert into tally (channel, waiting, delivered, parked)
  select $15, -count(*) filter (where state <> 'waiting'), count(*) filter (where state = 'delivered'), count(*) filter (where state = 'parked')
  from written having count(*) filter (where state <> 'waiting') > 0
)
select (select count(*) from held)::int as held, (select count(*) from settled)::int as settled`,
};

type Row = Omit<DeliverWork, 'body'> & { readonly packed: Buffer | null; readonly raw: Buffer | null };

/**
 * Up to `limit` bundles, or messages, of the lease's shard with ids above `after`, in order, but for those of lanes that are held.
 * @param takes what the destination takes
 */
export async function takeDeliverWork(
  db: Sql,
  lease: Lease,
  { takes, after, limit }: { readonly takes: DeliveryContent; readonly after: string; readonly limit: number },
): Promise<DeliverWork[]> {
  const rows = await db.query<Row>(TAKE[takes], [lease.queue, lease.shard, after, limit]);
  return rows.map(({ packed, raw, ...row }) => ({ ...row, body: packed === null ? raw : unpack(packed) }));
}

export interface DeliverSettlement {
  readonly channel: string;
  readonly destination: string;
  /** A parked message holds its lane. */
  readonly holdParked: boolean;
  readonly done: readonly { readonly work: DeliverWork; readonly outcome: DeliverOutcome }[];
}

/** Writes what became of a batch, in one statement. Resolves to false when the lease is lost: then nothing was written. */
export async function settleDelivered(db: Sql, lease: Lease, settlement: DeliverSettlement): Promise<boolean> {
  const { done } = settlement;
  const [row] = await db.query<{ held: number }>(SETTLE, [
    lease.queue,
    lease.shard,
    lease.token,
    done.map(({ work }) => work.id),
    done.map(({ work }) => work.day),
    done.map(({ work }) => work.lane),
    done.map(({ work }) => work.others && arrayText(work.others)),
    done.map(({ outcome }) => outcome.kind),
    done.map(({ outcome }) => causeOf(outcome)?.code ?? null),
    done.map(({ outcome }) => causeOf(outcome)?.text ?? null),
    done.map(({ outcome }) => (outcome.kind === 'retry' ? outcome.due.toISOString() : null)),
    done.map(({ outcome }) => JSON.stringify([outcome.attempt])),
    settlement.destination,
    settlement.holdParked,
    settlement.channel,
  ]);
  return row?.held === 1;
}

function causeOf(outcome: DeliverOutcome): Cause | null {
  switch (outcome.kind) {
    case 'delivered':
      return null;
    case 'retry':
      return outcome.attempt.error;
    case 'parked':
      return outcome.cause;
  }
}
