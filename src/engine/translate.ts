/** One message from its raw bytes to what leaves: routed, mapped and validated, or passed on; edited for who takes messages. */
import type { Bundle, FhirResource } from 'fhir/r4';
import type { Meters } from '../api/metrics.ts';
import type { Explained } from '../api/types.ts';
import { type Channel, type Config, mappingsOf } from '../channel/types.ts';
import { errorEntry, WeirError } from '../errors.ts';
import { validateBundle } from '../fhir/validate.ts';
import type { ConformanceCheck } from '../hl7/conformance/check.ts';
import { Message } from '../hl7/message.ts';
import { byHand } from '../inbox/acts.ts';
import type { MapOutcome, MapWork, Onward } from '../inbox/map-work.ts';
import type { Cause, MessageDetail } from '../inbox/types.ts';
import type { Log } from '../log.ts';
import { compile, type Mapper } from '../map/compile.ts';
import { explain } from '../map/explain.ts';
import type { Mappings } from '../map/mapping.ts';
import type { MapResult, MapSettings } from '../map/types.ts';
import { markGivenUp, patientsOf } from '../merge/given-up.ts';
import { type CompiledRoutes, compileRoutes, type RouteResult, route } from '../route/route.ts';
import { causeOf, compileConform, isError, kept } from './conform.ts';
import { compileOnward, messagesFor, type RouteOnward } from './onward.ts';

export interface Translation {
  /** What becomes of a message. Never throws: a fault of ours parks the message. */
  map(channel: string, work: Work): MapOutcome;
  /** Each field of a message and what the channel's mapping makes of it today; null where no route maps it. */
  explain(message: Pick<MessageDetail, 'raw' | 'channel' | 'peer'>): Explained | null;
}

type Work = Pick<MapWork, 'raw' | 'received' | 'peer'>;

interface Ready {
  readonly channel: Channel;
  readonly routes: CompiledRoutes;
  readonly mapper: Mapper;
  /** By route. */
  readonly onward: readonly RouteOnward[];
  readonly conform: ConformanceCheck | null;
}

/** Compiles every channel's routes and mappings. */
export function openTranslation(config: Config, meters: Meters, log: Log): Translation {
  const ready = new Map<string, Ready>();
  const mapperOf = sharing();
  for (const channel of config.channels) {
    const mappings = mappingsOf(config, channel);
    ready.set(channel.name, {
      channel,
      routes: compileRoutes(channel),
      mapper: mapperOf(mappings, channel.settings),
      onward: compileOnward(channel, mappings.vocabs),
      conform: compileConform(channel),
    });
  }
  const of = (channel: string): Ready => {
    const found = ready.get(channel);
    if (!found) throw new WeirError('config-bad', 'the channel does not run');
    return found;
  };
  return {
    map(channel, work) {
      const started = performance.now();
      try {
        const outcome = translate(of(channel), work);
        if (outcome.findings?.some(isError)) meters.nonconforming(channel);
        if (outcome.kind === 'mapped') meters.mapped(channel, outcome.mapping ?? 'none', performance.now() - started);
        return outcome;
      } catch (error) {
        log.trouble('map', error);
        const code = error instanceof WeirError ? error.code : 'map-failed';
        return parked({ code, text: errorEntry(code).text });
      }
    },
    explain({ raw, channel, peer }) {
      const ready = of(channel);
      const message = parse(raw, ready.channel, peer);
      if (peer === byHand) return { fields: fieldsOf(message, ready.mapper, ownMapping), edits: [] };
      const routed = route(message, ready.routes);
      if (routed.kind !== 'map' && routed.kind !== 'pass') return null;
      const edits = messagesFor(message, onwardOf(ready, routed)).filter(({ changes }) => changes.length > 0);
      return {
        fields: routed.kind === 'pass' ? null : fieldsOf(message, ready.mapper, routed.mapping),
        edits: edits.map(({ destination, changes }) => ({ destination, changes })),
      };
    },
  };
}

/** Compiles mappings; channels with the same ones and the same settings share a mapper, and with it the memory of what is compiled. */
function sharing(): (mappings: Mappings, settings: MapSettings) => Mapper {
  const known = new Map<Mappings, Map<string, Mapper>>();
  return (mappings, settings) => {
    const ofMappings = known.get(mappings) ?? new Map<string, Mapper>();
    known.set(mappings, ofMappings);
    const key = JSON.stringify(settings);
    const mapper = ofMappings.get(key) ?? compile(mappings, settings);
    ofMappings.set(key, mapper);
    return mapper;
  };
}

function fieldsOf(message: Message, mapper: Mapper, mapping: string): Explained['fields'] {
  const fields = explain(message, mapper.map(mapping, message, { receivedAt: new Date(0) }));
  return fields.map(({ path, value, state, rows, why, wrote }) => {
    return { path, value, state, rows, why, to: [...new Set(wrote.map(({ element }) => element))] };
  });
}

