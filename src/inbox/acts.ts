/** What a person did that is a message of its own: kept, ordered, delivered and shown as those of senders are. */
import type { Db, Statement } from '../store/db.ts';

/** The peer of such a message, where one that came over a socket has an address. */
export const byHand = 'operator';

export interface ActMessage {
  readonly id: string;
  readonly controlId: string;
  readonly raw: Uint8Array;
}

export interface Acts {
  /** The messages of a channel made by hand that have these control ids, oldest first. */
  made(channel: string, controlIds: readonly string[]): Promise<ActMessage[]>;
  /** The ADT messages that senders sent to a channel in any of these lanes, newest first. Lanes have no index: history is read from its end, a day at a time. */
  told(channel: string, lanes: readonly string[]): AsyncIterable<Uint8Array>;
}

const MADE: Statement = {
  name: 'acts-made',
  text: `select id::text, control_id as "controlId", raw from message where channel = $1 and control_id = any($2::text[]) and peer = $3 order by id`,
};
const TOLD: Statement = {
  name: 'acts-told',
  text: `
select raw from message
where day = $3::date and channel = $1 and peer <> $4 and type like 'ADT^%' and (lane = any($2::text[]) or others && $2::text[])
order by id desc`,
};
const DAYS: Statement = {
  name: 'acts-days',
  text: `
select right(c.relname, 8)::date::text as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'message'::regclass order by day desc`,
};

export function openActs(db: Db): Acts {
  return {
    made: (channel, controlIds) => db.query<ActMessage>(MADE, [channel, controlIds, byHand]),
    async *told(channel, lanes) {
      for (const { day } of await db.query<{ day: string }>(DAYS))
        for (const { raw } of await db.query<{ raw: Buffer }>(TOLD, [channel, lanes, day, byHand])) yield raw;
    },
  };
}
