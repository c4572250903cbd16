import { expect, test } from 'vitest';
import type { ChannelFigures } from '../inbox/types.ts';
import { type Situation, verdict } from './verdict.ts';

const now = new Date('2026-03-01T03:00:00Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const well = { ready: true, text: 'It answers' };

function figures(channel: string, parts: Partial<ChannelFigures> = {}): ChannelFigures {
  const none = {
    received: 0,
    delivered: 0,
    filtered: 0,
    waiting: 0,
    parked: 0,
    refused: 0,
    duplicates: 0,
    conflicts: 0,
    unanswered: 0,
    oldestWaiting: null,
    lastHeard: null,
  };
  return { channel, ...none, ...parts };
}

function situation(lines: ChannelFigures[], parts: Partial<Situation> = {}): Situation {
  const running = lines.map((line) => line.channel);
  const ready = { database: well, queue: well, listeners: well };
  return { now, ready, running, figures: lines, causes: new Map(), listeners: [], ...parts };
}

test('all is well, and nothing has come yet', () => {
  const found = verdict(situation([figures('adt'), figures('lab')]));
  expect(found).toEqual({
    level: 'well',
    text: 'All is well: 2 channels listen, and no message has come yet',
    cause: null,
    action: null,
  });
});

test('all is well, and how long the longest waits', () => {
  expect(verdict(situation([figures('adt', { received: 9, delivered: 9 })])).text).toBe('All is well: 1 channel, nothing waits');
  const waits = figures('adt', { received: 9, waiting: 2, oldestWaiting: before(3) });
  expect(verdict(situation([waits]))).toMatchObject({
    level: 'well',
    text: 'All is well: 1 channel, nothing waits longer than 3 s',
  });
});

test('parked messages come first: the worst channel, its most frequent cause, and one button', () => {
  const refused = { code: 'deliver-refused', text: 'The destination refused the bundle; read its answer' } as const;
  const causes = new Map([['lab', [{ code: 'route-none', text: 'No route' } as const, refused, refused]]]);
  const lines = [figures('adt', { parked: 1 }), figures('lab', { parked: 1400, waiting: 3, oldestWaiting: before(4000) })];
  expect(verdict(situation(lines, { causes }))).toEqual({
    level: 'act',
    text: 'lab: 1,400 messages parked, and 1 message of adt',
    cause: 'The destination refused the bundle; read its answer. 1 other cause beside it.',
    action: { kind: 'replay-parked', label: 'Replay all 1,400 parked of lab', channel: 'lab', state: 'parked', count: 1400 },
  });
});

test('what waits long is named after a minute, and is for a person after ten', () => {
  const line = (seconds: number) => [figures('adt'), figures('lab', { waiting: 12, oldestWaiting: before(seconds) })];
  expect(verdict(situation(line(59))).level).toBe('well');
  expect(verdict(situation(line(90)))).toMatchObject({
    level: 'watch',
    text: 'lab: 12 messages waiting, the oldest for 90 s',
    action: { kind: 'show', channel: 'lab', state: 'waiting' },
  });
  expect(verdict(situation(line(720)))).toMatchObject({ level: 'act', text: 'lab: 12 messages waiting, the oldest for 12 min' });
});

test('an engine that cannot work says so before anything else', () => {
  const ready = { database: well, queue: well, listeners: { ready: false, text: 'Port 2575 is in use; free it' } };
  expect(verdict(situation([figures('lab', { parked: 3 })], { ready }))).toMatchObject({
    level: 'act',
    text: 'The engine cannot work: its listeners are not ready',
    cause: 'Port 2575 is in use; free it',
  });
});

test('no channel at all is not well', () => {
  expect(verdict(situation([], { running: [] }))).toMatchObject({ level: 'watch', text: 'No channel is running' });
});

test.each([
  ['that hold are not spoken of', { expires: before(-86_400), problem: null }, 'well', /All is well/],
  ['that cannot be renewed', { expires: before(-86_400), problem: 'They differ (so); mend it' }, 'watch', /needs a look/],
  ['that have ended let nobody in', { expires: before(60), problem: null }, 'act', /has expired/],
])('certificates %s', (_, tls, level, text) => {
  const listeners = [{ channel: 'adt', connections: 0, tls: { loaded: before(9), ...tls } }];
  const found = verdict(situation([figures('adt')], { listeners }));
  expect(found).toMatchObject({ level, text: expect.stringMatching(text) });
  if (tls.problem !== null) expect(found.cause).toBe('They differ (so); mend it.');
});
