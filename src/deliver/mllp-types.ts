/** The vocabulary of the MLLP client. */
import type { ConnectionOptions } from 'node:tls';
import type { Message } from '../hl7/message.ts';

/** Where an MLLP receiver is, and how long to wait for it. Times in milliseconds. */
export interface MllpTarget {
  readonly host: string;
  readonly port: number;
  /** What TLS is spoken with, asked at each new connection, so that renewed certificates count; null: plain TCP. */
  readonly tls: (() => ConnectionOptions) | null;
  /** For the connection's making, the TLS handshake included. */
  readonly connectTimeout: number;
  /** For each answer that is awaited. */
  readonly ackTimeout: number;
  /** The longest wait before a connection that failed is tried again: it doubles from a tenth of a second. 0: none. */
  readonly longestWait: number;
  /** Bytes an answer may have at most. */
  readonly maxAnswer: number;
  /** 2: every block is answered with a commit block first (MLLP release 2: 0x06 or 0x15), and so are the answers. */
  readonly release: 1 | 2;
}

/**
 * Which answer ends the exchange of a message.
 * - `application`: AA, AE, AR; an accept ACK before it is noted, a negative one ends it
 * - `accept`: the first ACK, of either kind
 * - `errors`: as `accept`, but silence says that all is well (MSH-15 `ER`)
 * - `commit`: the commit block of release 2
 * - `nothing`: none is waited for
 */
export type Awaits = 'application' | 'accept' | 'errors' | 'commit' | 'nothing';

export interface Outgoing {
  /** The message without its frame. */
  readonly bytes: Uint8Array;
  /** MSH-10, which the answer names in MSA-2. */
  readonly controlId: string;
  readonly awaits: Awaits;
}

/** Why there is no answer. */
export type Failure =
  /** Nothing listens there. */
  | 'refused'
  | 'unknown-host'
  | 'unreachable'
  | 'connect-timeout'
  /** The two sides do not agree on TLS: a certificate, a version. */
  | 'tls'
  /** The receiver closed the connection in place of an answer. */
  | 'closed'
  | 'reset'
  | 'timeout'
  /** The client was closed. */
  | 'stopped';

/** What became of a message. Nothing in it but `answer` holds content. */
export type Exchange =
  /** The ACK that names the message. */
  | { readonly kind: 'answered'; readonly answer: Message; readonly code: string; readonly strays: number }
  /** Release 2: the receiver has (0x06) or has not (0x15) stored the block. */
  | { readonly kind: 'committed'; readonly positive: boolean; readonly strays: number }
  /** It was written, and no answer was waited for, or silence meant that all is well. */
  | { readonly kind: 'sent'; readonly strays: number }
  /** Something came that is no answer; the connection was given up. */
  | { readonly kind: 'garbage'; readonly reason: 'not-hl7' | 'no-msa' | 'too-large'; readonly strays: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly code: string; readonly strays: number };
