/** What became of each ACK: noted after it left, in batches, beside the way of the message. */
import type { Db, Statement } from '../store/db.ts';
import type { Kept } from './intake.ts';

const NOTE: Statement = {
  name: 'acks-note',
  text: `insert into ack (id, day, outcome) select * from unnest($1::bigint[], $2::date[], $3::text[])
on conflict (id, day) do update set outcome = 'sent' where excluded.outcome = 'sent'`,
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
  let notes = new Map<string, { day: string; outcome: string }>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<unknown> = Promise.resolve();

  function flush(): void {
    timer = null;
    const batch = [...notes];
    notes = new Map();
    if (batch.length === 0) return;
    const values = [batch.map(([id]) => id), batch.map(([, note]) => note.day), batch.map(([, note]) => note.outcome)];
    running = running.then(() => db.query(NOTE, values)).catch(() => {});
  }

  return {
    note({ id, day }, outcome) {
      notes.set(id, { day, outcome });
      timer ??= setTimeout(flush, GATHER);
    },
    async drain() {
      if (timer) clearTimeout(timer);
      flush();
      await running;
    },
  };
}
