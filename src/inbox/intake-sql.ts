/**
 * One statement stores a whole group: raw bytes lie end to end in $9 and are cut by offset and length. A message whose control id and bytes are
 * already there within its window is not stored again; one with the same control id and other bytes is, and says with which it conflicts. Ids are
 * drawn in the order of arrival.
 */
import type { Statement } from '../store/db.ts';

/** What every group needs. */
const plain = {
  columns: '',
  arrays: '',
  state: `case when o.cause_code is null then 'waiting' else 'refused' end`,
  cause: 'o.cause_code, o.cause_text',
  answer: 'o.ack_length',
  carried: '',
  knownBy: '',
  alike: 'control_id = i.control_id',
  also: '',
};

/**
 * What some groups need beside: messages that were settled on their way in, conflicts that are parked or rejected, and application ACKs that are
 * owed. A statement of its own, so that a channel without them does not pay for them.
 */
const full: typeof plain = {
  columns: ', state, on_conflict, conflict_ack_length, hold, reply, findings, known_by',
  arrays: ', $22::text[], $23::text[], $24::int[], $25::bool[], $26::text[], $27::text[], $29::text[]',
  state: `case when o.cause_code is null and o.conflict is not null and o.on_conflict = 'reject' then 'refused'
    when o.cause_code is null and o.conflict is not null and o.on_conflict = 'park' then 'parked' else o.state end`,
  cause: `case when o.cause_code is null and o.conflict is not null and o.on_conflict <> 'accept' then 'listen-conflict' else o.cause_code end as cause_code,
    case when o.cause_code is null and o.conflict is not null and o.on_conflict <> 'accept' then $28::text else o.cause_text end as cause_text`,
  // The ACK of a conflict that is rejected lies behind the one that it has else: -2 and below; -1 is none.
  answer: `case when o.cause_code is null and o.conflict is not null and o.on_conflict = 'reject' then -2 - o.conflict_ack_length else o.ack_length end`,
  carried: ', o.hold, o.reply, o.findings, o.known_by',
  knownBy: ', known_by',
  // Two indexes, of which a message needs one.
  alike: `id = any(array(
          select id from message where i.known_by is null and channel = i.channel and control_id = i.control_id and day >= i.since::date
          union all
          select id from message where channel = i.channel and known_by = i.known_by and day >= i.since::date))`,
  also: `, stopped as (
  insert into hold (queue, lane, shard, since, attempts, until)
  select distinct on (channel, lane) 'map/' || channel, lane, shard, now(), 0, 'infinity'::timestamptz from numbered where state = 'parked' and hold
  on conflict (queue, lane) do update set until = 'infinity'
), owing as (
  -- A rejection that answers the message needs no other answer.
  insert into reply (id, day, channel, sender, control_id, state, due)
  select id, day, channel, sender, reply, case when ready then 'ready' else 'owed' end, case when ready then now() end
  from (select n.*, state in ('refused', 'parked', 'filtered') as ready from numbered n) n
  where reply is not null and (state <> 'refused' or answer_length = -1)
  returning channel
), unanswered as (
  insert into tally (channel, unanswered) select channel, count(*) from owing group by channel
), found as (
  insert into finding (id, day, findings) select id, day, findings::jsonb from numbered where findings is not null
)`,
};

