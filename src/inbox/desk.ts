/** What people and programs read of the message of record, and do to it. */
import type { ConformanceFinding } from '../hl7/conformance/check.ts';
import { arrayText } from '../store/array.ts';
import type { Db, Sql, Statement } from '../store/db.ts';
import { unpack } from './packed.ts';
import { deliverQueue, mapQueue, type QueueName, SHARDS, type Shard, shardOf, shardWalk } from './shard.ts';
import { sortAll } from './sorting.ts';
import type {
  AckState,
  Attempt,
  ChannelFigures,
  DeliveryDetail,
  InboxDesk,
  MessageDetail,
  MessageLine,
  MessageQuery,
  MessageState,
  ReplyDetail,
} from './types.ts';

const FIGURES: Statement = {
  name: 'desk-figures',
  text: `
select channel, sum(received)::float8 as received, sum(delivered)::float8 as delivered, sum(filtered)::float8 as filtered,
  sum(waiting)::float8 as waiting, sum(parked)::float8 as parked, sum(refused)::float8 as refused, sum(duplicates)::float8 as duplicates,
  sum(conflicts)::float8 as conflicts, sum(unanswered)::float8 as unanswered,
  max(heard) as "lastHeard"
from tally group by channel order by channel`,
};

/** The same figures, counted from the messages themselves: the proof of the tally. Costs a look at every message. */
const COUNTED: Statement = {
  name: 'desk-counted',
  text: `
select channel, count(*) filter (where state <> 'refused')::float8 as received,
  count(*) filter (where state = 'delivered')::float8 as delivered, count(*) filter (where state = 'filtered')::float8 as filtered,
  count(*) filter (where state = 'waiting')::float8 as waiting, count(*) filter (where state = 'parked')::float8 as parked,
  count(*) filter (where state = 'refused')::float8 as refused
from (select m.channel, coalesce(s.state, 'waiting') as state from message m left join status s on s.id = m.id and s.day = m.day) m group by channel order by channel`,
};

const OLDEST: Statement = {
  name: 'desk-oldest',
  text: `
select min(m.received) as oldest
from (
  select h.id, h.day from unnest($1::text[]) q(queue) cross join generate_series(0, ${SHARDS - 1}) s(shard)
  cross join lateral (select id, day from queue where queue = q.queue and shard = s.shard order by id limit 1) h
  union all
  (select ids[array_position(channels, $2)], days[array_position(channels, $2)] from batch where unsorted is not null and $2 = any(channels) order by unsorted limit 1)
) h join message m on m.id = h.id and m.day = h.day`,
};

/** A message that was never taken up has no status. */
const STATE = `coalesce(s.state, 'waiting')`;
const LINE = `m.id::text, m.channel, m.received, m.type, m.control_id as "controlId", m.sender, length(m.raw) as size, ${STATE} as state,
  coalesce(a.outcome, case when m.ack is null then 'not-owed' else 'owed' end) as ack, s.cause_code, s.cause_text`;
const BESIDE = `left join status s on s.id = m.id and s.day = m.day
left join lateral (select max(outcome) as outcome from acked where day = m.day and span @> m.id and ids @> m.id) a on true`;
const FROM = `message m ${BESIDE}`;

