/** A message on its way into the store, and what became of it there. */
import type { AcknowledgmentCode } from '../hl7/ack.ts';
import type { ConformanceFinding } from '../hl7/conformance/check.ts';
import type { Sequenced } from './sequence.ts';
import type { Cause } from './types.ts';

/** A message on its way into the store. */
export interface Incoming {
  readonly channel: string;
  readonly receivedAt: Date;
  readonly peer: string;
  /** MSH-3^MSH-4 */
  readonly sender: string;
  readonly type: string;
  readonly controlId: string;
  readonly raw: Uint8Array;
  readonly ack: Uint8Array | null;
  /** MSA-1 of the ACK. */
  readonly code?: AcknowledgmentCode | null | undefined;
  /** The order keys; two or more for a merge. */
  readonly lanes: readonly string[];
  /** Why the channel does not take it; it is kept all the same. */
  readonly refused: Cause | null;
  /** Milliseconds in which the same message again is a duplicate; 0: never. */
  readonly duplicatesWithin: number;
  /** What few messages need; a group without any takes the short way. */
  readonly more?: More | undefined;
}

/** What becomes of a message beyond being stored, mapped and acknowledged. */
export interface More {
  /** What another message with its control id and other content within the window does to it. Default: nothing. */
  readonly conflict?: { readonly does: 'park'; readonly hold: boolean; readonly text: string } | RejectedConflict | undefined;
  /** What it is known again by; null: its control id. */
  readonly knownBy?: string | null;
  /** The application ACK that it is owed: its MSH-10. */
  readonly reply?: string | null | undefined;
  /** What a conformance check says of it, where it is refused for that. */
  readonly findings?: readonly ConformanceFinding[] | undefined;
  /** It is not to be mapped, for this reason. */
  readonly filtered?: string | null;
  /** Its sequence number decides. Such messages are stored one by one. */
  readonly sequence?: Sequenced;
}

/** `ack` is what such a message is answered; null where it is owed nothing. */
export interface RejectedConflict {
  readonly does: 'reject';
  readonly ack: Uint8Array | null;
  /** MSA-1 of that ACK. */
  readonly code: AcknowledgmentCode | null;
  readonly text: string;
}

/** The message is stored. `ack` is what to answer: for a duplicate the answer it got the first time. */
export interface Kept {
  readonly id: string;
  readonly day: string;
  readonly duplicate: boolean;
  /** It was rejected because of another with its control id. */
  readonly rejected: boolean;
  readonly ack: Uint8Array | null;
  /** What was stored: the message as its sequence number made it. */
  readonly incoming: Incoming;
}