function store(name: string, { columns, arrays, state, cause, answer, carried, knownBy, alike, also }: typeof plain): Statement {
  return {
    name,
    text: `
with incoming as (
  select r.* from unnest($1::int[], $2::text[], $3::timestamptz[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $10::bytea[],
    $11::int[], $12::int[], $13::int[], $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::int[], $19::text[], $20::text[]${arrays})
    as r(ord, channel, received, day, peer, sender, type, control_id, digest, start, length, ack_length, since, cause_code, cause_text,
      lane, shard, others, other_shards${columns})
), judged as materialized (
  -- The earlier message with its control id, where there is one: "offset 0": found by control id, never by walking the day in order of id.
  select i.*, k.id as known, k.day as known_day, k.ack as known_ack, coalesce(k.same, false) as same
  from incoming i left join lateral (
    select * from (
      select id, day, ack, digest = i.digest as same from message k
      where i.since is not null and channel = i.channel and ${alike} and day >= i.since::date and received >= i.since
        and (digest = i.digest or i.control_id <> '')
        -- What was refused is not known: it may be taken when it comes again.
        and not exists (select from status s where s.id = k.id and s.day = k.day and s.state = 'refused') offset 0
    ) found order by same desc, id limit 1) k on true
), numbered as materialized (
  select nextval('message_id') as id, o.ord, o.channel, o.received, o.day, o.peer, o.sender, o.type, o.control_id, o.digest, o.start, o.length, o.lane,
    o.shard, o.others::text[] as others, o.other_shards::int[] as other_shards, o.conflict, ${state} as state, ${cause}, o.ack_length, ${answer} as answer_length${carried}
  from (select j.*, j.known as conflict from judged j where not same order by ord) o
), stored as (
  insert into message (id, day, channel, received, peer, sender, type, control_id, digest, lane, others, raw, ack, conflict${knownBy})
  select id, day, channel, received, peer, sender, type, control_id, digest, lane, others, substring($9::bytea from start + 1 for length),
    case when answer_length >= 0 then substring($9::bytea from start + length + 1 for answer_length)
      when answer_length < -1 then substring($9::bytea from start + length + greatest(ack_length, 0) + 1 for -2 - answer_length) end, conflict${knownBy}
  from numbered
), status as (
  -- A message that waits to be mapped has no status yet.
  insert into status (id, day, channel, state, cause_code, cause_text)
  select id, day, channel, state, cause_code, cause_text from numbered where state <> 'waiting'
), work as (
  insert into queue (queue, shard, id, lane, day, others, blocker)
  select 'map/' || channel, shard, id, lane, day, others, false from numbered where state = 'waiting'
  union all
  select 'map/' || n.channel, o.shard, n.id, o.lane, n.day, array[n.lane], true
  from numbered n cross join lateral unnest(n.others, n.other_shards) o(lane, shard) where n.state = 'waiting' and n.others is not null
)${also}, counted as (
  insert into tally (channel, received, waiting, parked, filtered, refused, duplicates, conflicts, heard)
  select channel, count(*) filter (where state not in ('refused', 'duplicate')), count(*) filter (where state = 'waiting'),
    count(*) filter (where state = 'parked'), count(*) filter (where state = 'filtered'), count(*) filter (where state = 'refused'),
    count(*) filter (where state = 'duplicate'), count(conflict), max(received)
  from (
    select channel, received, state, conflict from numbered union all select channel, received, 'duplicate', null from judged where same
  ) c group by channel
), noted as (
  insert into batch (id, ids, days)
  select $21::uuid, array_agg(id order by ord), array_agg(day order by ord)
  from (select ord, id, day from numbered union all select ord, known, known_day from judged where same) b
)
select ord, id::text, day::text, false as duplicate, state, null::bytea as ack from numbered
union all select ord, known::text, known_day::text, true, 'duplicate', known_ack from judged where same
order by ord`,
  };
}

/** For groups of which none needs more: 21 values. */
export const STORE = store('intake-store', plain);
/** For all others: 29 values. */
export const STORE_ALL = store('intake-store-all', full);

/** What a group that was committed before its connection broke became: the answers are those that are stored. */
export const FIND_BATCH: Statement = {
  name: 'intake-find-batch',
  text: `
select (b.ord - 1)::int as ord, b.id::text, b.day::text, false as duplicate, coalesce(s.state, 'waiting') as state, m.ack
from (select u.* from batch, unnest(ids, days) with ordinality u(id, day, ord) where batch.id = $1) b
cross join lateral (select ack from message m where m.id = b.id and m.day = b.day offset 0) m
left join lateral (select state from status s where s.id = b.id and s.day = b.day offset 0) s on true
order by b.ord`,
};
/** A message as it lies in the store now. */
export interface StoredRow {
  readonly ord: number;
  readonly id: string;
  readonly day: string;
  readonly duplicate: boolean;
  readonly state: string;
  readonly ack: Buffer | null;
}

export const FORGET_BATCHES: Statement = {
  name: 'intake-forget',
  text: `delete from batch where stored < now() - interval '15 minutes'`,
};