const MESSAGES: Statement = {
  name: 'desk-messages',
  text: `
select ${LINE} from ${FROM}
where ($1::text is null or m.channel = $1) and ($2::text is null or ${STATE} = $2) and ($3::bigint is null or m.id < $3)
order by m.id desc limit $4`,
};
/** Few messages are in these states: they are found by their own index. */
const UNFINISHED: Statement = {
  name: 'desk-unfinished',
  text: `
select ${LINE} from ${FROM}
where ($1::text is null or s.channel = $1) and s.state = $2 and s.state in ('parked', 'refused') and ($3::bigint is null or s.id < $3)
order by s.id desc limit $4`,
};
/** What waits stands in a queue, or is to be sorted into one; the last of each shard are the last of all. */
const WAITING: Statement = {
  name: 'desk-waiting',
  text: `
with recursive shards as (${shardWalk}), last as (
  select id, day from (
    select q.id, q.day from shards s cross join lateral (
      select id, day from queue where queue = s.queue and shard = s.shard and not blocker and ($2::bigint is null or id < $2) order by id desc limit $3) q
    where $1::text is null or split_part(s.queue, '/', 2) = $1
    union
    select u.id, u.day from (
      select ids, days, channels from batch where unsorted is not null and ($1::text is null or $1 = any(channels)) and ($2::bigint is null or unsorted < $2)
      order by unsorted desc limit $3::bigint + 1) b
    cross join lateral unnest(b.ids, b.days, b.channels) u(id, day, channel)
    where u.channel is not null and ($1::text is null or u.channel = $1) and ($2::bigint is null or u.id < $2)
  ) w order by id desc limit $3
)
select ${LINE} from last l cross join lateral (select * from message where id = l.id and day = l.day offset 0) m
${BESIDE} order by m.id desc`,
};
const MESSAGE: Statement = {
  name: 'desk-message',
  text: `select ${LINE}, m.raw, m.peer, m.ack as "ackBytes", s.mapping, b.body, m.conflict::text, f.findings,
  r.state as reply_state, r.control_id as reply_id, r.code as reply_code, r.body as reply_body, r.attempts as reply_attempts, r.sent as reply_sent, r.due as reply_due,
  r.cause_code as reply_cause_code, r.cause_text as reply_cause_text
from ${FROM} left join bundle b on b.id = m.id and b.day = m.day left join reply r on r.id = m.id and r.day = m.day
left join finding f on f.id = m.id and f.day = m.day where m.id = $1::bigint`,
};
const DELIVERIES: Statement = {
  name: 'desk-deliveries',
  text: `select destination, state, content, body, cause_code, cause_text, due, attempts from delivery where id = $1::bigint order by destination`,
};

/** A message that was never taken up gets its status now, so that there is something to lock. */
const OPEN: Statement = {
  name: 'desk-open',
  text: `insert into status (id, day, channel, state) select id, day, channel, 'waiting' from message where id = $1::bigint on conflict do nothing`,
};
const LOCK: Statement = {
  name: 'desk-lock',
  text: `
select m.day::text, m.channel, m.lane, m.others, s.state from status s join message m on m.id = s.id and m.day = s.day
where s.id = $1::bigint for update of s`,
};
const REPLAY: Statement = {
  name: 'desk-replay',
  text: `
with again as (
  update status set state = 'waiting', open = 0, failed = 0, cause_code = null, cause_text = null where id = $1::bigint and day = $2::date
), work as (
  insert into queue (queue, shard, id, lane, day, others, blocker, content)
  select 'map/' || $3::text, p.shard, $1::bigint, p.lane, $2::date, p.others::text[], p.blocker, 'again'
  from unnest($4::int[], $5::text[], $6::text[], $7::bool[]) p(shard, lane, others, blocker) on conflict do nothing
), reserved as (
  -- What came after it in its lanes waits at the destinations until it is mapped again.
  insert into queue (queue, shard, id, lane, day, others, blocker)
  select 'deliver/' || $3::text || '/' || v.destination, p.shard, $1::bigint, p.lane, $2::date, null, true
  from delivery v cross join unnest($4::int[], $5::text[]) p(shard, lane) where v.id = $1::bigint and v.day = $2::date on conflict do nothing
), freed as (
  delete from hold where lane = any($5::text[]) and until = 'infinity' and (queue = 'map/' || $3::text or queue like 'deliver/' || $3::text || '/%')
)
insert into tally (channel, waiting, parked, delivered, filtered)
values ($3, 1, -($8::text = 'parked')::int, -($8::text = 'delivered')::int, -($8::text = 'filtered')::int)`,
};
const PARK: Statement = {
  name: 'desk-park',
  text: `
with gone as (
  delete from queue where id = $1::bigint and lane = any($4::text[]) and (queue = 'map/' || $3::text or queue like 'deliver/' || $3::text || '/%')
), parked as (
  update status set state = 'parked', open = 0, failed = 1, cause_code = 'parked-by-hand', cause_text = $5 where id = $1::bigint and day = $2::date
), undelivered as (
  update delivery set state = 'parked', cause_code = 'parked-by-hand', cause_text = $5, due = null
  where id = $1::bigint and day = $2::date and state = 'waiting'
), freed as (
  -- A backoff was that of the first in its lane; where that was another message, it is tried once more.
  delete from hold where lane = any($4::text[]) and until < 'infinity' and queue like 'deliver/' || $3::text || '/%'
)
insert into tally (channel, waiting, parked) values ($3, -1, 1)`,
};

