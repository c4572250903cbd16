import { expect, test } from 'vitest';
import { ackSentence, replySentence, stateSentence } from './sentence.ts';
import type { Delivery, Message } from './types.ts';

const now = '2026-03-01T03:00:00Z';
const refused = { code: 'deliver-refused', text: 'The destination refused the bundle; read its answer' };

function message(parts: Partial<Message>): Message {
  const line = {
    id: '1',
    channel: 'lab',
    received: now,
    type: 'ORU^R01',
    controlId: 'L1',
    sender: 'LAB^A',
    size: 9,
    state: 'waiting',
    ack: 'sent',
  } as const;
  const detail = {
    now,
    peer: '',
    raw: '',
    segments: [],
    segmentCount: 0,
    charset: 'utf-8',
    undecodable: null,
    ackText: null,
    reply: null,
    conflict: null,
    unmerged: [],
    findings: [],
    mapping: null,
    bundle: null,
    deliveries: [],
    cause: null,
  };
  return { ...line, ...detail, ...parts };
}

function delivery(parts: Partial<Delivery>): Delivery {
  return { destination: 'cdr', content: 'bundle', sent: null, state: 'waiting', cause: null, attempts: [], due: null, ...parts };
}

const attempt = (error: Delivery['cause'], status: number | null = 503) => ({
  at: now,
  status,
  ack: null,
  milliseconds: 5,
  error,
});

test('each state has a sentence that tells its cause', () => {
  const text = (parts: Partial<Message>) => stateSentence(message(parts)).text;
  expect(text({})).toBe('Waiting to be mapped');
  expect(text({ deliveries: [delivery({})] })).toBe('Mapped, and waiting to be delivered');
  expect(text({ state: 'parked', cause: refused })).toBe('Parked: the destination refused the bundle; read its answer');
  expect(text({ state: 'parked', deliveries: [delivery({ state: 'parked', cause: refused })] })).toContain(
    'cdr: The destination refused',
  );
  expect(text({ state: 'filtered', cause: { code: 'filtered', text: 'pre-admit' } })).toBe(
    'Filtered by the channel, and not delivered: pre-admit',
  );
  expect(text({ state: 'refused', cause: { code: 'listen-type', text: 'The type is not taken' } })).toBe(
    'Refused, and kept: the type is not taken',
  );
  expect(text({ state: 'duplicate' })).toContain('the stored ACK was sent again');
});

test('a message held by its destination tells how often it was tried, why, and when again', () => {
  const busy = { code: 'deliver-busy', text: 'The destination asked to be tried again later' };
  const held = delivery({ attempts: [attempt(busy), attempt(busy)], due: '2026-03-01T03:00:08Z' });
  expect(stateSentence(message({ deliveries: [held] }))).toEqual({
    tone: 'wait',
    text: 'Waiting for cdr after 2 attempts: the destination asked to be tried again later; the next attempt is due in 8 s',
  });
});

test('a message delivered to several destinations names them all', () => {
  const deliveries = ['cdr', 'archive'].map((destination) =>
    delivery({ destination, state: 'delivered', attempts: [attempt(null, 200)] }),
  );
  expect(stateSentence(message({ state: 'delivered', deliveries })).text).toMatch(/^Delivered to cdr at .* and to archive at /);
});

test('an ACK that was lost says what the sender may do', () => {
  expect(ackSentence(message({ ack: 'lost' }))).toContain('the sender may send the message again');
});

test('the application ACK', () => {
  const reply = {
    state: 'sent',
    controlId: 'W1',
    code: 'AA',
    attempts: 1,
    sent: now,
    due: null,
    cause: null,
    text: null,
  } as const;
  expect(replySentence(message({}))).toBeNull();
  expect(replySentence(message({ reply }))).toMatch(/^The application ACK AA was sent at [\d:]+$/);
  expect(replySentence(message({ reply: { ...reply, state: 'confirmed', attempts: 2 } }))).toMatch(
    /, at attempt 2, and the sender has confirmed it$/,
  );
  expect(replySentence(message({ reply: { ...reply, state: 'ready', sent: null } }))).toBe(
    'The application ACK waits for its sender to come back',
  );
  const cause = { code: 'deliver-unreachable', text: 'The destination could not be reached (nothing listens there)' };
  expect(replySentence(message({ reply: { ...reply, state: 'ready', sent: null, attempts: 3, cause } }))).toBe(
    'The application ACK could not be sent, at attempt 3: The destination could not be reached (nothing listens there)',
  );
  expect(replySentence(message({ reply: { ...reply, state: 'rejected', cause } }))).toMatch(/rejected it: The destination/);
});
