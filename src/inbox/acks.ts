/** What became of each ACK: noted after it left, many at once, beside the way of the message. */
import type { Db, Statement } from '../store/db.ts';
import type { Kept } from './incoming.ts';

const NOTE: Statement = {
  name: 'acks-note',
  text: `insert into acked (day, outcome, ids) select * from unnest($1::date[], $2::text[], $3::int8multirange[])`,
};

const GATHER = 100;

export interface Acks {
  /** Notes that the ACK of a message was handed to its connection, or that the connection was gone. */
  note(kept: Pick<Kept, 'id' | 'day'>, outcome: 'sent' | 'lost'): void;
  /** Resolves when all that was noted is written. */
  drain(): Promise<void>;
}

/** A note that cannot be written is dropped: the message's ACK then reads as owed, which is what a sender that asks again is told. */
export function openAcks(db: Db): Acks {
  /** Ids by outcome and day. */
  let notes = new Map<string, number[]>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<unknown> = Promise.resolve();

  function flush(): void {
    timer = null;
    const batch = [...notes];
    notes = new Map();
    if (batch.length === 0) return;
    const keys = batch.map(([key]) => key.split(' '));
    const values = [keys.map(([, day]) => day), keys.map(([outcome]) => outcome), batch.map(([, ids]) => multirange(ids))];
    running = running.then(() => db.query(NOTE, values)).catch(() => {});
  }

  return {
    note({ id, day }, outcome) {
      const key = `${outcome} ${day}`;
      const ids = notes.get(key);
      if (ids) ids.push(Number(id));
      else notes.set(key, [Number(id)]);
      timer ??= setTimeout(flush, GATHER);
    },
    async drain() {
      if (timer) clearTimeout(timer);
      flush();
      await running;
    },
  };
}

/** Numbers as PostgreSQL writes sets of them: `{[5,9],[12,12]}`. */
function multirange(ids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && id <= last[1] + 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return `{${ranges.map(([from, to]) => `[${from},${to}]`).join(',')}}`;
}
