/**
 * Application ACKs that are owed (HL7 2.9, 2.9.3.2). A row is written with its message, in one commit, and holds the control id that the ACK will have,
 * however often it is sent. When it is known what became of the message the row becomes ready, and whoever has a way to the sender takes it.
 */
import type { Db, Statement } from '../store/db.ts';
import type { Cause, MessageState } from './types.ts';

/** When it is known what became of a message. */
export type ReplyTime = 'after-mapping' | 'after-delivery';

/** An application ACK that is to leave now. */
export interface DueReply {
  readonly id: string;
  readonly day: string;
  readonly sender: string;
  /** Its MSH-10. */
  readonly controlId: string;
  /** As it was sent before; null where it was not. */
  readonly body: Buffer | null;
  readonly raw: Buffer;
  readonly state: MessageState;
  readonly causeCode: string | null;
  /** How often it was tried, this time included. */
  readonly attempts: number;
}

/**
 * What became of one. `sent`: it left; `confirmed` and `rejected`: the sender's accept ACK says so; `not-needed`: the sender does not want to hear
 * of this outcome; `unsent`: it has to be tried again.
 */
export interface ReplyNote {
  readonly reply: Pick<DueReply, 'id' | 'day'>;
  readonly state: 'sent' | 'confirmed' | 'rejected' | 'not-needed' | 'unsent';
  readonly code: string | null;
  readonly body: Uint8Array | null;
  /** When it is to be sent (again); null: never. */
  readonly due: Date | null;
  /** Why it could not leave, or was rejected; null where neither, or where its sender is just not there. */
  readonly cause: Cause | null;
}

const final = `(s.state in ('delivered', 'filtered', 'parked', 'refused') or r.channel = any($1::text[]) and s.mapping is not null and s.open > 0)`;

const SETTLED: Statement = {
  name: 'replies-settled',
  text: `
update reply r set state = 'ready', due = now() from unnest($2::bigint[], $3::date[]) d(id, day) join status s on s.id = d.id and s.day = d.day
where r.id = d.id and r.day = d.day and r.state = 'owed' and ${final}
returning 1`,
};
/** A part of those that are owed, from a place on: what a crash left between a message's outcome and its reply. */
const SWEEP: Statement = {
  name: 'replies-sweep',
  text: `
with owing as (
  select r.id, r.day, r.channel, s.state, s.mapping, s.open from (select id, day, channel from reply where state = 'owed' and id > $2::bigint order by id limit $3) r
  left join status s on s.id = r.id and s.day = r.day
), made as (
  update reply r set state = 'ready', due = now() from owing s
  where r.id = s.id and r.day = s.day and r.state = 'owed' and ${final} returning r.channel
)
select max(id)::text as last, count(*)::int as seen, coalesce(array_agg(distinct channel), '{}') as channels from owing`,
};
const TAKE: Statement = {
  name: 'replies-take',
  text: `
with taken as (
  select id, day from reply where channel = $1 and due <= now() and ($2::text[] is null or sender = any($2)) order by due, id limit $3
  for update skip locked
), claimed as (
  -- Nobody else takes it meanwhile; should this process end now, somebody does then.
  update reply r set due = now() + $4 * interval '1 ms', attempts = attempts + 1 from taken t where r.id = t.id and r.day = t.day
  returning r.id, r.day, r.sender, r.control_id, r.body, r.attempts
)
select c.id::text, c.day::text, c.sender, c.control_id as "controlId", c.body, c.attempts, m.raw, s.state, s.cause_code as "causeCode"
from claimed c join message m on m.id = c.id and m.day = c.day join status s on s.id = c.id and s.day = c.day order by c.id`,
};
const NOTE: Statement = {
  name: 'replies-note',
  text: `
with notes as (
  select n.*, r.state as before, r.channel
  from unnest($1::bigint[], $2::date[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[], $7::text[], $8::text[]) n(id, day, state, code, body, due, cause_code, cause_text)
  join reply r on r.id = n.id and r.day = n.day
  -- Its confirmation may come before the note that it was sent: whoever is second sees what the first did.
  order by r.id for update of r
), written as (
  update reply r set state = case when n.state = 'unsent' then r.state else n.state end, code = coalesce(n.code, r.code), body = coalesce(n.body, r.body),
    sent = case when n.state in ('sent', 'confirmed', 'rejected') then now() else r.sent end,
    -- Its message came again while it was on its way: it is due again.
    due = case when n.state in ('sent', 'unsent') and r.due <= clock_timestamp() then r.due else n.due end,
    cause_code = n.cause_code, cause_text = n.cause_text
  from notes n where r.id = n.id and r.day = n.day and r.state in ('owed', 'ready', 'sent')
)
insert into tally (channel, unanswered) select channel, -count(*) from notes
where before in ('owed', 'ready') and state <> 'unsent' group by channel`,
};
const CONFIRM: Statement = {
  name: 'replies-confirm',
  text: `
with found as (
  select id, day, channel, state from reply where control_id = $2 and channel = $1 and state in ('ready', 'sent', 'confirmed', 'rejected') for update
), written as (
  update reply r set state = case when $3 then 'confirmed' when $4 then 'sent' else 'rejected' end, sent = coalesce(r.sent, now()),
    due = case when $4 and not $3 then now() + interval '30 s' end
  from found f where r.id = f.id and r.day = f.day
), counted as (
  insert into tally (channel, unanswered) select channel, -1 from found where state = 'ready'
)
select 1 from found`,
};
const AGAIN: Statement = {
  name: 'replies-again',
  text: `update reply set due = now() where id = $1::bigint and day = $2::date and state in ('sent', 'ready')`,
};

