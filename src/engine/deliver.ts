/** One delivery: a connector's answer, and by the destination's retry rule what it means for the lane. */
import type { Meters } from '../api/metrics.ts';
import type { Channel, Destination, Retry } from '../channel/types.ts';
import type { Answer, Connector } from '../deliver/connector.ts';
import { openFhirConnector } from '../deliver/fhir.ts';
import { openMllpConnector } from '../deliver/mllp.ts';
import { errorEntry } from '../errors.ts';
import type { DeliverOutcome, DeliverWork } from '../inbox/deliver-work.ts';
import type { Attempt, DeliveryContent } from '../inbox/types.ts';
import type { ClientOptions } from '../tls.ts';
import type { Certificates } from './certificates.ts';

export interface DeliveriesOptions {
  readonly channels: readonly Channel[];
  /** Base URL of the built-in FHIR store: the destination `sandbox`. */
  readonly sandbox: string;
  readonly meters: Meters;
  /** What the next encrypted connection of a destination to a host is made with; null: as is usual. */
  readonly tls: Certificates['ofReceiver'];
}

export interface Deliveries {
  /** Sends one bundle or message. Never rejects. */
  send(channel: string, destination: Destination, work: DeliverWork): Promise<DeliverOutcome>;
  close(): Promise<void>;
}

/** Opens a connector for each destination of each channel. */
export function openDeliveries({ channels, sandbox, meters, tls }: DeliveriesOptions): Deliveries {
  const connectors = new Map<Destination, Connector>();
  for (const { destinations, listen } of channels) {
    for (const destination of destinations) {
      const options = { sandbox, charset: listen.charset, tls: (host: string) => tls(destination, host) };
      connectors.set(destination, connectorOf(destination, options));
    }
  }
  return {
    async send(channel, destination, work) {
      const connector = connectors.get(destination);
      if (!connector) throw new Error('a destination of no channel that runs');
      const at = new Date();
      const answer =
        work.body === null || work.content !== contentOf(destination) ? otherKind() : await connector.send(work.body);
      const outcome = outcomeOf(answer, at, work, destination.retry);
      meters.delivered(channel, destination.name, outcome.kind, answer.milliseconds);
      if (outcome.kind === 'retry') meters.retried(channel, destination.name);
      return outcome;
    },
    async close() {
      await Promise.all([...connectors.values()].map((connector) => connector.close()));
    },
  };
}

interface ConnectorOptions {
  readonly sandbox: string;
  readonly charset: string | null;
  readonly tls: (host: string) => ClientOptions | null;
}

function connectorOf(destination: Destination, { sandbox, charset, tls }: ConnectorOptions): Connector {
  switch (destination.kind) {
    case 'fhir':
      return openFhirConnector({ ...destination, url: destination.fhir === 'sandbox' ? sandbox : destination.fhir, tls });
    case 'mllp': {
      // A receiver without `tls:` is spoken to plainly: nothing says that it would understand.
      const encrypted = destination.tls === null ? null : () => tls(destination.host) ?? {};
      return openMllpConnector({ ...destination, connections: destination.concurrency, tls: encrypted, charset });
    }
  }
}

/** What a destination takes. */
export function contentOf({ kind }: Destination): DeliveryContent {
  return kind === 'fhir' ? 'bundle' : 'message';
}

/** The channel file was changed while the message waited. */
function otherKind(): Answer {
  const code = 'deliver-other-kind';
  return { kind: 'permanent', status: null, ack: null, code, text: errorEntry(code).text, milliseconds: 0 };
}

/** Only what may pass by itself is tried again, and only for so long. */
export function outcomeOf(answer: Answer, at: Date, work: Pick<DeliverWork, 'attempts' | 'since'>, retry: Retry): DeliverOutcome {
  const error = answer.code === null ? null : { code: answer.code, text: answer.text };
  const attempt: Attempt = { at, status: answer.status, ack: answer.ack, milliseconds: answer.milliseconds, error };
  if (error === null) return { kind: 'delivered', attempt };
  if (answer.kind === 'permanent') return { kind: 'parked', attempt, cause: error };
  const since = work.since ?? at;
  if (at.getTime() - since.getTime() >= retry.for) {
    return {
      kind: 'parked',
      attempt,
      cause: { code: 'deliver-gave-up', text: `${errorEntry('deliver-gave-up').text} (last: ${answer.text})` },
    };
  }
  return { kind: 'retry', attempt, due: new Date(at.getTime() + answer.milliseconds + backoff(work.attempts, retry)) };
}

/** Doubles from `first` to `max`; milliseconds. */
function backoff(attempts: number, { first, max }: Retry): number {
  return Math.min(first * 2 ** Math.min(attempts, 30), max);
}
