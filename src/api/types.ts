/** What the API is built from. `engine.ts` fills this in; nothing in this room knows PostgreSQL, Redis or a socket of its own. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Channel } from '../channel/types.ts';
import type { InboxDesk, MessageDetail, TroubleDesk } from '../inbox/types.ts';
import type { TlsStatus } from '../tls.ts';

/** Whether one part of the engine can do its work, with a sentence for a person. */
export interface ReadyPart {
  readonly ready: boolean;
  /** What happened; what to do next. Never content, never a connection string. */
  readonly text: string;
}

export interface ReadyReport {
  readonly database: ReadyPart;
  readonly queue: ReadyPart;
  readonly listeners: ReadyPart;
}

/** What became of one populated leaf of a message: the ledger's line with its value, for the page of that one message. */
export interface ExplainedField {
  /** `PID-3[1].4.1` */
  readonly path: string;
  /** The value as sent, escapes decoded. */
  readonly value: string;
  readonly state: 'mapped' | 'skipped' | 'dropped';
  /** The rows that read or skipped it. */
  readonly rows: readonly string[];
  /** The reason, where skipped. */
  readonly why: string | null;
  /** Where it went, from the trace: `Patient.name[0].family`. */
  readonly to?: readonly string[];
}

/** What the edits of a destination do to a message. */
export interface ExplainedEdits {
  readonly destination: string;
  /** `step`: `lis, step 2`. */
  readonly changes: readonly { readonly step: string; readonly kind: string; readonly path: string }[];
}

export interface Explained {
  /** Null where the message is not mapped. */
  readonly fields: readonly ExplainedField[] | null;
  readonly edits: readonly ExplainedEdits[];
}

/** Maps and edits a message again as the channel says today; null where no route of it takes the message further. */
export type Explain = (message: Pick<MessageDetail, 'raw' | 'channel' | 'peer'>) => Explained | null | Promise<Explained | null>;

/** A merge that was taken back: by which message, who did it, when (EVN-2) and why. */
export interface Unmerged {
  readonly id: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** Takes back what a message merged. */
export interface UnmergeDesk {
  /** Gives the ids of the messages that do it. Throws `api-no-message`, `api-no-merge`, `api-unmerged`. */
  take(id: string, act: { readonly by: string; readonly reason: string; readonly at: Date }): Promise<string[]>;
  of(message: MessageDetail): Promise<Unmerged[]>;
}

/** How a channel's listener stands. */
export interface ListenerState {
  readonly channel: string;
  /** Connections of senders that are open. */
  readonly connections: number;
  /** Null: plain TCP. */
  readonly tls: TlsStatus | null;
}

export interface ApiOptions {
  readonly desk: InboxDesk;
  readonly unmerges: UnmergeDesk;
  /** What came to the listeners and was no message. */
  readonly troubles: TroubleDesk;
  /** The listeners of this engine. */
  readonly listeners: () => readonly ListenerState[];
  /** The channels that run now. */
  readonly channels: () => readonly Channel[];
  /** null where the engine cannot explain: the page leaves the tab out. */
  readonly explain: Explain | null;
  readonly ready: () => Promise<ReadyReport>;
  /** Prometheus text: `createMetrics(desk).expose`. */
  readonly metrics: () => Promise<string>;
  readonly version: string;
  /** Folder of the built page; null where it was not built. */
  readonly dashboard: string | null;
  /** Adds routes of the engine's own, such as the sandbox at `/fhir`. */
  readonly register?: (app: FastifyInstance) => Promise<void>;
  /** The clock that ages are counted from. Default: the machine's. */
  readonly clock?: () => Date;
  /** One line a request, without query or body: never content. Default: none. */
  readonly log?: (line: RequestLine) => void;
  /**
   * Host names, beside loopback, by which the page may be reached: `weir.mercy.example`. A name that is not listed is refused, so that
   * a foreign site cannot point a name of its own at this address and read the page (DNS rebinding). `*` takes any. Default: none.
   */
  readonly hosts?: readonly string[];
  /**
   * Decides who may call, before each handler but those of /healthz, /readyz and /metrics; throws a WeirError to refuse. Default: whoever
   * reaches the address.
   */
  readonly authorize?: (request: FastifyRequest) => Promise<void>;
}

/** What is logged of a request. */
export interface RequestLine {
  readonly method: string;
  /** The route as declared, `/api/messages/:id`; `(none)` where nothing matched. Never the address as sent, which may hold anything. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The code of the error that was answered. */
  readonly error: string | null;
  /** Class name of a fault of ours and the first frames of its stack: never its message. */
  readonly fault: string | null;
}
