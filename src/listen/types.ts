import type { TlsOptions } from 'node:tls';
import type { TroubleKind } from '../hl7/mllp.ts';
import type { PeerCertificate } from '../tls.ts';
import type { GateOptions } from './gate.ts';

/** A complete frame, as it was received. */
export interface ReceivedFrame {
  readonly bytes: Uint8Array;
  /** `10.1.2.3:40112` */
  readonly peer: string;
  /** When its last byte had come. */
  readonly receivedAt: Date;
  /** What its sender has shown of itself, verified; null without TLS, or where it has shown nothing. */
  readonly certificate: PeerCertificate | null;
  /** The way back. */
  readonly line: Line;
}

/** A connection, for what is to be sent on it besides the answers of its frames. */
export interface Line {
  /** Whether frames are still taken from it, and sent to it. */
  readonly open: boolean;
  /**
   * Sends a frame behind the answers of all that was received before it. False, and nothing is sent, where the connection is not open or as many
   * frames wait as it may hold; else `sent` of the answer tells what became of it.
   */
  offer(answer: Answer): boolean;
}

/** What the sender of a frame is to be answered, without its frame; `bytes` null: nothing. */
export interface Answer {
  readonly bytes: Uint8Array | null;
  /** The content of a frame that leaves before it: the commit block of MLLP release 2. */
  readonly commit?: Uint8Array | undefined;
  /** Called once where there are bytes: `sent` when the operating system has taken them, `lost` when the connection is gone. */
  sent?(outcome: 'sent' | 'lost'): void;
}

/** Why a connection did not come to be encrypted. */
export type HandshakeReason =
  /** Something else than TLS came to a port that speaks it. */
  | 'plain-text'
  /** TLS came to a port that does not speak it. */
  | 'tls-to-plain'
  /** The sender has shown no certificate, and needs one. */
  | 'no-certificate'
  /** Its certificate does not hold: expired, or of another authority. */
  | 'certificate'
  /** It speaks no version of TLS that is allowed. */
  | 'version'
  /** It does not know the hybrid key exchange, and needs it. */
  | 'key-exchange'
  | 'cipher'
  /** It ended the handshake itself: it does not trust our certificate, for instance. */
  | 'refused-by-sender'
  | 'slow'
  | 'closed'
  | 'other';

/**
 * What came in and was no message, to be recorded. `slow`: a frame that did not end in time. `handshake`: no encrypted connection came to be. `address`: a
 * peer that is not allowed. `connections`: one too many.
 */
export interface ListenTrouble {
  readonly kind: TroubleKind | 'slow' | 'handshake' | 'address' | 'connections';
  /** Of a handshake; null for the other kinds. */
  readonly reason: HandshakeReason | null;
  /** What OpenSSL calls it: `CERT_HAS_EXPIRED`; null where it says nothing. */
  readonly detail: string | null;
  readonly channel: string;
  readonly peer: string;
  readonly at: Date;
  /** The bytes, or the first of them where there were many. */
  readonly bytes: Uint8Array;
  /** How many there were. */
  readonly size: number;
}

export interface ListenerOptions extends GateOptions {
  readonly channel: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Bytes a frame may have at most. */
  readonly maxFrame: number;
  /** Bytes that all connections may hold together of what has begun or is not answered yet, beyond 64 KiB of each. Default: any number. */
  readonly maxUnfinished?: number;
  /** Milliseconds a frame may take from its first byte to its last. */
  readonly frameTimeout: number;
  /** Milliseconds a connection may be idle; 0: for ever. */
  readonly idleTimeout: number;
  /** Milliseconds of silence before the operating system asks whether the other side is still there; 0: never. Default 60 s. */
  readonly keepAlive?: number;
  /** Options of `tls.createServer`; default, and null: plain TCP. */
  readonly tls?: TlsOptions | null;
  /** Frames of a connection that may wait for their answers; then nothing more is read from it. Default 64. */
  readonly maxUnanswered?: number;
  /** Bytes of such frames. Default 8 MiB. One frame may exceed it, alone. */
  readonly maxUnansweredBytes?: number;
  /** What answers a frame that was not taken, where there is such a thing: the negative commit block of MLLP release 2. Default: nothing. */
  readonly nak?: Uint8Array | undefined;
  /**
   * Called for each frame as soon as it is complete, without waiting for the ones before it. A rejection closes the connection
   * without an answer: the sender sends again.
   */
  receive(frame: ReceivedFrame): Promise<Answer>;
  trouble(event: ListenTrouble): void;
}

export interface Listener {
  /** The port it listens on. */
  readonly port: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Bytes that they hold, of those that `maxUnfinished` bounds. */
  readonly held: number;
  /** New certificates for connections to come; those that are open stay. Throws where they cannot be used, and changes nothing then. */
  renew(tls: TlsOptions): void;
  /**
   * Takes no more connections and frames, lets the answers of accepted frames leave, closes. Resolves when all connections are
   * closed; those that are not after `drainMs` milliseconds are cut off.
   */
  stop(drainMs: number): Promise<void>;
}
