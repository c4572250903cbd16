import { expect, test } from 'vitest';
import type { ChannelFigures } from '../inbox/types.ts';
import { createMetrics } from './metrics.ts';

const lab: ChannelFigures = {
  channel: 'lab',
  received: 10,
  delivered: 4,
  filtered: 1,
  waiting: 3,
  parked: 2,
  refused: 5,
  duplicates: 6,
  conflicts: 7,
  unanswered: 8,
  oldestWaiting: new Date('2026-03-01T08:00:00Z'),
  lastHeard: new Date('2026-03-01T08:00:30Z'),
};
const now = () => Date.parse('2026-03-01T08:01:00Z');

/** The value of a series in Prometheus text. */
function value(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test('the figures of each channel are read at the scrape, and the states add up to what was received (promise 2)', async () => {
  const figures = [lab];
  const metrics = createMetrics({ figures: async () => figures }, now);
  const first = await metrics.expose();
  expect(value(first, 'weir_messages_received_total{channel="lab"}')).toBe(10);
  const states = ['delivered', 'filtered', 'waiting', 'parked'].map((state) =>
    value(first, `weir_messages{channel="lab",state="${state}"}`),
  );
  expect(states).toEqual([4, 1, 3, 2]);
  expect(value(first, 'weir_messages_refused_total{channel="lab"}')).toBe(5);
  expect(value(first, 'weir_messages_duplicates_total{channel="lab"}')).toBe(6);
  expect(value(first, 'weir_control_id_conflicts_total{channel="lab"}')).toBe(7);
  expect(value(first, 'weir_application_acks_owed{channel="lab"}')).toBe(8);
  expect(value(first, 'weir_oldest_waiting_seconds{channel="lab"}')).toBe(60);
  expect(value(first, 'weir_last_heard_timestamp_seconds{channel="lab"}')).toBe(Date.parse('2026-03-01T08:00:30Z') / 1000);

  figures[0] = { ...lab, received: 11, waiting: 0, delivered: 8, oldestWaiting: null };
  const second = await metrics.expose();
  expect(value(second, 'weir_messages_received_total{channel="lab"}')).toBe(11);
  expect(value(second, 'weir_oldest_waiting_seconds{channel="lab"}')).toBe(0);
  await metrics.close();
});

test('a database that is away does not take the process figures with it', async () => {
  const metrics = createMetrics({ figures: () => Promise.reject(new Error('connection lost')) });
  const text = await metrics.expose();
  expect(value(text, 'weir_inbox_readable')).toBe(0);
  expect(value(text, 'weir_process_memory_bytes{kind="resident"}')).toBeGreaterThan(1e6);
  expect(text).toContain('weir_event_loop_delay_seconds{quantile="0.99"}');
  expect(text).not.toContain('connection lost');
  await metrics.close();
});

test('what the engine reports is counted by channel and destination, in seconds', async () => {
  const metrics = createMetrics({ figures: async () => [] });
  metrics.meters.acked('lab', 'AA', 4);
  metrics.meters.acked('lab', 'AA', 400);
  metrics.meters.mapped('lab', 'ORU_R01', 2);
  metrics.meters.delivered('lab', 'cdr', 'delivered', 20);
  metrics.meters.delivered('lab', 'cdr', 'retry', 20);
  metrics.meters.retried('lab', 'cdr');
  const text = await metrics.expose();
  expect(value(text, 'weir_ack_seconds_count{channel="lab",code="AA"}')).toBe(2);
  expect(value(text, 'weir_ack_seconds_bucket{channel="lab",code="AA",le="0.005"}')).toBe(1);
  expect(value(text, 'weir_ack_seconds_sum{channel="lab",code="AA"}')).toBeCloseTo(0.404);
  expect(value(text, 'weir_map_seconds_count{channel="lab",mapping="ORU_R01"}')).toBe(1);
  expect(value(text, 'weir_delivery_seconds_count{channel="lab",destination="cdr",outcome="retry"}')).toBe(1);
  expect(value(text, 'weir_delivery_retries_total{channel="lab",destination="cdr"}')).toBe(1);
  await metrics.close();
});

test('two engines in one process keep their figures apart', async () => {
  const one = createMetrics({ figures: async () => [lab] }, now);
  const other = createMetrics({ figures: async () => [] }, now);
  one.meters.retried('lab', 'cdr');
  expect(await other.expose()).not.toContain('channel="lab"');
  await one.close();
  await other.close();
});

test('what came to a listener and was no message is counted by its kind, beside its connections and its certificate', async () => {
  const tls = { loaded: new Date(0), expires: new Date(86_400_000), problem: null };
  const metrics = createMetrics({ figures: async () => [] }, now, () => [{ channel: 'lab', connections: 7, tls }]);
  metrics.meters.troubled('lab', 'junk');
  metrics.meters.troubled('lab', 'junk');
  metrics.meters.troubled('lab', 'handshake');
  const text = await metrics.expose();
  expect(value(text, 'weir_listen_troubles_total{channel="lab",kind="junk"}')).toBe(2);
  expect(value(text, 'weir_listen_troubles_total{channel="lab",kind="handshake"}')).toBe(1);
  expect(value(text, 'weir_connections{channel="lab"}')).toBe(7);
  expect(value(text, 'weir_certificate_expiry_timestamp_seconds{channel="lab"}')).toBe(86_400);
  await metrics.close();
});
