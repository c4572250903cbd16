/**
 * A whole group is stored by one statement: raw bytes lie end to end in one value and are cut by offset and length. A message whose control id and bytes
 * are already there within its window is not stored again; one with the same control id and other bytes is, and says with which it conflicts. Ids are
 * drawn in the order of arrival.
 */
import type { Statement } from '../store/db.ts';
import { unsorted } from './sorting.ts';

/**
 * The quick way, for a group of messages that are all of one day and one lane each, taken, and to be mapped (docs/adr/0010). Where any of them may be known already
 * nothing is stored, and `known` says so: the group then goes the careful way, which looks closer. Its messages stand in their queue, or are to be sorted (`sorting.ts`).
 *
 * $7 raw bytes and ACKs end to end; $11 control ids of messages that may be duplicates; $14 a time from which the messages' are counted in milliseconds ($2); $15 their
 * day; $16 when the earliest window for duplicates begins, and $17 its day; $18 channels, $19 how many messages there are of each; $21 whether they are to stand in their queue at once.
 */
export const QUICK: Statement = {
  name: 'intake-quick',
  text: `
with numbered as materialized (
  -- In the list of what is selected, and not in "from": there each array would become a table first.
  select nextval('message_id') as id, generate_subscripts($8::int[], 1) as ord, unnest($1::text[]) as channel, unnest($2::int[]) as ms, unnest($3::text[]) as peer,
    unnest($4::text[]) as sender, unnest($5::text[]) as type, unnest($6::text[]) as control_id, unnest($8::int[]) as start, unnest($9::int[]) as length,
    unnest($10::int[]) as ack_length, unnest($12::text[]) as lane, unnest($13::int[]) as shard
), known as materialized (
  select from message
  where channel = any($18::text[]) and control_id = any($11::text[]) and day between $17::date and $15::date + 1 and received >= $16::timestamptz limit 1
), summary as materialized (
  select array_agg(id order by ord) as ids, exists (select from known) as known, $21::bool and not exists (${unsorted}) as sorted from numbered
), stored as (
  insert into message (id, day, channel, received, peer, sender, type, control_id, digest, lane, raw, ack)
  select id, $15::date, channel, $14::timestamptz + ms * interval '1 ms', peer, sender, type, control_id, case when control_id = '' then sha256(raw) end, lane, raw,
    case when ack_length >= 0 then substring($7::bytea from start + length + 1 for ack_length) end
  from numbered cross join lateral (select substring($7::bytea from start + 1 for length) as raw offset 0) r where not exists (select from known)
), work as (
  insert into queue (queue, shard, id, lane, day, blocker)
  select 'map/' || channel, shard, id, lane, $15::date, false from numbered where (select sorted and not known from summary)
), counted as (
  insert into tally (channel, received, waiting, heard)
  select c.channel, c.count, c.count, $14::timestamptz from unnest($18::text[], $19::int[]) c(channel, count) where not exists (select from known)
), noted as (
  insert into batch (id, ids, days, unsorted, channels, lanes, shards)
  select $20::uuid, ids, array_fill($15::date, array[cardinality(ids)]), case when not sorted then ids[1] end, case when not sorted then $1::text[] end,
    case when not sorted then $12::text[] end, case when not sorted then $13::int[] end
  from summary where not known
)
select known, ids::text, sorted from summary`,
};

