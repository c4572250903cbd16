/** The state of the engine in one sentence, for the one who is woken at night: what, why, and the one thing to do. Pure. */
import type { ErrorCode } from '../errors.ts';
import type { Cause, ChannelFigures, MessageState } from '../inbox/types.ts';
import type { ListenerState, ReadyReport } from './types.ts';

export interface Verdict {
  readonly level: 'well' | 'watch' | 'act';
  readonly text: string;
  readonly cause: string | null;
  readonly action: Action | null;
}

export interface Action {
  readonly kind: 'replay-parked' | 'show';
  readonly label: string;
  readonly channel: string;
  readonly state: MessageState;
  readonly count: number;
}

export interface Situation {
  readonly now: Date;
  readonly ready: ReadyReport;
  /** Names of the channels that run. */
  readonly running: readonly string[];
  readonly figures: readonly ChannelFigures[];
  /** Causes of the latest parked messages, and of those waiting that have one, by channel. */
  readonly causes: ReadonlyMap<string, readonly Cause[]>;
  readonly listeners: readonly ListenerState[];
}

/** From here on a waiting message is named in the verdict, and from there on it needs a person. */
const slow = 60_000;
const stuck = 10 * 60_000;

/** The verdict: the first of these that holds is the sentence; the others are on the page below it. */
export function verdict(situation: Situation): Verdict {
  return notReady(situation.ready) ?? parked(situation) ?? waiting(situation) ?? certificate(situation) ?? well(situation);
}

function notReady(ready: ReadyReport): Verdict | null {
  for (const [name, part] of Object.entries(ready) as [string, ReadyReport[keyof ReadyReport]][])
    if (!part.ready)
      return {
        level: 'act',
        text: `The engine cannot work: its ${name} ${name === 'listeners' ? 'are' : 'is'} not ready`,
        cause: part.text,
        action: null,
      };
  return null;
}

function parked({ figures, causes }: Situation): Verdict | null {
  const worst = most(figures, (line) => line.parked);
  if (worst === null || worst.parked === 0) return null;
  const others = figures.filter((line) => line !== worst && line.parked > 0);
  const rest =
    others.length === 0
      ? ''
      : `, and ${count(
          sum(others, (line) => line.parked),
          'message',
        )} of ${list(others)}`;
  return {
    level: 'act',
    text: `${worst.channel}: ${count(worst.parked, 'message')} parked${rest}`,
    cause: commonCause(causes.get(worst.channel) ?? []),
    action: {
      kind: 'replay-parked',
      label: `Replay ${worst.parked === 1 ? 'the parked message' : `all ${number(worst.parked)} parked`} of ${worst.channel}`,
      channel: worst.channel,
      state: 'parked',
      count: worst.parked,
    },
  };
}

function waiting({ figures, causes, now }: Situation): Verdict | null {
  const oldest = most(figures, (line) => age(line, now));
  if (oldest === null || age(oldest, now) < slow) return null;
  const common = commonCause(causes.get(oldest.channel) ?? []);
  return {
    level: age(oldest, now) < stuck ? 'watch' : 'act',
    text: `${oldest.channel}: ${count(oldest.waiting, 'message')} waiting, the oldest for ${duration(age(oldest, now))}`,
    cause: common ?? 'Weir tries again by itself; open the oldest one to see its attempts, and see that its destination is up.',
    action: { kind: 'show', label: 'Show what waits', channel: oldest.channel, state: 'waiting', count: oldest.waiting },
  };
}

/** Certificates that have ended let nobody in; those that soon end, or cannot be renewed, will not. */
function certificate({ listeners, now }: Situation): Verdict | null {
  const troubled = listeners.filter(({ tls }) => tls !== null && (tls.problem !== null || hasEnded(tls.expires, now)));
  const worst = troubled.find(({ tls }) => hasEnded(tls?.expires ?? null, now)) ?? troubled[0];
  if (worst === undefined) return null;
  const ended = hasEnded(worst.tls?.expires ?? null, now);
  return {
    level: ended ? 'act' : 'watch',
    text: ended ? `${worst.channel}: the certificate has expired` : `${worst.channel}: the certificate needs a look`,
    cause: `${worst.tls?.problem ?? 'Renew it; the new files are taken as soon as they are there'}.`,
    action: null,
  };
}

const hasEnded = (expires: Date | null, now: Date) => expires !== null && expires <= now;

function well({ figures, running, now }: Situation): Verdict {
  if (running.length === 0)
    return {
      level: 'watch',
      text: 'No channel is running',
      cause: 'Write one in channels/ and see that `npx weir check` finds no fault in it.',
      action: null,
    };
  const channels = count(running.length, 'channel');
  if (sum(figures, (line) => line.received) === 0)
    return {
      level: 'well',
      text: `All is well: ${channels} ${running.length === 1 ? 'listens' : 'listen'}, and no message has come yet`,
      cause: null,
      action: null,
    };
  const longest = Math.max(0, ...figures.map((line) => age(line, now)));
  const waits = figures.some((line) => line.waiting > 0)
    ? `nothing waits longer than ${duration(Math.max(1000, longest))}`
    : 'nothing waits';
  return { level: 'well', text: `All is well: ${channels}, ${waits}`, cause: null, action: null };
}

/** The sentence of the most frequent cause, and how many more there are. */
function commonCause(causes: readonly Cause[]): string | null {
  const byCode = new Map<ErrorCode | 'filtered', Cause[]>();
  for (const cause of causes) byCode.set(cause.code, [...(byCode.get(cause.code) ?? []), cause]);
  const groups = [...byCode.values()].sort((a, b) => b.length - a.length);
  const text = groups[0]?.[0]?.text;
  if (text === undefined) return null;
  return groups.length === 1 ? `${text}.` : `${text}. ${count(groups.length - 1, 'other cause')} beside it.`;
}

const age = (line: ChannelFigures, now: Date) =>
  line.oldestWaiting === null ? 0 : Math.max(0, now.getTime() - line.oldestWaiting.getTime());
const number = (value: number) => value.toLocaleString('en');
const count = (value: number, noun: string) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0);
const list = (lines: readonly ChannelFigures[]) => lines.map((line) => line.channel).join(', ');

function most<T>(items: readonly T[], of: (item: T) => number): T | null {
  return items.reduce<T | null>((best, item) => (best === null || of(item) > of(best) ? item : best), null);
}

/** Milliseconds for a person: `3 s`, `4 min`, `2 h`, `5 days`. */
export function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
