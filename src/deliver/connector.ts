/** What every connector is: something that takes a body, and says what became of it in terms that do not depend on the destination. */
import type { ErrorCode } from '../errors.ts';

/** What an HL7 v2 receiver answered, without its texts: they may hold content. */
export interface AnsweredAck {
  /** MSA-1, or the commit byte of MLLP release 2. */
  readonly code: string;
  /** Codes of its ERR segments, table 0357 or the receiver's own. */
  readonly errors: readonly string[];
}

/** What became of one attempt. */
export interface Answer {
  readonly kind: 'delivered' | 'transient' | 'permanent';
  /** HTTP status; null where no HTTP answer came. */
  readonly status: number | null;
  /** Null where no ACK came. */
  readonly ack: AnsweredAck | null;
  /** The table's row for what went wrong; null when delivered. */
  readonly code: ErrorCode | null;
  /** A sentence with what is safe to tell: statuses and issue codes, never content. */
  readonly text: string;
  readonly milliseconds: number;
}

export interface Connector {
  /** Sends a body. Resolves always: whatever happens is an Answer. */
  send(body: Uint8Array): Promise<Answer>;
  /** Lets go of the connections; what is in flight is finished first. */
  close(): Promise<void>;
}
