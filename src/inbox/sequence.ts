/**
 * The way in for messages with a sequence number (HL7 2.9, 2.10.1): the number that is expected of a sender stands in a row of its own, is held
 * while a message is judged by it, and moves on in the commit that stores the message. Several engines take turns.
 */
import { judgeSequence, type SequenceVerdict } from '../hl7/sequence.ts';
import type { Db, Sql, Statement } from '../store/db.ts';
import type { Incoming } from './incoming.ts';
import type { StoredRow } from './intake-sql.ts';

/** What a message's number makes of it. */
export interface Sequenced {
  /** Whose numbers they are: MSH-3^MSH-4. */
  readonly sender: string;
  readonly number: number;
  /** The message as it is to be stored, with its answer. */
  readonly judged: (verdict: SequenceVerdict) => Incoming;
}

const HOLD: Statement = {
  name: 'sequence-hold',
  text: `
insert into sequence (channel, sender) values ($1, $2)
on conflict (channel, sender) do update set sender = excluded.sender
returning last::float8 as last, id::text, day::text, control_id, digest`,
};
const MOVE: Statement = {
  name: 'sequence-move',
  text: `update sequence set last = $3::bigint, id = $4::bigint, day = $5::date, control_id = $6, digest = $7 where channel = $1 and sender = $2`,
};
const COUNT: Statement = {
  name: 'sequence-count',
  text: `insert into tally (channel, duplicates, heard) values ($1, 1, $2::timestamptz)`,
};

interface SequenceRow {
  readonly last: number | null;
  readonly id: string | null;
  readonly day: string | null;
  readonly control_id: string | null;
  readonly digest: Buffer | null;
}

/** A message with its number. `incoming` is what was made of it. */
export interface Judged {
  readonly incoming: Incoming;
  readonly row: StoredRow;
}

/**
 * Judges and stores a message in one transaction. `store` writes it.
 */
export function storeSequenced(
  db: Db,
  { incoming, digest }: { readonly incoming: Incoming; readonly digest: Buffer },
  sequence: Sequenced,
  store: (tx: Sql, incoming: Incoming) => Promise<StoredRow>,
): Promise<Judged> {
  const { channel } = incoming;
  const sender = sequence.sender.replaceAll('\0', '\u2400');
  const controlId = incoming.controlId.replaceAll('\0', '\u2400');
  return db.transaction(async (tx) => {
    const [held] = await tx.query<SequenceRow>(HOLD, [channel, sender]);
    const verdict = verdictOf(sequence.number, held, controlId, digest);
    const judged = sequence.judged(verdict);
    if (verdict.kind === 'repeat' && held?.id && held.day) {
      await tx.query(COUNT, [channel, incoming.receivedAt.toISOString()]);
      const { id, day } = held;
      return {
        incoming: judged,
        row: { ord: 0, id, day, duplicate: true, state: 'duplicate', ack: judged.ack as Buffer | null, sorted: true },
      };
    }
    const row = await store(tx, judged);
    if (verdict.kind === 'resync') await tx.query(MOVE, [channel, sender, null, null, null, null, null]);
    if (verdict.kind === 'next' && row.state !== 'refused')
      await tx.query(MOVE, [channel, sender, sequence.number, row.id, row.day, controlId, digest]);
    // A message that was taken under another number had another MSA-4.
    return { incoming: judged, row: row.duplicate ? { ...row, ack: judged.ack as Buffer | null } : row };
  });
}

/** The last number again is a repetition only of the message that had it. */
function verdictOf(number: number, held: SequenceRow | undefined, controlId: string, digest: Buffer): SequenceVerdict {
  const verdict = judgeSequence(number, held?.last ?? null);
  if (verdict.kind !== 'repeat' || held?.digest?.equals(digest) || (controlId !== '' && held?.control_id === controlId))
    return verdict;
  return { ...verdict, kind: 'behind' };
}
