/** The sequence number protocol (HL7 2.9, 2.10.1), from the receiver's side. */
import type { Message } from './message.ts';

/**
 * What a sequence number (MSH-13) means to a receiver. `expected` is what MSA-4 says.
 * - `start`: 0, the sender (re)starts the link and asks where it is. -1: the receiver does not know either
 * - `resync`: -1, the next number is taken whatever it is
 * - `next`: the transaction that was due
 * - `repeat`: the last one again, its ACK was lost
 * - `gap`: transactions are missing before it
 * - `behind`: it was passed long ago
 */
export interface SequenceVerdict {
  readonly kind: 'start' | 'resync' | 'next' | 'repeat' | 'gap' | 'behind';
  readonly expected: number;
}

/** Judges a number by the last one that was accepted; null where there is none yet. */
export function judgeSequence(number: number, last: number | null): SequenceVerdict {
  if (number === -1) return { kind: 'resync', expected: -1 };
  if (number === 0) return { kind: 'start', expected: last === null ? -1 : last + 1 };
  if (last === null || number === last + 1) return { kind: 'next', expected: number };
  if (number === last) return { kind: 'repeat', expected: last + 1 };
  return { kind: number > last ? 'gap' : 'behind', expected: last + 1 };
}

/** MSH-13: a number from -1 on; null where it is not valued, `bad` where it is no such number. */
export function sequenceNumber(message: Message): number | 'bad' | null {
  const text = message.get('MSH-13');
  if (text === null || text === '""') return null;
  return /^\s*(-1|\+?\d{1,15})\s*$/.test(text) ? Number(text) : 'bad';
}
