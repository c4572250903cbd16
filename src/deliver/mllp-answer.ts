/** Reads what comes back over an MLLP connection, and says whether it ends the exchange of a message. Pure. */
import { Message } from '../hl7/message.ts';
import type { Awaits, Exchange, Outgoing } from './mllp-types.ts';

/** MLLP release 2: the one byte of a commit block. */
export const commitAck = 0x06;
export const commitNak = 0x15;

export type Read =
  /** It ends the exchange. */
  | { readonly kind: 'final'; readonly exchange: Stripped }
  /** It belongs to the exchange and does not end it: an accept ACK before the application ACK. */
  | { readonly kind: 'step' }
  /** It is of another message. */
  | { readonly kind: 'stray' };

/** An exchange as far as one answer tells it; the connection counts the strays. */
type Stripped = Exchange extends infer One ? (One extends Exchange ? Omit<One, 'strays'> : never) : never;

/**
 * What a block says of the message that is in flight. MSA-2 must name the message (HL7 2.9, 2.14.10.2); a negative answer may leave it empty
 * where the receiver could not read it. An answer to another message changes nothing: it is of an earlier exchange.
 */
export function readAnswer(bytes: Uint8Array, { controlId, awaits }: Pick<Outgoing, 'controlId' | 'awaits'>): Read {
  if (bytes.length === 1 && (bytes[0] === commitAck || bytes[0] === commitNak)) {
    const positive = bytes[0] === commitAck;
    return positive && awaits !== 'commit' ? { kind: 'step' } : { kind: 'final', exchange: { kind: 'committed', positive } };
  }
  const answer = parsed(bytes);
  if (answer === null) return { kind: 'final', exchange: { kind: 'garbage', reason: 'not-hl7' } };
  if (!answer.segments.some(({ name }) => name === 'MSA'))
    return { kind: 'final', exchange: { kind: 'garbage', reason: 'no-msa' } };
  const code = answer.get('MSA-1') ?? '';
  const named = answer.get('MSA-2') ?? '';
  if (named !== controlId && (named !== '' || code === 'AA' || code === 'CA')) return { kind: 'stray' };
  return code === 'CA' && awaits === 'application'
    ? { kind: 'step' }
    : { kind: 'final', exchange: { kind: 'answered', answer, code } };
}

/**
 * Which answer a message asks for itself (HL7 2.9, 2.9.2 and table 0155). Original mode: one ACK, and to an ACK none. Enhanced mode: MSH-15 the
 * accept ACK, MSH-16 the application ACK; whoever wants the latter waits for it where the message asks for it.
 */
export function awaitsOf(message: Message, wanted: 'accept' | 'application' | 'commit'): Awaits {
  if (wanted === 'commit') return 'commit';
  if (message.type === 'ACK' || message.type === 'MCF') return 'nothing';
  const [accept, application] = [message.get('MSH-15'), message.get('MSH-16')];
  if (accept === null && application === null) return message.get('MSA-1') === null ? 'accept' : 'nothing';
  if (wanted === 'application' && application !== null && application !== 'NE')
    return application === 'ER' ? 'errors' : 'application';
  if (accept === 'NE')
    return application === null || application === 'NE' ? 'nothing' : application === 'ER' ? 'errors' : 'application';
  return accept === 'ER' ? 'errors' : 'accept';
}

/** The codes of an answer's ERR segments (ERR-3.1; before 2.5 ERR-1.4.1), without their texts, which may hold what a person said. */
export function errorCodesOf(answer: Message): string[] {
  const codes = [...answer.getAll('ERR[*]-3.1'), ...answer.getAll('ERR[*]-1[*].4.1')];
  return [...new Set(codes.filter((code) => /^[\w.-]{1,20}$/.test(code)))].slice(0, 10);
}

function parsed(bytes: Uint8Array): Message | null {
  try {
    return Message.parse(bytes);
  } catch {
    return null;
  }
}