interface LineRow extends Omit<MessageLine, 'cause'> {
  readonly cause_code: string | null;
  readonly cause_text: string | null;
}
interface MessageRow extends LineRow {
  readonly raw: Buffer;
  readonly peer: string;
  readonly ackBytes: Buffer | null;
  readonly mapping: string | null;
  readonly body: Buffer | null;
  readonly conflict: string | null;
  readonly findings: ConformanceFinding[] | null;
  readonly reply_state: ReplyDetail['state'] | null;
  readonly reply_id: string;
  readonly reply_code: string | null;
  readonly reply_body: Buffer | null;
  readonly reply_attempts: number;
  readonly reply_sent: Date | null;
  readonly reply_due: Date | null;
  readonly reply_cause_code: string | null;
  readonly reply_cause_text: string | null;
}
type DeliveryRow = Pick<DeliveryDetail, 'destination' | 'state' | 'content' | 'due'> & {
  readonly body: Buffer | null;
  readonly cause_code: string | null;
  readonly cause_text: string | null;
  readonly attempts: (Pick<Attempt, 'status' | 'milliseconds'> & {
    readonly at: string;
    readonly error: { code: never; text: string } | null;
    /** Those of before there were ACKs have none. */
    readonly ack?: Attempt['ack'];
  })[];
};

export interface DeskOptions {
  readonly db: Db;
  readonly ring: (shards: readonly Shard[]) => void;
  /** Channels and their destinations that run now; a channel that does not run any more keeps its figures. */
  readonly channels: () => readonly { readonly name: string; readonly destinations: readonly { readonly name: string }[] }[];
  readonly parkedText: string;
}

/** Figures counted from the messages themselves, to hold against `figures()`. */
export type CountedFigures = Pick<
  ChannelFigures,
  'channel' | 'received' | 'delivered' | 'filtered' | 'waiting' | 'parked' | 'refused'
>;

export interface Desk extends InboxDesk {
  counted(): Promise<CountedFigures[]>;
}

/** Opens the desk. */
export function openDesk({ db, ring, channels, parkedText }: DeskOptions): Desk {
  const queuesOf = (channel: string): QueueName[] => {
    const destinations = channels().find(({ name }) => name === channel)?.destinations ?? [];
    return [mapQueue(channel), ...destinations.map(({ name }) => deliverQueue(channel, name))];
  };
  const ringAll = (channel: string): void =>
    ring(queuesOf(channel).flatMap((queue) => Array.from({ length: SHARDS }, (_, shard) => ({ queue, shard }))));
  return {
    async figures() {
      const rows = await db.query<Omit<ChannelFigures, 'oldestWaiting'>>(FIGURES);
      const found = new Map(rows.map((row) => [row.channel, row]));
      const names = new Set([...channels().map((channel) => channel.name), ...found.keys()]);
      return Promise.all(
        [...names].sort().map(async (channel) => {
          const figures = found.get(channel) ?? { ...nothing, channel };
          const [row] = figures.waiting > 0 ? await db.query<{ oldest: Date | null }>(OLDEST, [queuesOf(channel), channel]) : [];
          return { ...figures, oldestWaiting: row?.oldest ?? null };
        }),
      );
    },
    counted: () => db.query<CountedFigures>(COUNTED),
    async messages({ channel, state, before, limit }: MessageQuery) {
      const page = [before ?? null, limit];
      if (state === 'waiting') return (await db.query<LineRow>(WAITING, [channel ?? null, ...page])).map(line);
      const statement = state === 'parked' || state === 'refused' ? UNFINISHED : MESSAGES;
      return (await db.query<LineRow>(statement, [channel ?? null, state ?? null, ...page])).map(line);
    },
    async message(id) {
      if (!isId(id)) return null;
      const [row] = await db.query<MessageRow>(MESSAGE, [id]);
      if (!row) return null;
      const deliveries = await db.query<DeliveryRow>(DELIVERIES, [id]);
      return detail(row, deliveries);
    },
    async replay(id) {
      if (!isId(id)) return false;
      return act({ db, ring, ringAll }, id, async (tx, message) => {
        if (message.state === 'waiting' || message.state === 'refused') return false;
        const places = placesOf(message);
        const column = <T>(read: (place: Place) => T) => places.map(read);
        await tx.query(REPLAY, [
          id,
          message.day,
          message.channel,
          column((p) => shardOf(p.lane)),
          column((p) => p.lane),
          column((p) => p.others && arrayText(p.others)),
          column((p) => p.blocker),
          message.state,
        ]);
        return true;
      });
    },
    async park(id) {
      if (!isId(id)) return false;
      return act({ db, ring, ringAll }, id, async (tx, message) => {
        if (message.state !== 'waiting') return false;
        await tx.query(PARK, [id, message.day, message.channel, placesOf(message).map((p) => p.lane), parkedText]);
        return true;
      });
    },
  };
}

