/** The statements of the map stage: read the ready messages of a shard, write what became of them. */
import type { ConformanceFinding } from '../hl7/conformance/check.ts';
import { arrayText } from '../store/array.ts';
import type { Sql, Statement } from '../store/db.ts';
import type { Lease } from './lease.ts';
import { pack } from './packed.ts';
import { rowsOfDone } from './rows-of-done.ts';
import type { Cause, DeliveryContent } from './types.ts';
import { predecessor, waits } from './waits.ts';

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
  /** It was replayed. */
  readonly again: boolean;
  /** The id before it in its lane that has a row still; null where it is the first. */
  readonly before: string | null;
  readonly raw: Buffer;
  readonly received: Date;
  /** The sender's address, or `byHand`. */
  readonly peer: string;
}

/** What a destination is to be sent: the bundle, the message as received, or the message as edited for it. */
export interface Onward {
  readonly destination: string;
  readonly content: DeliveryContent;
  /** The edited message; null where it is the bundle, or the message as received. */
  readonly body: Uint8Array | null;
}

/** What a bundle says of the patients that it updates, by their addresses in it. */
export interface MappedPatients {
  readonly updates: readonly string[];
  /** Whom it gives up, and who goes on. */
  readonly givenUp: ReadonlyMap<string, string>;
  /** Who is given up no more. */
  readonly active: readonly string[];
  /** The bundle as JSON, with these marked as given up. */
  readonly marked: (givenUp: ReadonlyMap<string, string>) => Uint8Array;
}

/**
 * What mapping made of it, and what a conformance check says of it (undefined: it was not checked). `body` is the bundle as JSON; null where no
 * destination takes one.
 */
export type MapOutcome = MappedTo & { readonly findings?: readonly ConformanceFinding[] };

type MappedTo =
  | {
      readonly kind: 'mapped';
      readonly mapping: string | null;
      readonly body: Uint8Array | null;
      /** At least one. */
      readonly onward: readonly Onward[];
      /** Absent where the bundle updates no patients. */
      readonly patients?: MappedPatients;
    }
  | { readonly kind: 'filtered'; readonly cause: Cause }
  | { readonly kind: 'parked'; readonly cause: Cause; readonly mapping: string | null; readonly body: Uint8Array | null };

const TAKE: Statement = {
  name: 'map-take',
  text: `
select q.id::text, q.day::text, q.lane, q.others, q.content is not null as again, m.raw, m.received, m.peer,
  q.blocker, ${waits}, ${predecessor}
from queue q cross join lateral (select raw, received, peer from message m where m.id = q.id and m.day = q.day offset 0) m
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
  select d.* from unnest($4::bigint[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int[], $13::int[], $14::smallint[],
      $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
    as d(id, day, lane, others, state, cause_code, cause_text, mapping, start, length, open, destinations, contents, starts, lengths, passed), held
), gone as (
  delete from queue q using (
    select d.*, h.tid from done d ${rowsOfDone}
  ) d where q.ctid = d.tid
  returning q.shard, q.lane, q.others, q.blocker, d.id, d.day, d.state, d.cause_code, d.cause_text, d.mapping, d.start, d.length, d.open,
    d.destinations::text[] as destinations, d.contents::text[] as contents, d.starts::int[] as starts, d.lengths::int[] as lengths
), settled as (
  select * from gone where not blocker
), written as (
  insert into status (id, day, channel, state, open, mapping, cause_code, cause_text)
  select id, day, $16, case when state = 'mapped' then 'waiting' else state end, open, mapping, cause_code, cause_text from settled
  on conflict (id, day) do update set state = excluded.state, open = excluded.open, failed = 0, mapping = excluded.mapping,
    cause_code = excluded.cause_code, cause_text = excluded.cause_text
), bundles as (
  insert into bundle (id, day, body) select id, day, substring($15::bytea from start + 1 for length) from settled where length >= 0
  on conflict (id, day) do update set body = excluded.body
), deliveries as (
  insert into delivery (id, day, destination, state, content, body)
  select d.id, d.day, t.destination, 'waiting', t.content, case when t.length >= 0 then substring($15::bytea from t.start + 1 for t.length) end
  from settled d cross join lateral unnest(d.destinations, d.contents, d.starts, d.lengths) t(destination, content, start, length)
  on conflict (id, day, destination) do update
    set state = 'waiting', cause_code = null, cause_text = null, due = null, content = excluded.content, body = excluded.body
), work as (
  insert into queue (queue, shard, id, lane, day, others, blocker, content)
  select 'deliver/' || $16::text || '/' || t.destination, g.shard, g.id, g.lane, g.day, g.others, g.blocker, nullif(t.content, 'bundle')
  from gone g cross join lateral unnest(g.destinations, g.contents) t(destination, content)
  on conflict (queue, shard, id, lane) do update set blocker = excluded.blocker, others = excluded.others, content = excluded.content
), unreserved as (
  -- A replayed message keeps its place at its destinations while it is mapped again; it may not come there this time.
  delete from queue q using (
    select h.tid from done d cross join lateral unnest(d.passed::text[]) t(destination) cross join lateral (
      select m.ctid as tid from queue m
      where m.queue = 'deliver/' || $16::text || '/' || t.destination and m.lane = any(d.others::text[] || d.lane) and m.id = d.id offset 0) h
  ) d where q.ctid = d.tid
), stopped as (
  insert into hold (queue, lane, shard, since, attempts, until) select distinct $1, lane, shard, now(), 0, 'infinity'::timestamptz from gone
  where state = 'parked' and $17::boolean on conflict (queue, lane) do update set until = 'infinity'
), counted as (
  insert into tally (channel, waiting, filtered, parked)
  select $16, -count(*) filter (where state <> 'mapped'), count(*) filter (where state = 'filtered'), count(*) filter (where state = 'parked')
  from settled having count(*) filter (where state <> 'mapped') > 0
)
select count(*)::int as settled, (select count(*) from held)::int as held from settled`,
};

