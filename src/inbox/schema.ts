/**
 * The tables of the message of record. History (`message`, `status`, `acked`, `bundle`, `delivery`, `reply`) is partitioned by day; the hot rows (`queue`, `hold`,
 * `lease`, `tally`) stand apart and stay few, so that the cost of a message does not grow with what is stored.
 */
import type { Migration } from '../store/migrate.ts';

export const inboxMigrations: readonly Migration[] = [
  {
    id: '0001-inbox',
    sql: `
create sequence message_id;

-- The raw bytes as received, and the ACK that answered them. Written once.
create table message (
  id bigint not null,
  day date not null,
  channel text not null,
  received timestamptz not null,
  peer text not null,
  sender text not null,
  type text not null,
  control_id text not null,
  digest bytea not null,
  lane text not null,
  other text,
  raw bytea not null,
  ack bytea,
  primary key (id, day)
) partition by range (day);
create index message_control on message (channel, control_id);

-- What became of it. open: destinations still owed; failed: destinations that parked it.
create table status (
  id bigint not null,
  day date not null,
  channel text not null,
  state text not null,
  open smallint not null default 0,
  failed smallint not null default 0,
  mapping text,
  cause_code text,
  cause_text text,
  primary key (id, day)
) partition by range (day);
create index status_unfinished on status (channel, state, id) where state in ('waiting', 'parked', 'refused');

-- What became of its ACK. No row: still owed, or the engine died before it left.
create table ack (
  id bigint not null,
  day date not null,
  outcome text not null,
  primary key (id, day)
) partition by range (day);

-- What a message was mapped to, deflated before it comes here: PostgreSQL's own compression costs it more than all the rest of a message.
create table bundle (
  id bigint not null,
  day date not null,
  body bytea not null,
  primary key (id, day)
) partition by range (day);

alter table message alter column raw set storage external;
alter table bundle alter column body set storage external;

create table delivery (
  id bigint not null,
  day date not null,
  destination text not null,
  state text not null,
  cause_code text,
  cause_text text,
  due timestamptz,
  attempts jsonb not null default '[]',
  primary key (id, day, destination)
) partition by range (day);

-- Work to do, in order: one row a message and lane of a queue ('map/CHANNEL', 'deliver/CHANNEL/DESTINATION'). other: a merge waits in two
-- lanes; the row of its first lane does the work, that of the second (blocker) keeps the lane waiting.
create table queue (
  queue text not null,
  shard smallint not null,
  id bigint not null,
  lane text not null,
  day date not null,
  other text,
  blocker boolean not null default false,
  primary key (queue, shard, id, lane)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index queue_lane on queue (queue, lane, id);

-- A lane that waits: for its backoff, or (infinity) for a person.
create table hold (
  queue text not null,
  lane text not null,
  shard smallint not null,
  since timestamptz not null,
  attempts integer not null,
  until timestamptz not null,
  primary key (queue, lane)
);
create index hold_due on hold (queue, shard, until);

-- Who drains a shard. Each holder has a token of its own: what an earlier holder still tries to write is refused. The token is part of a key, so
-- that a holder's "for key share" keeps a next holder out but not its own renewals, which write no key.
create table lease (
  queue text not null,
  shard smallint not null,
  token bigint not null,
  owner text not null,
  expires timestamptz not null,
  primary key (queue, shard)
) with (fillfactor = 50);
create unique index lease_token on lease (queue, shard, token);

-- Figures as differences, written in the transaction that they count; folded now and then.
create table tally (
  channel text not null,
  received bigint not null default 0,
  delivered bigint not null default 0,
  filtered bigint not null default 0,
  waiting bigint not null default 0,
  parked bigint not null default 0,
  refused bigint not null default 0,
  duplicates bigint not null default 0,
  heard timestamptz
);

-- A batch that was committed although its connection broke before the answer is found here, and not stored twice.
create table batch (id uuid primary key, stored timestamptz not null default now(), ids bigint[] not null, days date[] not null);
`,
  },
  {
    id: '0002-answers',
    sql: `
-- The earlier message with the same control id and other content.
alter table message add column conflict bigint;

-- unanswered: application ACKs that are owed and have not left.
alter table tally add column conflicts bigint not null default 0, add column unanswered bigint not null default 0;

-- The application ACK of a message whose sender asked for one. owed: it is not known yet what becomes of the message; ready: it is, and the ACK is to
-- leave at due; sent; confirmed: the accept ACK to it came; rejected: the sender did not take it; not-needed: the sender did not want this outcome.
create table reply (
  id bigint not null,
  day date not null,
  channel text not null,
  sender text not null,
  control_id text not null,
  state text not null,
  code text,
  body bytea,
  attempts integer not null default 0,
  sent timestamptz,
  due timestamptz,
  primary key (id, day)
) partition by range (day);
create index reply_due on reply (channel, due) where due is not null;
create index reply_owed on reply (id) where state = 'owed';
create index reply_control on reply (control_id);
`,
  },
  {
    id: '0003-lanes',
    sql: `
-- A message that names several patients waits in the lanes of all of them: the row of its first lane does the work, those of the others (blocker) keep
-- their lanes waiting, and name the first.
alter table message rename column other to others;
alter table message alter column others type text[] using case when others is not null then array[others] end;
alter table queue rename column other to others;
alter table queue alter column others type text[] using case when others is not null then array[others] end;
`,
  },
  {
    id: '0003-known-by',
    sql: `
-- What a message is known again by, where that is not its control id.
alter table message add column known_by text;
create index message_known on message (channel, known_by) where known_by is not null;
`,
  },
  {
    id: '0003-sequence',
    sql: `
-- The sequence number that was last accepted of a sender (null: any is taken next), and the message that had it.
create table sequence (
  channel text not null,
  sender text not null,
  last bigint,
  id bigint,
  day date,
  control_id text,
  digest bytea,
  primary key (channel, sender)
) with (fillfactor = 50);
`,
  },
  {
    id: '0004-troubles',
    sql: `
-- What came to a listener and was no message: the first of its bytes, as many as size says. Few: what is recorded is bounded, what is counted is not.
create table trouble (
  id bigint generated always as identity primary key,
  channel text not null,
  at timestamptz not null,
  kind text not null,
  reason text,
  detail text,
  peer text not null,
  size bigint not null,
  bytes bytea not null
);
create index trouble_channel on trouble (channel, id);
alter table trouble alter column bytes set storage external;

create table trouble_count (
  channel text not null,
  kind text not null,
  count bigint not null,
  last timestamptz not null,
  primary key (channel, kind)
);
`,
  },
  {
    id: '0005-messages-out',
    sql: `
-- What a destination is sent: the bundle of the message, or the message itself. body: the message as edited for this destination, deflated; null: as received.
alter table delivery add column content text not null default 'bundle';
alter table delivery add column body bytea;
alter table delivery alter column body set storage external;
-- The same of a row that waits; null: the bundle, or a row that only keeps its lane waiting.
alter table queue add column content text;
`,
  },
  {
    id: '0006-findings',
    sql: `
-- What a conformance check said of a message: places and codes, and nothing of its content.
create table finding (
  id bigint not null,
  day date not null,
  findings jsonb not null,
  primary key (id, day)
) partition by range (day);
`,
  },
  {
    id: '0007-status-when-known',
    sql: `
-- A message has a status when something became of it; until then it stands in its channel's map queue. In that queue content 'again' marks a replay.
drop index status_unfinished;
create index status_unfinished on status (channel, state, id) where state in ('parked', 'refused');
`,
  },
  {
    id: '0008-reply-cause',
    sql: `
-- Why an application ACK could not leave at its last attempt, or was rejected. Never message content.
alter table reply add column cause_code text, add column cause_text text;
`,
  },
  {
    id: '0009-given-up',
    sql: `
-- Patients whom merges gave up, by their address in bundles ('Patient?identifier=…'), and who goes on; by which message. Few rows.
create table given_up (address text primary key, goes_on text not null, message bigint not null);
`,
  },
  {
    id: '0010-acked',
    sql: `
-- What became of the ACKs of many messages at once: a row a message cost a tenth of storing it (docs/adr/0010). A message that is in none is still owed its ACK, or the
-- engine died before it left; one that is in two, as it came again, has had it.
create table acked (
  day date not null,
  outcome text not null,
  ids int8multirange not null,
  span int8range not null generated always as (range_merge(ids)) stored
) partition by range (day);
create index acked_span on acked using gist (span);
do $$
declare part record;
begin
  for part in select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'ack'::regclass loop
    execute format('create table %I partition of acked %s', replace(part.name, 'ack_', 'acked_'), part.bound);
  end loop;
end $$;
insert into acked (day, outcome, ids) select day, outcome, range_agg(int8range(id, id, '[]')) from ack group by day, outcome, id / 1000;
drop table ack;
`,
  },
  {
    id: '0011-digest-when-asked',
    sql: `
-- Null: the message has a control id by which it is found, and its content is hashed when it is compared (docs/adr/0010).
alter table message alter column digest drop not null;
`,
  },
  {
    id: '0012-unsorted',
    sql: `
-- A group of a flood: its messages have no rows in the map queues yet, and get them in the order of unsorted, its first id of those that wait (docs/adr/0010). Beside ids and days:
-- of each message the channel (null: it does not wait), lane and shard, and its further lanes with their shards, as texts of arrays.
alter table batch add column unsorted bigint, add column channels text[], add column lanes text[], add column shards int[], add column others text[], add column other_shards text[];
alter table batch set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index batch_unsorted on batch (unsorted) where unsorted is not null;
`,
  },
];

/** The tables that are partitioned by day. */
export const historyTables = ['message', 'status', 'acked', 'bundle', 'delivery', 'reply', 'finding'] as const;
