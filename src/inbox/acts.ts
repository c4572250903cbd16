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
  /** The latest ADT messages of a channel in any of these lanes, newest first. Reads history from its end. */
  told(channel: string, lanes: readonly string[], limit: number): Promise<Uint8Array[]>;
}

const MADE: Statement = {
  name: 'acts-made',
  text: `select id::text, control_id as "controlId", raw from message where channel = $1 and control_id = any($2::text[]) and peer = $3 order by id`,
};
const TOLD: Statement = {
  name: 'acts-told',
  text: `
select raw from message where channel = $1 and type like 'ADT^%' and (lane = any($2::text[]) or others && $2::text[])
order by id desc limit $3`,
};

export function openActs(db: Db): Acts {
  return {
    made: (channel, controlIds) => db.query<ActMessage>(MADE, [channel, controlIds, byHand]),
    told: async (channel, lanes, limit) => (await db.query<{ raw: Buffer }>(TOLD, [channel, lanes, limit])).map(({ raw }) => raw),
  };
}