/** Up to `limit` messages of the lease's shard with ids above `after`, in order, but for those of lanes that are held. */
export function takeMapWork(db: Sql, lease: Lease, after: string, limit: number): Promise<MapWork[]> {
  return db.query<MapWork>(TAKE, [lease.queue, lease.shard, after, limit]);
}

export interface MapSettlement {
  readonly channel: string;
  /** All destinations of the channel: a message that does not go to one any more gives up its place there. */
  readonly destinations: readonly string[];
  /** A parked message holds its lane. */
  readonly holdParked: boolean;
  readonly done: readonly { readonly work: MapWork; readonly outcome: MapOutcome }[];
}

/** Writes what became of a batch, in one statement. Resolves to false when the lease is lost: then nothing was written. */
export async function settleMapped(db: Sql, lease: Lease, settlement: MapSettlement): Promise<boolean> {
  const { done } = settlement;
  const blob = new Blob();
  const bundles = done.map(({ outcome }) => blob.add(outcome.kind === 'filtered' ? null : outcome.body));
  const onward = done.map(({ outcome }) =>
    (outcome.kind === 'mapped' ? outcome.onward : []).map(({ body, ...to }) => ({ ...to, ...blob.add(body) })),
  );
  const arrays = (read: (to: (typeof onward)[number][number]) => string | number) =>
    onward.map((all) => arrayText(all.map(read)));
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
    bundles.map(({ start }) => start),
    bundles.map(({ length }) => length),
    onward.map(({ length }) => length),
    blob.bytes(),
    settlement.channel,
    settlement.holdParked,
    arrays(({ destination }) => destination),
    arrays(({ content }) => content),
    arrays(({ start }) => start),
    arrays(({ length }) => length),
    done.map(({ work }, at) => (work.again ? arrayText(passedOver(settlement, onward[at])) : null)),
  ]);
  return row?.held === 1;
}

/** The destinations that a message does not go to this time. */
function passedOver(
  { destinations }: MapSettlement,
  onward: readonly { readonly destination: string }[] | undefined,
): readonly string[] {
  return destinations.filter((name) => !onward?.some(({ destination }) => destination === name));
}

/** Many bodies as one parameter of a statement; each is a slice of it. */
class Blob {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Where the body is, deflated; length -1 for none. */
  add(body: Uint8Array | null): { readonly start: number; readonly length: number } {
    const start = this.#length;
    if (body === null) return { start, length: -1 };
    const packed = pack(body);
    this.#parts.push(packed);
    this.#length += packed.length;
    return { start, length: packed.length };
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