const none = { received: 0, delivered: 0, filtered: 0, waiting: 0, parked: 0, refused: 0, duplicates: 0 };
const nothing = { ...none, conflicts: 0, unanswered: 0, lastHeard: null };

interface Locked {
  readonly day: string;
  readonly channel: string;
  readonly lane: string;
  readonly others: readonly string[] | null;
  readonly state: MessageState;
}
interface Place {
  readonly lane: string;
  readonly others: readonly string[] | null;
  readonly blocker: boolean;
}

/** A message's rows in a queue: one for its lane, and for a merge one more that keeps each other lane waiting. */
function placesOf({ lane, others }: Locked): Place[] {
  const first = { lane, others, blocker: false };
  return [first, ...(others ?? []).map((other) => ({ lane: other, others: [lane], blocker: true }))];
}

interface Acting {
  readonly db: Db;
  readonly ring: (shards: readonly Shard[]) => void;
  readonly ringAll: (channel: string) => void;
}

/**
 * Does something to a message while nobody else does, and rings its channel: what waited behind it, in whatever lane and stage, may go on. What came before it stands in the
 * queues then, and so does the message itself if it waits.
 */
async function act(
  { db, ring, ringAll }: Acting,
  id: string,
  work: (tx: Sql, message: Locked) => Promise<boolean>,
): Promise<boolean> {
  ring(await sortAll(db, id));
  const { acted, message } = await db.transaction(async (tx) => {
    await tx.query(OPEN, [id]);
    const [row] = await tx.query<Locked>(LOCK, [id]);
    return { acted: row ? await work(tx, row) : false, message: row };
  });
  if (acted && message) ringAll(message.channel);
  return acted;
}

function line(row: LineRow): MessageLine {
  const { id, channel, received, type, controlId, sender, size, state, ack } = row;
  const cause = causeOf(row.cause_code, row.cause_text);
  return { id, channel, received, type, controlId, sender, size, state, ack: ack as AckState, cause };
}

function causeOf(code: string | null, text: string | null): MessageLine['cause'] {
  return code === null ? null : { code: code as 'filtered', text: text ?? '' };
}

function detail(row: MessageRow, deliveries: readonly DeliveryRow[]): MessageDetail {
  const { raw, peer, mapping, body, conflict } = row;
  return {
    ...line(row),
    raw,
    peer,
    ackText: row.ackBytes?.toString('utf8') ?? null,
    mapping,
    bundle: body && unpack(body).toString('utf8'),
    deliveries: deliveries.map(({ cause_code, cause_text, attempts, body: edited, ...delivery }) => ({
      ...delivery,
      sent: delivery.content === 'bundle' ? null : edited === null ? raw : unpack(edited),
      cause: causeOf(cause_code, cause_text),
      attempts: attempts.map(({ ack = null, ...attempt }) => ({ ...attempt, ack, at: new Date(attempt.at) })),
    })),
    reply: replyOf(row),
    conflict,
    findings: row.findings ?? [],
  };
}

function replyOf(row: MessageRow): ReplyDetail | null {
  if (row.reply_state === null) return null;
  return {
    state: row.reply_state,
    controlId: row.reply_id,
    code: row.reply_code,
    attempts: row.reply_attempts,
    sent: row.reply_sent,
    due: row.reply_due,
    cause: causeOf(row.reply_cause_code, row.reply_cause_text),
    text: row.reply_body?.toString('utf8') ?? null,
  };
}

/** A bigint as PostgreSQL reads it; anything else is no message's id. */
function isId(id: string): boolean {
  return /^\d{1,18}$/.test(id);
}
