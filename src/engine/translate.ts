/** One message from its raw bytes to its bundle: routed, mapped, validated. */
import type { Bundle } from 'fhir/r4';
import type { Meters } from '../api/metrics.ts';
import type { Explained } from '../api/types.ts';
import { type Channel, type Config, mappingsOf } from '../channel/types.ts';
import { errorEntry, WeirError } from '../errors.ts';
import { validateBundle } from '../fhir/validate.ts';
import { Message } from '../hl7/message.ts';
import type { MapOutcome, MapWork } from '../inbox/map-work.ts';
import type { Cause } from '../inbox/types.ts';
import type { Log } from '../log.ts';
import { compile, type Mapper } from '../map/compile.ts';
import { explain } from '../map/explain.ts';
import type { MapResult } from '../map/types.ts';
import { type CompiledRoutes, compileRoutes, route } from '../route/route.ts';

export interface Translation {
  /** What becomes of a message. Never throws: a fault of ours parks the message. */
  map(channel: string, work: Pick<MapWork, 'raw' | 'received'>): MapOutcome;
  /** Each field of a message and what the channel's mapping makes of it today; null where no route maps it. */
  explain(raw: Uint8Array, channel: string): Explained | null;
}

interface Ready {
  readonly channel: Channel;
  readonly routes: CompiledRoutes;
  readonly mapper: Mapper;
}

/** Compiles every channel's routes and mappings. */
export function openTranslation(config: Config, meters: Meters, log: Log): Translation {
  const ready = new Map<string, Ready>();
  for (const channel of config.channels) {
    ready.set(channel.name, {
      channel,
      routes: compileRoutes(channel),
      mapper: compile(mappingsOf(config, channel), channel.settings),
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
        if (outcome.kind === 'mapped') meters.mapped(channel, outcome.mapping, performance.now() - started);
        return outcome;
      } catch (error) {
        log.trouble('map', error);
        const code = error instanceof WeirError ? error.code : 'map-failed';
        return parked({ code, text: errorEntry(code).text });
      }
    },
    explain(raw, channel) {
      const { routes, mapper, channel: settings } = of(channel);
      const message = parse(raw, settings);
      const routed = route(message, routes);
      if (routed.kind !== 'map') return null;
      const fields = explain(message, mapper.map(routed.mapping, message, { receivedAt: new Date(0) }));
      return {
        fields: fields.map(({ path, value, state, rows, why, wrote }) => {
          return { path, value, state, rows, why, to: [...new Set(wrote.map(({ element }) => element))] };
        }),
      };
    },
  };
}

function parse(raw: Uint8Array, channel: Channel): Message {
  return Message.parse(raw, channel.listen.charset === null ? {} : { charset: channel.listen.charset });
}

function translate({ channel, routes, mapper }: Ready, work: Pick<MapWork, 'raw' | 'received'>): MapOutcome {
  const message = parse(work.raw, channel);
  const routed = route(message, routes);
  switch (routed.kind) {
    case 'none':
      return parked({ code: 'route-none', text: errorEntry('route-none').text });
    case 'filter':
      return { kind: 'filtered', cause: { code: 'filtered', text: routed.reason } };
    case 'map':
      return mapped(channel, routed.mapping, mapper.map(routed.mapping, message, { receivedAt: work.received }));
  }
}

function mapped(channel: Channel, mapping: string, result: MapResult): MapOutcome {
  const body = Buffer.from(JSON.stringify(result.bundle));
  const fault = faultOf(channel, result);
  return fault ? { ...parked(fault), mapping, body } : { kind: 'mapped', mapping, body };
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
