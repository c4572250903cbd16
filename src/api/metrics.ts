/**
 * Figures for Prometheus, through OpenTelemetry. Labels are names of the configuration (channel, destination) and closed
 * codes; nothing that a message says becomes a label.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { AckCode } from '../errors.ts';
import type { ChannelFigures, InboxDesk } from '../inbox/types.ts';
import type { ListenerState } from './types.ts';

/** What the engine reports as it works. Durations in milliseconds; they are exposed in seconds, as Prometheus asks. */
export interface Meters {
  /** An ACK left, this long after the last byte of its message came in. */
  acked(channel: string, code: AckCode | 'CA' | 'CE' | 'CR', milliseconds: number): void;
  /** A message went through its mapping. */
  mapped(channel: string, mapping: string, milliseconds: number): void;
  /** An attempt at a destination ended. */
  delivered(channel: string, destination: string, outcome: 'delivered' | 'retry' | 'parked', milliseconds: number): void;
  /** An application ACK left, or was sent again. */
  replied(channel: string, code: AckCode): void;
  /** Something came to a listener and was no message, by its kind. */
  troubled(channel: string, kind: string): void;
  /** A message does not conform to the standard or the channel's profile. */
  nonconforming(channel: string): void;
  /** A message is tried again at a destination. */
  retried(channel: string, destination: string): void;
}

export interface Metrics {
  readonly meters: Meters;
  /** Reads the desk once and gives all figures as Prometheus text (version 0.0.4). */
  expose(): Promise<string>;
  /** Stops the measurement of the event loop. */
  close(): Promise<void>;
}

/** A reader that is only ever asked: no server, no timer. */
class ScrapeReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const ackBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];
const mapBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1];
const deliveryBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/**
 * The figures of one engine. `desk` is read at each scrape; where it cannot be read, `weir_inbox_readable` is 0 and the process's own
 * figures still come. `now` is the clock, in milliseconds.
 */
export function createMetrics(
  desk: Pick<InboxDesk, 'figures'>,
  now: () => number = Date.now,
  listeners: () => readonly ListenerState[] = () => [],
): Metrics {
  const reader = new ScrapeReader();
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('weir');
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const meters = workMeters(meter);
  observeInbox(meter, desk, now);
  observeListeners(meter, listeners);
  const stopProcess = observeProcess(meter);
  return {
    meters,
    async expose() {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      stopProcess();
      await provider.shutdown();
    },
  };
}

function workMeters(meter: Meter): Meters {
  const histogram = (name: string, description: string, boundaries: number[]) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: boundaries } });
  const ack = histogram('weir_ack_seconds', 'From the last byte of a message to its ACK', ackBuckets);
  const map = histogram('weir_map_seconds', 'Mapping of one message', mapBuckets);
  const delivery = histogram('weir_delivery_seconds', 'One attempt at a destination, by its outcome', deliveryBuckets);
  const retries = meter.createCounter('weir_delivery_retries_total', { description: 'Attempts after the first' });
  const nonconforming = meter.createCounter('weir_nonconforming_total', {
    description: "Messages that do not conform to the standard or the channel's profile",
  });
  const replies = meter.createCounter('weir_application_acks_total', {
    description: 'Application ACKs that left, by their code',
  });
  const troubles = meter.createCounter('weir_listen_troubles_total', {
    description: 'What came to a listener and was no message, by kind',
  });
  return {
    troubled: (channel, kind) => troubles.add(1, { channel, kind }),
    nonconforming: (channel) => nonconforming.add(1, { channel }),
    replied: (channel, code) => replies.add(1, { channel, code }),
    acked: (channel, code, milliseconds) => ack.record(milliseconds / 1000, { channel, code }),
    mapped: (channel, mapping, milliseconds) => map.record(milliseconds / 1000, { channel, mapping }),
    delivered: (channel, destination, outcome, milliseconds) =>
      delivery.record(milliseconds / 1000, { channel, destination, outcome }),
    retried: (channel, destination) => retries.add(1, { channel, destination }),
  };
}

/**
 * Received, refused and duplicates only ever grow: counters. Delivered, filtered, waiting and parked are states that a replay takes
 * a message out of again: gauges, whose sum over a channel is what it received (the conservation sum, readable in PromQL).
 */