/** The careful way, for every group. $30: whether its messages are to stand in their queue at once. */
export const CAREFUL: Statement = {
  name: 'intake-careful',
  text: `
with incoming as (
  select r.* from unnest($1::int[], $2::text[], $3::timestamptz[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $10::bytea[],
    $11::int[], $12::int[], $13::int[], $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::int[], $19::text[], $20::text[],
    $22::text[], $23::text[], $24::int[], $25::bool[], $26::text[], $27::text[], $29::text[])
    as r(ord, channel, received, day, peer, sender, type, control_id, digest, start, length, ack_length, since, cause_code, cause_text,
      lane, shard, others, other_shards, state, on_conflict, conflict_ack_length, hold, reply, findings, known_by)
), judged as materialized (
  -- The earlier message with its control id, where there is one: "offset 0": found by control id, never by walking the day in order of id.
  select i.*, k.id as known, k.day as known_day, k.ack as known_ack, coalesce(k.same, false) as same
  from incoming i left join lateral (
    select * from (
      -- Two indexes, of which a message needs one.
      select id, day, ack, coalesce(digest, sha256(raw)) = i.digest as same from message k
      where i.since is not null and channel = i.channel and id = any(array(
          select id from message where i.known_by is null and channel = i.channel and control_id = i.control_id and day >= (i.since at time zone 'UTC')::date
          union all
          select id from message where channel = i.channel and known_by = i.known_by and day >= (i.since at time zone 'UTC')::date))
        and day >= (i.since at time zone 'UTC')::date and received >= i.since
        and (i.control_id <> '' or coalesce(digest, sha256(raw)) = i.digest)
        -- What was refused is not known: it may be taken when it comes again.
        and not exists (select from status s where s.id = k.id and s.day = k.day and s.state = 'refused') offset 0
    ) found order by same desc, id limit 1) k on true
), numbered as materialized (
  select nextval('message_id') as id, o.ord, o.channel, o.received, o.day, o.peer, o.sender, o.type, o.control_id, o.digest, o.start, o.length, o.lane,
    o.shard, o.others::text[] as others, o.other_shards::int[] as other_shards, o.conflict, o.ack_length, o.hold, o.reply, o.findings, o.known_by,
    case when not o.conflicts then o.state when o.on_conflict = 'reject' then 'refused' else 'parked' end as state,
    case when o.conflicts then 'listen-conflict' else o.cause_code end as cause_code, case when o.conflicts then $28::text else o.cause_text end as cause_text,
    -- The ACK of a conflict that is rejected lies behind the one that it has else: -2 and below; -1 is none.
    case when o.conflicts and o.on_conflict = 'reject' then -2 - o.conflict_ack_length else o.ack_length end as answer_length
  from (
    select j.*, j.known as conflict, j.known is not null and j.cause_code is null and j.on_conflict <> 'accept' as conflicts
    from judged j where not same order by ord
  ) o
), stored as (
  insert into message (id, day, channel, received, peer, sender, type, control_id, digest, lane, others, raw, ack, conflict, known_by)
  select id, day, channel, received, peer, sender, type, control_id, digest, lane, others, substring($9::bytea from start + 1 for length),
    case when answer_length >= 0 then substring($9::bytea from start + length + 1 for answer_length)
      when answer_length < -1 then substring($9::bytea from start + length + greatest(ack_length, 0) + 1 for -2 - answer_length) end, conflict, known_by
  from numbered
), sorted as materialized (
  select $30::bool and not exists (${unsorted}) as now
), status as (
  -- A message that waits to be mapped has no status yet.
  insert into status (id, day, channel, state, cause_code, cause_text)
  select id, day, channel, state, cause_code, cause_text from numbered where state <> 'waiting'
), work as (
  insert into queue (queue, shard, id, lane, day, others, blocker)
  select 'map/' || channel, shard, id, lane, day, others, false from numbered where state = 'waiting' and (select now from sorted)
  union all
  select 'map/' || n.channel, o.shard, n.id, o.lane, n.day, array[n.lane], true
  from numbered n cross join lateral unnest(n.others, n.other_shards) o(lane, shard) where n.state = 'waiting' and n.others is not null and (select now from sorted)
), stopped as (
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
), counted as (
  insert into tally (channel, received, waiting, parked, filtered, refused, duplicates, conflicts, heard)
  select channel, count(*) filter (where state not in ('refused', 'duplicate')), count(*) filter (where state = 'waiting'),
    count(*) filter (where state = 'parked'), count(*) filter (where state = 'filtered'), count(*) filter (where state = 'refused'),
    count(*) filter (where state = 'duplicate'), count(conflict), max(received)
  from (
    select channel, received, state, conflict from numbered union all select channel, received, 'duplicate', null from judged where same
  ) c group by channel
), noted as (
  insert into batch (id, ids, days, unsorted, channels, lanes, shards, others, other_shards)
  select $21::uuid, array_agg(id order by ord), array_agg(day order by ord), min(id) filter (where channel is not null and not now),
    array_agg(channel order by ord) filter (where not now), array_agg(lane order by ord) filter (where not now),
    array_agg(shard order by ord) filter (where not now), array_agg(others order by ord) filter (where not now),
    array_agg(other_shards order by ord) filter (where not now)
  from (
    select ord, id, day, case when state = 'waiting' then channel end as channel, lane, shard, others::text, other_shards::text from numbered
    union all select ord, known, known_day, null, null, null, null, null from judged where same
  ) b cross join sorted
)
select ord, id::text, day::text, false as duplicate, state, null::bytea as ack, (select now from sorted) as sorted from numbered
union all select ord, known::text, known_day::text, true, 'duplicate', known_ack, true from judged where same
order by ord`,
};

/** What a group that was committed before its connection broke became: the answers are those that are stored. */
export const FIND_BATCH: Statement = {
  name: 'intake-find-batch',
  text: `
select (b.ord - 1)::int as ord, b.id::text, b.day::text, false as duplicate, coalesce(s.state, 'waiting') as state, m.ack, b.unsorted is null as sorted
from (select u.*, unsorted from batch, unnest(ids, days) with ordinality u(id, day, ord) where batch.id = $1) b
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
  /** False where it waits, and has no row in its queue yet. */
  readonly sorted: boolean;
}

export const FORGET_BATCHES: Statement = {
  name: 'intake-forget',
  text: `delete from batch where stored < now() - interval '15 minutes' and unsorted is null`,
};
