/** The vocabulary of the message of record. */
import type { ErrorCode } from '../errors.ts';
import type { ConformanceFinding } from '../hl7/conformance/check.ts';

/** What became of a message. `refused` was answered AR or AE and kept; it is not part of the conservation sum. */
export type MessageState = 'waiting' | 'delivered' | 'filtered' | 'parked' | 'refused' | 'duplicate';
/** What became of its ACK. */
export type AckState = 'owed' | 'sent' | 'lost' | 'not-owed';

/** A channel's figures. At every moment received = delivered + filtered + waiting + parked. */
export interface ChannelFigures {
  readonly channel: string;
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly waiting: number;
  readonly parked: number;
  readonly refused: number;
  readonly duplicates: number;
  /** Messages with the control id of another and other content. */
  readonly conflicts: number;
  /** Application ACKs that are owed and have not left. */
  readonly unanswered: number;
  /** When the oldest waiting message was received; null when none waits. */
  readonly oldestWaiting: Date | null;
  readonly lastHeard: Date | null;
}

/** A message in a list: nothing of its content but type and control id. */
export interface MessageLine {
  /** Decimal; ids grow in the order received. */
  readonly id: string;
  readonly channel: string;
  readonly received: Date;
  readonly type: string;
  readonly controlId: string;
  readonly sender: string;
  readonly size: number;
  readonly state: MessageState;
  readonly ack: AckState;
  readonly cause: Cause | null;
}

/** Why a message is parked, refused or filtered. Never message content. */
export interface Cause {
  readonly code: ErrorCode | 'filtered';
  readonly text: string;
}

export interface Attempt {
  readonly at: Date;
  /** HTTP status, or null where no HTTP answer came. */
  readonly status: number | null;
  /** What an HL7 v2 receiver answered: MSA-1 and the codes of its ERR segments. Null where no ACK came. */
  readonly ack: { readonly code: string; readonly errors: readonly string[] } | null;
  readonly milliseconds: number;
  readonly error: Cause | null;
}

/** What a destination is sent: the bundle that the message was mapped to, or the message itself. */
export type DeliveryContent = 'bundle' | 'message';

export interface DeliveryDetail {
  readonly destination: string;
  readonly content: DeliveryContent;
  /** The message as it was or is to be sent; null where that is the bundle. */
  readonly sent: Uint8Array | null;
  readonly state: 'waiting' | 'delivered' | 'parked';
  readonly cause: Cause | null;
  readonly attempts: readonly Attempt[];
  /** When the next attempt is due; null where none is. */
  readonly due: Date | null;
}

/** The application ACK of a message. `ready`: it waits for a way to the sender. */
export interface ReplyDetail {
  readonly state: 'owed' | 'ready' | 'sent' | 'confirmed' | 'rejected' | 'not-needed';
  /** Its MSH-10. */
  readonly controlId: string;
  /** MSA-1; null before it was first sent. */
  readonly code: string | null;
  readonly attempts: number;
  readonly sent: Date | null;
  /** When it is sent next; null where it is not. */
  readonly due: Date | null;
  /** Why it could not leave at its last attempt, or was rejected. */
  readonly cause: Cause | null;
  readonly text: string | null;
}

export interface MessageDetail extends MessageLine {
  readonly raw: Uint8Array;
  readonly peer: string;
  /** The ACK's text as sent; null where none was owed. */
  readonly ackText: string | null;
  readonly mapping: string | null;
  /** The bundle that the message was mapped to, as JSON, also where it must not be sent; null where there is none. */
  readonly bundle: string | null;
  readonly deliveries: readonly DeliveryDetail[];
  /** Null where none was asked for. */
  readonly reply: ReplyDetail | null;
  /** The earlier message with its control id and other content; null where there is none. */
  readonly conflict: string | null;
  /** What a conformance check said of it; empty where it conforms, or was not checked. */
  readonly findings: readonly ConformanceFinding[];
}

export interface MessageQuery {
  readonly channel?: string;
  readonly state?: MessageState;
  /** Only ids below this one: the next page. */
  readonly before?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** What the API, the page and the commands read and do. */
export interface InboxDesk {
  figures(): Promise<ChannelFigures[]>;
  messages(query: MessageQuery): Promise<MessageLine[]>;
  message(id: string): Promise<MessageDetail | null>;
  /** Maps and delivers again with today's mapping, in its lane's order from now. Resolves to false where there is no such message or it still waits. */
  replay(id: string): Promise<boolean>;
  /** Takes a waiting message out of its lane. Resolves to false where it does not wait. */
  park(id: string): Promise<boolean>;
}

/** Something that came to a listener and was no message. `kind` and `reason` are the listener's closed codes. */
export interface Trouble {
  readonly channel: string;
  readonly at: Date;
  readonly kind: string;
  /** Of a handshake; null for the other kinds. */
  readonly reason: string | null;
  /** What OpenSSL calls it. */
  readonly detail: string | null;
  readonly peer: string;
  /** How many bytes came. */
  readonly size: number;
  /** The bytes, or the first of them. */
  readonly bytes: Uint8Array;
}

/** In a list: nothing of its content. */
export interface TroubleLine extends Omit<Trouble, 'bytes'> {
  /** Decimal; ids grow. */
  readonly id: string;
  /** How many of its bytes are kept. */
  readonly kept: number;
}

export interface TroubleDetail extends TroubleLine {
  readonly bytes: Uint8Array;
}

/** How many of a kind there were, those included that were not recorded. */
export interface TroubleCount {
  readonly channel: string;
  readonly kind: string;
  readonly count: number;
  readonly last: Date;
}

export interface TroubleQuery {
  readonly channel?: string;
  readonly kind?: string;
  /** Only ids below this one: the next page. */
  readonly before?: string;
  readonly limit: number;
}

/** What people read of it. */
export interface TroubleDesk {
  troubles(query: TroubleQuery): Promise<TroubleLine[]>;
  trouble(id: string): Promise<TroubleDetail | null>;
  counts(): Promise<TroubleCount[]>;
}
