/** The order keys of a message: which lanes it waits in. Pure. */
import type { Channel } from '../channel/types.ts';
import type { Message } from '../hl7/message.ts';
import { parsePath } from '../hl7/path.ts';
import type { Path } from '../hl7/types.ts';

export type OrderKeys = (message: Message) => string[];

// Where MRG keeps the prior value of what a path names (HL7 2.9, 3.4.10): patient id, account, visit, alternate visit.
const prior: Readonly<Record<string, number>> = { 'PID-2': 4, 'PID-3': 1, 'PID-18': 3, 'PV1-19': 5, 'PV1-50': 6 };

/**
 * Compiles a channel's `order-by` into a function from a message to its keys, sorted, distinct, one or two. Two: what the
 * message merges (MRG, or a second PID in a swap or link: HL7 2.9, 3.3.17, 3.3.24, 3.3.37). `''` where the key is empty:
 * such messages share a lane.
 */
export function compileOrder(channel: Pick<Channel, 'orderBy'>): OrderKeys {
  const path = parsePath(channel.orderBy);
  const mrg = prior[`${path.segment}-${path.field}`];
  const merged: Path | null = mrg === undefined ? null : { ...path, segment: 'MRG', occurrence: 1, field: mrg };
  const second: Path | null = path.segment === 'PID' && path.occurrence === 1 ? { ...path, occurrence: 2 } : null;
  const first = { ...path, occurrence: path.occurrence || 1, repetition: path.repetition || 1 };
  return (message) => {
    const key = message.get(first) ?? '';
    const other = (merged && message.get(merged)) ?? (second && twoPatients(message) ? message.get(second) : null);
    if (other === null || other === key) return [key];
    return key < other ? [key, other] : [other, key];
  };
}

/** The order keys of one message; for many, keep what `compileOrder` gives. */
export function orderKeys(message: Message, channel: Pick<Channel, 'orderBy'>): string[] {
  return compileOrder(channel)(message);
}

function twoPatients(message: Message): boolean {
  if (message.type !== 'ADT') return false;
  const { event } = message;
  return event === 'A17' || event === 'A24' || event === 'A37';
}