function observeInbox(meter: Meter, desk: Pick<InboxDesk, 'figures'>, now: () => number): void {
  const readable = meter.createObservableGauge('weir_inbox_readable', { description: 'Whether the figures could be read' });
  const counter = (name: string, description: string) => meter.createObservableCounter(name, { description });
  const received = counter('weir_messages_received_total', 'Messages accepted');
  const refused = counter('weir_messages_refused_total', 'Messages answered AR or AE, and kept');
  const duplicates = counter('weir_messages_duplicates_total', 'Messages sent again, and answered with the stored ACK');
  const conflicts = counter('weir_control_id_conflicts_total', 'Messages with the control id of another and other content');
  const gauge = (name: string, description: string, unit?: string) =>
    meter.createObservableGauge(name, unit === undefined ? { description } : { description, unit });
  const messages = gauge('weir_messages', 'Accepted messages by state; the sum over the states is what was received');
  const unanswered = gauge('weir_application_acks_owed', 'Application ACKs that senders asked for and that have not left');
  const oldest = gauge('weir_oldest_waiting_seconds', 'Age of the oldest waiting message, 0 where none waits', 's');
  const heard = gauge('weir_last_heard_timestamp_seconds', 'When the channel last received a message', 's');

  const observe = (result: BatchObservableResult, line: ChannelFigures): void => {
    const labels = { channel: line.channel };
    result.observe(received, line.received, labels);
    result.observe(refused, line.refused, labels);
    result.observe(duplicates, line.duplicates, labels);
    result.observe(conflicts, line.conflicts, labels);
    result.observe(unanswered, line.unanswered, labels);
    for (const state of ['delivered', 'filtered', 'waiting', 'parked'] as const)
      result.observe(messages, line[state], { ...labels, state });
    const age = line.oldestWaiting === null ? 0 : Math.max(0, now() - line.oldestWaiting.getTime());
    result.observe(oldest, age / 1000, labels);
    if (line.lastHeard !== null) result.observe(heard, line.lastHeard.getTime() / 1000, labels);
  };
  meter.addBatchObservableCallback(
    async (result) => {
      try {
        for (const line of await desk.figures()) observe(result, line);
        result.observe(readable, 1);
      } catch {
        result.observe(readable, 0);
      }
    },
    [readable, received, refused, duplicates, conflicts, unanswered, messages, oldest, heard],
  );
}

function observeListeners(meter: Meter, listeners: () => readonly ListenerState[]): void {
  const open = meter.createObservableGauge('weir_connections', { description: 'Connections of senders that are open' });
  const expires = meter.createObservableGauge('weir_certificate_expiry_timestamp_seconds', {
    description: "When the listener's certificate ends",
    unit: 's',
  });
  meter.addBatchObservableCallback(
    (result) => {
      for (const { channel, connections, tls } of listeners()) {
        result.observe(open, connections, { channel });
        if (tls?.expires) result.observe(expires, tls.expires.getTime() / 1000, { channel });
      }
    },
    [open, expires],
  );
}

function observeProcess(meter: Meter): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const memory = meter.createObservableGauge('weir_process_memory_bytes', { description: 'Memory of the engine', unit: 'By' });
  const loop = meter.createObservableGauge('weir_event_loop_delay_seconds', {
    description: 'How late timers ran since the last scrape',
    unit: 's',
  });
  meter.addBatchObservableCallback(
    (result) => {
      const usage = process.memoryUsage();
      result.observe(memory, usage.rss, { kind: 'resident' });
      result.observe(memory, usage.heapUsed, { kind: 'heap' });
      result.observe(memory, usage.external, { kind: 'external' });
      // An empty histogram answers NaN for the mean and a huge minimum; percentile and max are 0 then.
      for (const quantile of [50, 99]) result.observe(loop, delay.percentile(quantile) / 1e9, { quantile: `${quantile / 100}` });
      result.observe(loop, delay.max / 1e9, { quantile: '1' });
      delay.reset();
    },
    [memory, loop],
  );
  return () => delay.disable();
}
