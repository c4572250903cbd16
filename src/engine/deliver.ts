/** One delivery: a connector's answer, and by the destination's retry rule what it means for the lane. */
import type { Meters } from '../api/metrics.ts';
import type { Channel, Destination, Retry } from '../channel/types.ts';
import type { Answer, Connector } from '../deliver/connector.ts';
import { openFhirConnector } from '../deliver/fhir.ts';
import { errorEntry } from '../errors.ts';
import type { DeliverOutcome, DeliverWork } from '../inbox/deliver-work.ts';
import type { Attempt } from '../inbox/types.ts';
import type { ClientOptions } from '../tls.ts';

export interface DeliveriesOptions {
  readonly channels: readonly Channel[];
  /** Base URL of the built-in FHIR store: the destination `sandbox`. */
  readonly sandbox: string;
  readonly meters: Meters;
  /** What the next encrypted connection of a destination to a host is made with; null: as is usual. */
  readonly tls: (destination: Destination, host: string) => ClientOptions | null;
}

export interface Deliveries {
  /** Sends one bundle. Never rejects. */
  send(channel: string, destination: Destination, work: DeliverWork): Promise<DeliverOutcome>;
  close(): Promise<void>;
}

/** Opens a connector for each destination of each channel. */
export function openDeliveries({ channels, sandbox, meters, tls }: DeliveriesOptions): Deliveries {
  const connectors = new Map<Destination, Connector>();
  for (const destination of channels.flatMap((channel) => channel.destinations)) {
    const url = destination.fhir === 'sandbox' ? sandbox : destination.fhir;
    connectors.set(destination, openFhirConnector({ ...destination, url, tls: (host) => tls(destination, host) }));
  }
  return {
    async send(channel, destination, work) {
      const connector = connectors.get(destination);
      if (!connector) throw new Error('a destination of no channel that runs');
      const at = new Date();
      const answer = await connector.send(work.body);
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

/** Only what may pass by itself is tried again, and only for so long. */
export function outcomeOf(answer: Answer, at: Date, work: Pick<DeliverWork, 'attempts' | 'since'>, retry: Retry): DeliverOutcome {
  const error = answer.code === null ? null : { code: answer.code, text: answer.text };
  const attempt: Attempt = { at, status: answer.status, milliseconds: answer.milliseconds, error };
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
