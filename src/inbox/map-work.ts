/** The statements of the map stage: read the ready messages of a shard, write what became of them. */
import type { Db, Statement } from '../store/db.ts';
import type { Lease } from './lease.ts';
import { pack } from './packed.ts';
import { predecessor } from './predecessor.ts';
import { rowsOfDone } from './rows-of-done.ts';
import { arrayText } from './shard.ts';
import type { Cause } from './types.ts';

/** A message that waits to be mapped. */
export interface MapWork {
  readonly id: string;
  readonly day: string;
  readonly lane: string;
  /** The message's further lanes; of a blocker the lane whose row does the work. Null where there are none. */
  readonly others: readonly string[] | null;
  /** It must wait for an earlier message in one of its other lanes. */
  readonly waits: boolean;
  /** The row of a merge's further lane: it only keeps that lane waiting; the row of the first lane, in another shard perhaps, does the work. */
  readonly blocker: boolean;
  /** The id before it in its lane that has a row still; null where it is the first. */
  readonly before: string | null;
  readonly raw: Buffer;
  readonly received: Date;
}

/** What mapping made of it. `body` is the bundle as JSON. */
export type MapOutcome =
  | { readonly kind: 'mapped'; readonly mapping: string; readonly body: Uint8Array }
  | { readonly kind: 'filtered'; readonly cause: Cause }
  | { readonly kind: 'parked'; readonly cause: Cause; readonly mapping: string | null; readonly body: Uint8Array | null };

const TAKE: Statement = {
  name: 'map-take',
  text: `
select q.id::text, q.day::text, q.lane, q.others, m.raw, m.received,
  q.blocker or (q.others is not null and exists (select from queue e where e.queue = q.queue and e.lane = any(q.others) and e.id < q.id)) as waits,
  q.blocker, ${predecessor}
from queue q cross join lateral (select raw, received from message m where m.id = q.id and m.day = q.day offset 0) m
where q.queue = $1 and q.shard = $2 and q.id > $3::bigint
  and not exists (select from hold h where h.queue = q.queue and h.lane = q.lane and h.until > now())
order by q.id limit $4`,
};

const SETTLE: Statement = {
  name: 'map-settle',
  text: `
with quick as (
  -- Not worth an fsync: what a crash of the server takes back is mapped again, and nothing of it was delivered for good.
  select set_config('synchronous_commit', 'off', true)
), held as (
  select from quick, lease where queue = $1 and shard = $2 and token = $3::bigint for key share of lease
), done as (
  select d.* from unnest($4::bigint[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int[], $13::int[])
    as d(id, day, lane, others, state, cause_code, cause_text, mapping, start, length), held
), gone as (
  delete from queue q using (
    select d.*, h.tid from done d ${rowsOfDone}
  ) d where q.ctid = d.tid
  returning q.shard, q.lane, q.others, q.blocker, d.id, d.day, d.state, d.cause_code, d.cause_text, d.mapping, d.start, d.length
), settled as (
  select * from gone where not blocker
), written as (
  update status s set state = case when d.state = 'mapped' then 'waiting' else d.state end,
    open = case when d.state = 'mapped' then cardinality($14::text[]) else 0 end, failed = 0,
    mapping = d.mapping, cause_code = d.cause_code, cause_text = d.cause_text
  from settled d where s.id = d.id and s.day = d.day
), bundles as (
  insert into bundle (id, day, body) select id, day, substring($15::bytea from start + 1 for length) from settled where length >= 0
  on conflict (id, day) do update set body = excluded.body
), deliveries as (
  insert into delivery (id, day, destination, state) select d.id, d.day, t.name, 'waiting' from settled d cross join unnest($14::text[]) t(name)
  where d.state = 'mapped'
  on conflict (id, day, destination) do update set state = 'waiting', cause_code = null, cause_text = null, due = null
), work as (
  insert into queue (queue, shard, id, lane, day, others, blocker)
  select 'deliver/' || $16::text || '/' || t.name, g.shard, g.id, g.lane, g.day, g.others, g.blocker
  from gone g cross join unnest($14::text[]) t(name) where g.state = 'mapped'
  on conflict (queue, shard, id, lane) do update set blocker = excluded.blocker, others = excluded.others
), unreserved as (
  -- A replayed message keeps its place at its destinations while it is mapped again; it may not come there this time.
  delete from queue q using (
    select h.tid from done d cross join unnest($14::text[]) t(name) cross join lateral (
      select m.ctid as tid from queue m
      where m.queue = 'deliver/' || $16::text || '/' || t.name and m.lane = any(d.others::text[] || d.lane) and m.id = d.id offset 0) h
    where d.state <> 'mapped'
  ) d where q.ctid = d.tid
), stopped as (
  insert into hold (queue, lane, shard, since, attempts, until) select distinct $1, lane, $2::smallint, now(), 0, 'infinity'::timestamptz from settled
  where state = 'parked' and $17::boolean on conflict (queue, lane) do update set until = 'infinity'
), counted as (
  insert into tally (channel, waiting, filtered, parked)
  select $16, -count(*) filter (where state <> 'mapped'), count(*) filter (where state = 'filtered'), count(*) filter (where state = 'parked')
  from settled having count(*) filter (where state <> 'mapped') > 0
)
select count(*)::int as settled, (select count(*) from held)::int as held from settled`,
};

/** Up to `limit` messages of the lease's shard with ids above `after`, in order, but for those of lanes that are held. */
export function takeMapWork(db: Db, lease: Lease, after: string, limit: number): Promise<MapWork[]> {
  return db.query<MapWork>(TAKE, [lease.queue, lease.shard, after, limit]);
}

export interface MapSettlement {
  readonly channel: string;
  readonly destinations: readonly string[];
  /** A parked message holds its lane. */
  readonly holdParked: boolean;
  readonly done: readonly { readonly work: MapWork; readonly outcome: MapOutcome }[];
}

/** Writes what became of a batch, in one statement. Resolves to false when the lease is lost: then nothing was written. */
export async function settleMapped(db: Db, lease: Lease, settlement: MapSettlement): Promise<boolean> {
  const { done } = settlement;
  const bodies: Uint8Array[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  let length = 0;
  for (const { outcome } of done) {
    const body = outcome.kind === 'filtered' || outcome.body === null ? null : pack(outcome.body);
    starts.push(length);
    lengths.push(body?.length ?? -1);
    if (body) {
      bodies.push(body);
      length += body.length;
    }
  }
  const [row] = await db.query<{ held: number }>(SETTLE, [
    lease.queue,
    lease.shard,
    lease.token,
    done.map(({ work }) => work.id),
    done.map(({ work }) => work.day),
    done.map(({ work }) => work.lane),
    done.map(({ work }) => work.others && arrayText(work.others)),
    done.map(({ outcome }) => outcome.kind),
    done.map(({ outcome }) => (outcome.kind === 'mapped' ? null : outcome.cause.code)),
    done.map(({ outcome }) => (outcome.kind === 'mapped' ? null : outcome.cause.text)),
    done.map(({ outcome }) => (outcome.kind === 'filtered' ? null : outcome.mapping)),
    starts,
    lengths,
    settlement.destinations,
    Buffer.concat(bodies),
    settlement.channel,
    settlement.holdParked,
  ]);
  return row?.held === 1;
}
