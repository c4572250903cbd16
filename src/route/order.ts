/** The order keys of a message: which lanes it waits in. Pure. */
import type { Channel } from '../channel/types.ts';
import type { Message } from '../hl7/message.ts';
import { parsePath } from '../hl7/path.ts';
import { nameCode } from '../hl7/segment.ts';

export type OrderKeys = (message: Message) => string[];

// Where MRG keeps the prior value of what a path names (HL7 2.9, 3.4.10): patient id, account, visit, alternate visit.
const prior: Readonly<Record<string, number>> = { 'PID-2': 4, 'PID-3': 1, 'PID-18': 3, 'PV1-19': 5, 'PV1-50': 6 };

const merges = nameCode('MRG');

/** Message types that may name several of what a channel is ordered by. */
const several: ReadonlySet<string> = new Set(['ADT', 'BAR', 'MFN']);

/**
 * Compiles a channel's `order-by` into a function from a message to its keys, sorted and distinct. One, as a rule. An ADT or BAR message may name
 * several patients, accounts or visits: what it merges or moves (MRG), and every PID of a swap, a link or a repeated group (HL7 2.9, 3.3.17,
 * 3.3.24, 3.3.37, 3.3.39 to 3.3.45; 6.4.2, 6.4.6), an MFN several records (8.5); it then has the key of each. `''` where the first is empty: such messages share a lane.
 */
export function compileOrder(channel: Pick<Channel, 'orderBy'>): OrderKeys {
  const path = parsePath(channel.orderBy);
  const mrg = prior[`${path.segment}-${path.field}`];
  const first = { ...path, occurrence: path.occurrence || 1, repetition: path.repetition || 1 };
  const named = path.occurrence <= 1 ? path.code : -1;
  return (message) => {
    const key = message.get(first) ?? '';
    if (!several.has(message.type)) return [key];
    const keys = [key];
    for (const segment of message.segments) {
      const { code } = segment;
      const field = code < 0 ? 0 : code === named ? path.field : code === merges ? (mrg ?? 0) : 0;
      if (field === 0) continue;
      const value = segment.value(field, first.repetition, path.component, path.subcomponent);
      if (value !== '' && !keys.includes(value)) keys.push(value);
    }
    return keys.length === 1 ? keys : keys.sort();
  };
}

/** The order keys of one message; for many, keep what `compileOrder` gives. */
export function orderKeys(message: Message, channel: Pick<Channel, 'orderBy'>): string[] {
  return compileOrder(channel)(message);
}