/** What a person did is written here, whatever senders write. */
function parse(raw: Uint8Array, { listen }: Channel, peer: string): Message {
  return Message.parse(raw, listen.charset === null || peer === byHand ? {} : { charset: listen.charset });
}

function translate(ready: Ready, work: Work): MapOutcome {
  const message = parse(work.raw, ready.channel, work.peer);
  if (work.peer === byHand) return takenBack(message, ready, work.received);
  const routed = route(message, ready.routes);
  switch (routed.kind) {
    case 'none':
      return parked({ code: 'route-none', text: errorEntry('route-none').text });
    case 'filter':
      return { kind: 'filtered', cause: { code: 'filtered', text: routed.reason } };
    case 'pass':
      return checked(message, ready, () => passedOn(message, onwardOf(ready, routed), { mapping: null, body: null }));
    case 'map':
      return checked(message, ready, () => mapped(message, ready, routed.mapping, onwardOf(ready, routed), work.received));
  }
}

/** What is made of a message, with what is found of it; or the message parked for that. */
function checked(message: Message, { channel, conform }: Ready, make: () => MapOutcome): MapOutcome {
  if (conform === null) return make();
  const findings = kept(conform(message));
  const cause = channel.conform?.then === 'park' ? causeOf(findings) : null;
  return { ...(cause ? parked(cause) : make()), findings };
}

/** How a merge that is taken back is mapped, past the routes: they are for what senders send. */
const ownMapping = 'ADT_Z40';

/** A merge that a person took back goes where the merge went (ZUM-2), but for destinations that the channel has no more. */
function takenBack(message: Message, ready: Ready, receivedAt: Date): MapOutcome {
  const wanted = new Set(message.getAll('ZUM-2[*]'));
  const takers = ready.channel.destinations.filter(({ kind, name }) => kind === 'fhir' && wanted.has(name));
  if (takers.length === 0) return parked({ code: 'route-none', text: errorEntry('route-none').text });
  const onward = { bundleTakers: takers.map(({ name }) => name), messageTakers: [] };
  return mapped(message, ready, ownMapping, onward, receivedAt);
}

function mapped(message: Message, ready: Ready, mapping: string, to: RouteOnward, receivedAt: Date): MapOutcome {
  const result = ready.mapper.map(mapping, message, { receivedAt });
  const body = Buffer.from(JSON.stringify(result.bundle));
  const fault = faultOf(ready.channel, result);
  if (fault) return { ...parked(fault), mapping, body };
  const outcome = passedOn(message, to, { mapping, body });
  const bundle = result.bundle as Bundle<FhirResource>;
  const patients = outcome.kind === 'mapped' ? patientsOf(bundle, mapping === ownMapping) : null;
  if (patients === null) return outcome;
  const marked = (givenUp: ReadonlyMap<string, string>) => Buffer.from(JSON.stringify(markGivenUp(bundle, givenUp)));
  return { ...outcome, patients: { ...patients, marked } } as MapOutcome;
}

function onwardOf({ onward }: Ready, { route: index }: Exclude<RouteResult, { kind: 'none' }>): RouteOnward {
  return onward[index] ?? { bundleTakers: [], messageTakers: [] };
}

/** Each destination with what it is to be sent. One edit that cannot be done parks the message for all: it is mended in one place. */
function passedOn(message: Message, to: RouteOnward, made: { mapping: string | null; body: Uint8Array | null }): MapOutcome {
  const onward: Onward[] = to.bundleTakers.map((destination) => ({ destination, content: 'bundle', body: null }));
  for (const { destination, message: edited, fault } of messagesFor(message, to)) {
    if (fault !== null) return { ...parked({ code: fault.code, text: `${fault.text} (destination ${destination})` }), ...made };
    const isSame = edited === message || Buffer.compare(edited.bytes, message.bytes) === 0;
    onward.push({ destination, content: 'message', body: isSame ? null : edited.bytes });
  }
  return { kind: 'mapped', ...made, onward };
}

/** Why the bundle must not leave; null when it may. */
export function faultOf({ settings, invalid }: Channel, result: MapResult): Cause | null {
  const issue = result.issues.find(
    ({ severity, code }) =>
      (settings.unmappedCode === 'park' && code === 'unmapped-code') || (settings.onIssue === 'park' && severity === 'error'),
  );
  if (issue)
    return { code: 'map-issue', text: `${issue.text} (${issue.path}); correct it at the source or the mapping, then replay` };
  if (invalid === 'send') return null;
  const [first, ...others] = validateBundle(result.bundle as Bundle);
  if (!first) return null;
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  return {
    code: 'fhir-invalid',
    text: `The bundle is not valid FHIR R4: ${first.text} (${first.path}${more}); correct the mapping or the source, then replay`,
  };
}

function parked(cause: Cause): MapOutcome & { kind: 'parked' } {
  return { kind: 'parked', cause, mapping: null, body: null };
}