/** Makes ready what is owed to settled messages; true where there was something. `early` are the channels that answer after mapping. */
export async function repliesSettled(
  db: Db,
  done: readonly { readonly id: string; readonly day: string }[],
  early: readonly string[],
): Promise<boolean> {
  const rows = await db.query(SETTLED, [early, done.map(({ id }) => id), done.map(({ day }) => day)]);
  return rows.length > 0;
}

/** Makes ready what can be of up to `limit` replies that are owed, behind `after`. Gives where it came to (null: the end), and their channels. */
export async function sweepReplies(
  db: Db,
  early: readonly string[],
  after: string,
  limit: number,
): Promise<{ last: string | null; channels: string[] }> {
  const [row] = await db.query<{ last: string | null; seen: number; channels: string[] }>(SWEEP, [early, after, limit]);
  return { last: row && row.seen === limit ? row.last : null, channels: row?.channels ?? [] };
}

/** Replies to be taken: `limit` at most, to these senders (null: to all). Nobody else takes them for `hold` milliseconds. */
export interface ReplyTake {
  readonly senders: readonly string[] | null;
  readonly limit: number;
  readonly hold: number;
}

/** Takes replies of a channel that are due. */
export function takeReplies(db: Db, channel: string, { senders, limit, hold }: ReplyTake): Promise<DueReply[]> {
  return db.query<DueReply>(TAKE, [channel, senders, limit, hold]);
}

/** Writes what became of replies that were taken. */
export async function noteReplies(db: Db, notes: readonly ReplyNote[]): Promise<void> {
  await db.query(NOTE, [
    notes.map(({ reply }) => reply.id),
    notes.map(({ reply }) => reply.day),
    notes.map(({ state }) => state),
    notes.map(({ code }) => code),
    notes.map(({ body }) => body),
    notes.map(({ due }) => due?.toISOString() ?? null),
    notes.map(({ cause }) => cause?.code ?? null),
    notes.map(({ cause }) => cause?.text ?? null),
  ]);
}

/**
 * An accept ACK came to an application ACK of ours, by its control id: CA (`positive`), CE (`again`) or CR. False where there is none of
 * that id.
 */
export async function confirmReply(
  db: Db,
  channel: string,
  controlId: string,
  { positive, again }: { readonly positive: boolean; readonly again: boolean },
): Promise<boolean> {
  const rows = await db.query(CONFIRM, [channel, controlId, positive, again]);
  return rows.length > 0;
}

/** The message came again: whoever sent it has not got its application ACK. */
export async function replyAgain(db: Db, id: string, day: string): Promise<void> {
  await db.query(AGAIN, [id, day]);
}
