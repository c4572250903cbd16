/**
 * What came to a listener and was no message, kept with its bytes for whoever looks for the cause. Bounded, so that a peer that sends junk without end
 * cannot fill the disk: so many a minute, so many a channel, so many bytes of each, for so many days. The count goes on beyond.
 */
import type { Db, Statement } from '../store/db.ts';
import type { Trouble, TroubleCount, TroubleDesk, TroubleDetail, TroubleLine, TroubleQuery } from './types.ts';

/** Bytes of one that are kept: its first. */
const BYTES = 65_536;
/** How many of a channel are recorded at once, and how many a second after that; the others are counted. */
const BURST = 60;
const PER_SECOND = 1;
/** How many of a channel are kept, and for how long: the newest. */
const KEPT = 1_000;
const DAYS = 30;
/** How long they are gathered before they are written. Milliseconds. */
const GATHER = 200;

const WRITE: Statement = {
  name: 'troubles-write',
  text: `insert into trouble (channel, at, kind, reason, detail, peer, size, bytes)
select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bytea[])`,
};
const COUNT: Statement = {
  name: 'troubles-count',
  text: `insert into trouble_count (channel, kind, count, last) select * from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[])
on conflict (channel, kind) do update set count = trouble_count.count + excluded.count, last = greatest(trouble_count.last, excluded.last)`,
};
const DROP: Statement = {
  name: 'troubles-drop',
  text: `delete from trouble t using unnest($1::text[]) c(channel)
where t.channel = c.channel and t.id <= (select id from trouble where channel = c.channel order by id desc offset ${KEPT} limit 1)`,
};
const DROP_OLD: Statement = {
  name: 'troubles-drop-old',
  text: `delete from trouble where at < $1::timestamptz - interval '${DAYS} days'`,
};

const LINE = 'id::text, channel, at, kind, reason, detail, peer, size::float8 as size, length(bytes) as kept';
const LINES: Statement = {
  name: 'troubles-lines',
  text: `select ${LINE} from trouble
where ($1::text is null or channel = $1) and ($2::text is null or kind = $2) and ($3::bigint is null or id < $3) order by id desc limit $4`,
};
const ONE: Statement = { name: 'troubles-one', text: `select ${LINE}, bytes from trouble where id = $1::bigint` };
const COUNTS: Statement = {
  name: 'troubles-counts',
  text: 'select channel, kind, count::float8 as count, last from trouble_count order by channel, kind',
};

export interface Troubles extends TroubleDesk {
  /** Counts one, and records it where not too many came just now. Gives whether it is recorded. */
  note(trouble: Trouble): boolean;
  /** Counts one that is kept elsewhere. */
  count(channel: string, kind: string, at: Date): void;
  /** Drops those that are too old at `now`. */
  tidy(now: Date): Promise<void>;
  /** Resolves when all that was noted is written. */
  drain(): Promise<void>;
}

/** Opens the record. What cannot be written while the database is away is dropped but for its count. */
export function openTroubles(db: Db): Troubles {
  const budgets = new Map<string, Budget>();
  const counts = new Map<string, TroubleCount>();
  let waiting: Trouble[] = [];
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  function add(one: TroubleCount): void {
    const key = `${one.channel} ${one.kind}`;
    const last = counts.get(key);
    counts.set(key, { ...one, count: (last?.count ?? 0) + one.count });
    timer ??= setTimeout(flush, GATHER);
  }

  function flush(): void {
    timer = null;
    const [batch, tally] = [waiting, [...counts.values()]];
    waiting = [];
    counts.clear();
    if (tally.length > 0) running = running.then(() => write(db, batch, tally)).catch(() => tally.forEach(add));
  }

  return {
    note(trouble) {
      const { channel, kind, at } = trouble;
      add({ channel, kind, count: 1, last: at });
      const budget = budgets.get(channel) ?? new Budget(at);
      budgets.set(channel, budget);
      if (!budget.take(at)) return false;
      waiting.push({ ...trouble, bytes: trouble.bytes.slice(0, BYTES) });
      return true;
    },
    count: (channel, kind, at) => add({ channel, kind, count: 1, last: at }),
    async tidy(now) {
      await db.query(DROP_OLD, [now]);
    },
    async drain() {
      if (timer) clearTimeout(timer);
      flush();
      await running;
      // What could not be written is not tried for ever.
      if (timer) clearTimeout(timer);
    },
    troubles: ({ channel, kind, before, limit }: TroubleQuery) =>
      db.query<TroubleLine>(LINES, [channel ?? null, kind ?? null, before ?? null, limit]),
    async trouble(id) {
      const [row] = await db.query<TroubleDetail>(ONE, [id]);
      return row ?? null;
    },
    counts: () => db.query<TroubleCount>(COUNTS),
  };
}

async function write(db: Db, batch: readonly Trouble[], tally: readonly TroubleCount[]): Promise<void> {
  const column = <K extends keyof Trouble>(key: K) => batch.map((one) => one[key]);
  await db.transaction(async (tx) => {
    // In one order everywhere, so that engines that count at once wait for each other and do not lock each other out.
    const sorted = tally.toSorted((a, b) => (`${a.channel} ${a.kind}` < `${b.channel} ${b.kind}` ? -1 : 1));
    await tx.query(COUNT, [
      ...[sorted.map((one) => one.channel), sorted.map((one) => one.kind)],
      ...[sorted.map((one) => one.count), sorted.map((one) => one.last)],
    ]);
    if (batch.length === 0) return;
    await tx.query(WRITE, [
      ...[column('channel'), column('at'), column('kind'), column('reason'), column('detail'), column('peer'), column('size')],
      batch.map(({ bytes }) => Buffer.from(bytes)),
    ]);
    await tx.query(DROP, [[...new Set(column('channel'))]]);
  });
}

/** Refills with time. */
class Budget {
  #left = BURST;
  #since: number;

  constructor(now: Date) {
    this.#since = now.getTime();
  }

  take(now: Date): boolean {
    const passed = Math.max(0, now.getTime() - this.#since) / 1_000;
    this.#since = Math.max(this.#since, now.getTime());
    this.#left = Math.min(BURST, this.#left + passed * PER_SECOND);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
