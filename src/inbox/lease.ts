/** Who drains a shard: a lease with a fencing token. A holder that lost it, whatever it still believes, can write nothing. */
import type { Db, Statement } from '../store/db.ts';
import type { Shard } from './shard.ts';

/** How long a lease lasts without renewal, and how often it is renewed. Milliseconds. */
const LEASE = 6_000;
const RENEWAL = 2_000;

const ACQUIRE: Statement = {
  name: 'lease-acquire',
  text: `
insert into lease (queue, shard, token, owner, expires) values ($1, $2, 1, $3, now() + $4 * interval '1 ms')
on conflict (queue, shard) do update set token = lease.token + 1, owner = excluded.owner, expires = excluded.expires
where lease.expires < now()
returning token::text`,
};
const RENEW: Statement = {
  name: 'lease-renew',
  text: `update lease set expires = now() + $4 * interval '1 ms' where queue = $1 and shard = $2 and token = $3::bigint returning 1`,
};
const RELEASE: Statement = {
  name: 'lease-release',
  text: `update lease set expires = '-infinity' where queue = $1 and shard = $2 and token = $3::bigint`,
};
const FREE_ALL: Statement = { name: 'lease-free-all', text: `update lease set expires = '-infinity' where expires > now()` };

export interface Lease extends Shard {
  readonly token: string;
  /** False once a renewal failed: what is begun may be finished, nothing new is to be begun. */
  readonly held: boolean;
  release(): Promise<void>;
}

/** Takes a shard's lease, and keeps it until released; null when another holds it. */
export async function acquireLease(db: Db, shard: Shard, owner: string): Promise<Lease | null> {
  const [row] = await db.query<{ token: string }>(ACQUIRE, [shard.queue, shard.shard, owner, LEASE]);
  if (!row) return null;
  const { token } = row;
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
      await db.query(RELEASE, [shard.queue, shard.shard, token]);
    },
  };
}

/** Frees every lease: right only where no other engine can be running, as on an embedded database at start. */
export async function freeLeases(db: Db): Promise<void> {
  await db.query(FREE_ALL);
}
