/** The tests of channels and mappings, run by the same functions as a message that is received. */
import { type Channel, type ChannelTest, type Config, mappingsOf } from '../channel/types.ts';
import type { ErrorCode } from '../errors.ts';
import { buildAck, buildRefusal } from '../hl7/ack.ts';
import { Message } from '../hl7/message.ts';
import { compileAccept } from '../listen/accept.ts';
import { compile } from '../map/compile.ts';
import type { Source } from '../map/mapping.ts';
import { type Tried, triedOf } from '../map/trial.ts';
import type { MapResult } from '../map/types.ts';
import { compileRoutes, route } from '../route/route.ts';
import { compareMapped, type Difference } from './compare.ts';
import { causeOf, compileConform, refusalOf } from './conform.ts';
import { compileOnward, messagesFor, type TakenMessage } from './onward.ts';
import { faultOf } from './translate.ts';

export interface TestResult {
  /** `channel adt`, `PID[Patient]`. */
  readonly of: string;
  readonly name: string;
  readonly source: Source;
  /** Empty: it passed. */
  readonly differences: readonly Difference[];
}

/** The expectations of a channel's test that are not of its bundle. */
const ofChannel = ['ack', 'refuse', 'map', 'filter', 'park'];
const stamp = { time: new Date('2026-01-01T00:00:00Z'), controlId: 'TEST' };

/**
 * Runs a channel's tests.
 * @param read gives the bytes of a test's message
 */
export async function runChannelTests(
  config: Config,
  channel: Channel,
  read: (test: ChannelTest) => Promise<Uint8Array>,
): Promise<TestResult[]> {
  const mappings = mappingsOf(config, channel);
  const mapper = compile(mappings, channel.settings);
  const routes = compileRoutes(channel);
  const onward = compileOnward(channel, mappings.vocabs);
  const results: TestResult[] = [];
  for (const test of channel.tests) {
    const came = cameOf(await read(test), channel, (message) => {
      const routed = route(message, routes);
      if (routed.kind === 'none' || routed.kind === 'filter') return routed;
      const to = onward[routed.route];
      const messages = to === undefined ? [] : messagesFor(message, to);
      if (routed.kind === 'pass') return { kind: 'pass', messages };
      const result = mapper.map(routed.mapping, message, { receivedAt: stamp.time });
      return { kind: 'map', mapping: routed.mapping, result, messages };
    });
    const { name, source, expect } = test;
    const messages = compareMessages(expect.messages, came.messages);
    const differences = [
      ...compareCame(expect, came),
      ...messages,
      ...compareMapped(expect, came.tried, [...ofChannel, 'messages']),
    ];
    results.push({ of: `channel ${channel.name}`, name, source, differences });
  }
  return results;
}

/** What became of a test's message. */
interface Came {
  readonly ack: string;
  readonly refuse: ErrorCode | null;
  readonly map: string | null;
  readonly filter: string | null;
  readonly park: { readonly code: ErrorCode | 'filtered'; readonly text: string } | null;
  readonly tried: Tried;
  /** What leaves for destinations that take messages. */
  readonly messages: readonly TakenMessage[];
}

type Translated =
  | {
      readonly kind: 'map';
      readonly mapping: string;
      readonly result: MapResult;
      readonly messages: readonly TakenMessage[];
    }
  | { readonly kind: 'pass'; readonly messages: readonly TakenMessage[] }
  | { readonly kind: 'filter'; readonly reason: string }
  | { readonly kind: 'none' };

const nothing: Tried = { parts: new Map(), issues: [], unmapped: [], dropped: [] };

function cameOf(raw: Uint8Array, channel: Channel, translate: (message: Message) => Translated): Came {
  const none = { refuse: null, map: null, filter: null, park: null, tried: nothing, messages: [] };
  let message: Message;
  try {
    message = Message.parse(raw, channel.listen.charset === null ? {} : { charset: channel.listen.charset });
  } catch {
    return { ...none, ack: buildRefusal({ code: 'hl7-not-a-message' }, stamp).code, refuse: 'hl7-not-a-message' };
  }
  // A test comes as from whoever may send: there is no certificate.
  const findings = compileConform(channel)?.(message) ?? [];
  const refusal =
    compileAccept({ ...channel.listen, certificates: [] })(message) ??
    (channel.conform?.then === 'reject' ? refusalOf(findings) : null);
  const parks = channel.conform?.then === 'park' ? causeOf(findings) : null;
  const ack = buildAck(message, refusal, stamp, { received: raw })?.code ?? 'none';
  if (refusal !== null) return { ...none, ack, refuse: refusal.code };
  const translated = translate(message);
  switch (translated.kind) {
    case 'none':
      return { ...none, ack, park: { code: 'route-none', text: 'no route of the channel matches' } };
    case 'filter':
      return { ...none, ack, filter: translated.reason };
    case 'pass':
      return { ...none, ack, park: parks ?? faultOfEdits(translated.messages), messages: translated.messages };
    case 'map': {
      if (parks !== null) return { ...none, ack, park: parks };
      const { mapping: map, result, messages } = translated;
      const park = faultOf(channel, result) ?? faultOfEdits(messages);
      return { ...none, ack, map, park, tried: triedOf(result), messages };
    }
  }
}

function faultOfEdits(messages: readonly TakenMessage[]): Came['park'] {
  return messages.find(({ fault }) => fault !== null)?.fault ?? null;
}

/** What is expected at paths of the messages that leave. */
function compareMessages(expected: unknown, messages: readonly TakenMessage[]): Difference[] {
  const all = Object.entries((expected ?? {}) as Readonly<Record<string, Readonly<Record<string, string | null>>>>);
  return all.flatMap(([destination, values]) => {
    const sent = messages.find((one) => one.destination === destination)?.message;
    if (sent === undefined) return [{ path: `messages.${destination}`, expected: 'a message', found: 'none goes there' }];
    return Object.entries(values).flatMap(([path, value]) => {
      const found = sent.get(path);
      return found === value
        ? []
        : [{ path: `messages.${destination}.${path}`, expected: value ?? 'empty', found: found ?? 'empty' }];
    });
  });
}

function compareCame(expect: Readonly<Record<string, unknown>>, came: Came): Difference[] {
  const found = { ...came, park: came.park?.code ?? null };
  return ofChannel.flatMap((key) => {
    const expected = expect[key];
    const is = found[key as 'ack' | 'map' | 'filter' | 'park' | 'refuse'];
    // A message that is parked unasked delivers nothing of what the test expects.
    if (key === 'park' && expected === undefined && came.park !== null && expect.filter === undefined)
      return [{ path: key, expected: 'not parked', found: `${came.park.code}: ${came.park.text}` }];
    return expected === undefined || expected === is
      ? []
      : [{ path: key, expected: String(expected), found: is ?? whatElse(came) }];
  });
}

function whatElse({ refuse, filter, map, park, messages }: Came): string {
  if (refuse !== null) return `refused (${refuse})`;
  if (filter !== null) return `filtered (${filter})`;
  if (park !== null) return `parked (${park.code})`;
  if (map !== null) return `mapped by ${map}`;
  return messages.length === 0 ? 'nothing' : 'passed on';
}
