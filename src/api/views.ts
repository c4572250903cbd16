/** From the desk's types to the API's JSON: dates become text, and each field is named, so that nothing else leaves. Pure. */
import type { z } from 'zod';
import type { Channel, Destination } from '../channel/types.ts';
import type {
  ChannelFigures,
  DeliveryDetail,
  MessageDetail,
  MessageLine,
  ReplyDetail,
  TroubleCount,
  TroubleLine,
} from '../inbox/types.ts';
import type { channelView, delivery, messageDetail, messageLine, reply as replyView, troubleLine } from './schemas.ts';
import { viewMessage } from './segments.ts';
import type { ListenerState } from './types.ts';

export type ChannelView = z.infer<typeof channelView>;
type MessageLineView = z.infer<typeof messageLine>;

export function viewLine(line: MessageLine): MessageLineView {
  const { id, channel, type, controlId, sender, size, state, ack, cause } = line;
  return { id, channel, received: line.received.toISOString(), type, controlId, sender, size, state, ack, cause };
}

/** One message with its content, at most `most` of its segments taken apart. `charset` is its channel's override of MSH-18. */
export function viewDetail(
  message: MessageDetail,
  charset: string | null,
  most: number,
  now: Date,
): Omit<z.infer<typeof messageDetail>, 'unmerged'> {
  const { text, ...view } = viewMessage(message.raw, charset, most);
  const { peer, ackText, mapping } = message;
  return {
    ...viewLine(message),
    now: now.toISOString(),
    peer,
    raw: text,
    ...view,
    ackText: lines(ackText),
    reply: message.reply && viewReply(message.reply),
    conflict: message.conflict,
    findings: message.findings.map(({ location, code, severity, text }) => ({ location, code, severity, text })),
    mapping,
    bundle: message.bundle,
    deliveries: message.deliveries.map((line) => viewDelivery(line, charset)),
  };
}

function viewReply({ text, sent, due, ...reply }: ReplyDetail): z.infer<typeof replyView> {
  return { ...reply, text: lines(text), sent: sent?.toISOString() ?? null, due: due?.toISOString() ?? null };
}

/** With line ends that a page shows. */
function lines(text: string | null): string | null {
  return text?.replace(/\r\n?/g, '\n') ?? null;
}

function viewDelivery(line: DeliveryDetail, charset: string | null): z.infer<typeof delivery> {
  const { destination, content, state, cause } = line;
  const attempts = line.attempts.map(({ at, ack, ...attempt }) => ({
    ...attempt,
    at: at.toISOString(),
    ack: ack && { code: ack.code, errors: [...ack.errors] },
  }));
  const sent = line.sent && viewMessage(line.sent, charset, 0).text;
  return { destination, content, sent, state, cause, attempts, due: line.due?.toISOString() ?? null };
}

/** Every channel that runs, in its order, then those that only have messages left. */
export function viewChannels(
  channels: readonly Channel[],
  figures: readonly ChannelFigures[],
  listeners: readonly ListenerState[],
  troubles: readonly TroubleCount[],
): ChannelView[] {
  const byName = new Map(figures.map((line) => [line.channel, line]));
  const running = new Set(channels.map((channel) => channel.name));
  const wire = (name: string) =>
    viewWire(
      listeners.find(({ channel }) => channel === name),
      troubles.filter(({ channel }) => channel === name),
    );
  return [
    ...channels.map((channel) => ({ ...viewChannel(channel.name, channel, byName.get(channel.name)), ...wire(channel.name) })),
    ...figures
      .filter((line) => !running.has(line.channel))
      .map((line) => ({ ...viewChannel(line.channel, null, line), ...wire(line.channel) })),
  ];
}

type WireView = Pick<ChannelView, 'connections' | 'tls' | 'troubles'>;

function viewWire(listener: ListenerState | undefined, troubles: readonly TroubleCount[]): WireView {
  const tls = listener?.tls ?? null;
  return {
    connections: listener?.connections ?? 0,
    tls: tls && { loaded: tls.loaded.toISOString(), expires: tls.expires?.toISOString() ?? null, problem: tls.problem },
    troubles: troubles.map(({ kind, count, last }) => ({ kind, count, last: last.toISOString() })),
  };
}

/** One that came and was no message, without its bytes. */
export function viewTrouble(line: TroubleLine): z.infer<typeof troubleLine> {
  const { id, channel, at, kind, reason, detail, peer, size, kept } = line;
  return { id, channel, at: at.toISOString(), kind, reason, detail, peer, size, kept };
}

function viewChannel(
  name: string,
  channel: Channel | null,
  figures: ChannelFigures | undefined,
): Omit<ChannelView, keyof WireView> {
  return {
    name,
    running: channel !== null,
    description: channel?.description ?? '',
    owner: channel?.owner ?? '',
    port: channel?.listen.port ?? null,
    from: [...(channel?.listen.from ?? [])],
    types: [...(channel?.listen.types ?? [])],
    destinations: (channel?.destinations ?? []).map(viewDestination),
    received: figures?.received ?? 0,
    delivered: figures?.delivered ?? 0,
    filtered: figures?.filtered ?? 0,
    waiting: figures?.waiting ?? 0,
    parked: figures?.parked ?? 0,
    refused: figures?.refused ?? 0,
    duplicates: figures?.duplicates ?? 0,
    conflicts: figures?.conflicts ?? 0,
    unanswered: figures?.unanswered ?? 0,
    oldestWaiting: figures?.oldestWaiting?.toISOString() ?? null,
    lastHeard: figures?.lastHeard?.toISOString() ?? null,
  };
}

function viewDestination(destination: Destination): ChannelView['destinations'][number] {
  const { name, kind } = destination;
  if (kind === 'fhir') return { name, kind, address: withoutSecrets(destination.fhir) };
  const { host, port } = destination;
  return { name, kind, address: `${host.includes(':') ? `[${host}]` : host}:${port}` };
}

/** An address without user, password, query and fragment: those may hold a secret. */
function withoutSecrets(address: string): string {
  const url = URL.parse(address);
  return url === null || url.host === '' ? address : `${url.protocol}//${url.host}${url.pathname}`;
}
