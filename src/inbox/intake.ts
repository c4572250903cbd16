/** The way in: messages are committed in groups, and `add` resolves when the bytes are on disk (promise 1). */
import { WeirError } from '../errors.ts';
import type { Db } from '../store/db.ts';
import type { Incoming, Kept } from './incoming.ts';
import { digestOf, type Settle, storeGroup, type Waiting } from './intake-store.ts';
import type { Shard } from './shard.ts';
import { openSorting } from './sorting.ts';

const MAX_MESSAGES = 256;
const MAX_BYTES = 4 * 1024 * 1024;
/** A group of so many came while the one before it was being committed. */
const FLOOD = 16;
/** Behind such a group it is a flood for so long: groups are large and small in turn. Milliseconds. */
const FLOODED = 50;

export interface Intake {
  /**
   * Resolves when the message is committed. Rejects with `listen-not-stored` when PostgreSQL stayed away too long: then it is not stored, and the
   * sender is to send it again.
   */
  add(incoming: Incoming): Promise<Kept>;
  /**
   * Adds the messages of a batch, in order; they are committed together, but for those of one control id and those with sequence numbers. Each
   * has an outcome of its own.
   */
  addAll(messages: readonly Incoming[]): Promise<PromiseSettledResult<Kept>[]>;
  /** Messages come faster than they are committed: what can wait lets them go first. */
  readonly flooded: boolean;
  /** Sorts into the queues what stands in none yet, also what an engine left so that is no more. Rejects where PostgreSQL does not do it; to be asked again. */
  sort(): Promise<void>;
  /** Resolves when all that was added is committed or refused. For the end: what is unsorted then stays so. */
  drain(): Promise<void>;
}

/** Starts the intake. `ring` is called with the shards that got work. */
export function openIntake(db: Db, ring: (shards: readonly Shard[]) => void): Intake {
  const waiting: Waiting[] = [];
  /** The group that is being committed. */
  let flight: Promise<void> | null = null;
  /** When a group as large as that was last begun. */
  let flood = Number.NEGATIVE_INFINITY;

  const flooded = (): boolean => flight !== null && performance.now() - flood < FLOODED;
  const sorting = openSorting(db, ring, flooded);

  async function commit(group: readonly Waiting[]): Promise<Settle> {
    try {
      return await storeGroup(db, group, group.length < FLOOD);
    } catch (error) {
      if (group.length === 1 || error instanceof WeirError) return refuse(group, error);
      // One message that PostgreSQL will not take must not take its group along.
      const all: Settle[] = [];
      for (const one of group) all.push(await storeGroup(db, [one], true).catch((cause) => refuse([one], cause)));
      return () => {
        const given = all.map((settle) => settle());
        return { shards: given.flatMap(({ shards }) => shards), unsorted: given.some(({ unsorted }) => unsorted) };
      };
    }
  }

  function push(incoming: Incoming, unit?: Waiting['unit']): Promise<Kept> {
    return new Promise((resolve, reject) => {
      waiting.push({ incoming, unit, resolve, reject });
      // The turn of the event loop that brought this message may bring more: they go together.
      flight ??= new Promise<void>((start) => setImmediate(start)).then(fly);
    });
  }

  /**
   * Groups are committed one after another: ids then become visible in their order. What arrives meanwhile is the next group, which is on its way before the
   * senders of this one are answered: the database does not wait for that. The pool hands a statement over in the next turn.
   */
  async function fly(): Promise<void> {
    let settle: Settle | null = null;
    do {
      const group = take(waiting);
      if (group.length >= FLOOD) flood = performance.now();
      const committed: Promise<Settle> | null = group.length === 0 ? null : commit(group);
      if (committed !== null) await new Promise<void>((handed) => process.nextTick(handed));
      const given = settle?.();
      if (given && given.shards.length > 0) ring(given.shards);
      // Nothing waits for it here: a flood has many groups. What fails is told to who sorts now and then.
      if (given?.unsorted) void sorting.wake();
      settle = await committed;
    } while (settle !== null || waiting.length > 0);
    flight = null;
  }

  return {
    add: (incoming) => push(incoming),
    addAll(messages) {
      const all = { count: messages.length, bytes: messages.reduce((sum, { raw }) => sum + raw.length, 0) };
      return Promise.allSettled(messages.map((incoming, at) => push(incoming, at === 0 ? all : nothing)));
    },
    get flooded() {
      return flooded();
    },
    sort: () => sorting.wake(),
    async drain() {
      await flight;
      await sorting.stop();
    },
  };
}

function refuse(group: readonly Waiting[], cause: unknown): Settle {
  return () => {
    for (const one of group) one.reject(new WeirError('listen-not-stored', undefined, { cause }));
    return { shards: [], unsorted: false };
  };
}

/** The next group: as many as fit, of one day, and at most one of messages that are known by the same, so that the second finds the first. */
function take(waiting: Waiting[]): Waiting[] {
  const seen = new Map<string, Set<string>>();
  let [count, bytes, day] = [0, 0, 0];
  for (const { incoming, unit = alone(incoming) } of waiting) {
    if (incoming.more?.sequence && count > 0) break;
    const known = knownBy(incoming);
    const today = Math.floor(incoming.receivedAt.getTime() / 86_400_000);
    const tooMany = count + unit.count > MAX_MESSAGES || bytes + unit.bytes > MAX_BYTES;
    if (count > 0 && unit.count > 0 && (tooMany || today !== day)) break;
    if (known !== null) {
      const ofChannel = seen.get(incoming.channel) ?? new Set();
      seen.set(incoming.channel, ofChannel);
      if (ofChannel.has(known)) break;
      ofChannel.add(known);
    }
    day = today;
    bytes += incoming.raw.length;
    count++;
    if (incoming.more?.sequence) break;
  }
  return waiting.splice(0, count);
}

/** What the second of two messages of a channel finds the first by; null where nothing is looked for. */
function knownBy(incoming: Incoming): string | null {
  if (incoming.duplicatesWithin === 0) return null;
  const known = incoming.more?.knownBy ?? incoming.controlId;
  return known === '' ? `\n${digestOf(incoming).toString('latin1')}` : known;
}

const nothing = { count: 0, bytes: 0 };

function alone({ raw }: Incoming): { count: number; bytes: number } {
  return { count: 1, bytes: raw.length };
}
