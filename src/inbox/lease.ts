/** Who drains a shard: a lease with a fencing token. A holder that lost it, whatever it still believes, can write nothing. */
import { randomBytes } from 'node:crypto';
import type { Db, Statement } from '../store/db.ts';
import type { Shard } from './shard.ts';

/** How long a lease lasts without renewal, and how often it is renewed. Milliseconds. */
const LEASE = 6_000;
const RENEWAL = 2_000;

const ACQUIRE: Statement = {
  name: 'lease-acquire',
  text: `
with quick as (select set_config('synchronous_commit', 'off', true))
insert into lease (queue, shard, token, owner, expires) select $1, $2, $5::bigint, $3, now() + $4 * interval '1 ms' from quick
on conflict (queue, shard) do update set token = excluded.token, owner = excluded.owner, expires = excluded.expires
where lease.expires < now()
returning 1`,
};
const RENEW: Statement = {
  name: 'lease-renew',
  text: `update lease set expires = now() + $4 * interval '1 ms' where queue = $1 and shard = $2 and token = $3::bigint returning 1`,
};
const RELEASE: Statement = {
  name: 'lease-release',
  text: `with quick as (select set_config('synchronous_commit', 'off', true))
update lease set expires = '-infinity' from quick where queue = $1 and shard = $2 and token = $3::bigint
returning (select min(until) from hold h where h.queue = $1 and h.shard = $2 and h.until < 'infinity') as due`,
};
const FREE_ALL: Statement = { name: 'lease-free-all', text: `update lease set expires = '-infinity' where expires > now()` };

export interface Lease extends Shard {
  readonly token: string;
  /** False once a renewal failed: what is begun may be finished, nothing new is to be begun. */
  readonly held: boolean;
  /** Gives it back. Resolves to when the first of the shard's waiting lanes may go on; null when none waits for a time. */
  release(): Promise<Date | null>;
}

/** Takes a shard's lease, and keeps it until released; null when another holds it. */
export async function acquireLease(db: Db, shard: Shard, owner: string): Promise<Lease | null> {
  // Drawn at random: a lease is not worth an fsync, and a counter could give a number again after a crash of the server.
  const token = String(randomBytes(8).readBigUInt64BE() >> 1n);
  const rows = await db.query(ACQUIRE, [shard.queue, shard.shard, owner, LEASE, token]);
  if (rows.length === 0) return null;
  let held = true;
  const timer = setInterval(() => {
    db.query(RENEW, [shard.queue, shard.shard, token, LEASE]).then(
      (rows) => {
        if (rows.length === 0) held = false;
      },
      () => {
        held = false;
      },
    );
  }, RENEWAL);
  timer.unref();
  return {
    ...shard,
    token,
    get held() {
      return held;
    },
    async release() {
      clearInterval(timer);
      const [row] = await db.query<{ due: Date | null }>(RELEASE, [shard.queue, shard.shard, token]);
      return row?.due ?? null;
    },
  };
}

/** Frees every lease: right only where no other engine can be running, as on an embedded database at start. */
export async function freeLeases(db: Db): Promise<void> {
  await db.query(FREE_ALL);
}
