/** Lints of channel files: each rule a function from what was read to findings. */
import type { Condition } from '../hl7/condition.ts';
import type { Mappings } from '../map/mapping.ts';
import type { ReadChannel } from './channel.ts';
import { finding } from './findings.ts';
import { lintEdits } from './lint-edits.ts';
import { lintOnward } from './lint-onward.ts';
import { checkCondition, checkPath } from './lint-paths.ts';
import { lintChannelTests } from './lint-tests.ts';
import { contradicts, implies } from './logic.ts';
import type { ReadMappings } from './mappings.ts';
import { keyOf, type Overlaid } from './overlaid.ts';
import type { Places } from './places.ts';
import { didYouMean } from './suggest.ts';
import type { Channel, Finding, Route } from './types.ts';
import type { YamlFile } from './yaml.ts';

interface Read {
  readonly channel: Channel;
  readonly yaml: YamlFile;
  readonly places: Places;
  /** The maps that the channel's routes may name. */
  readonly mappings: Mappings;
}

/** All lints of all channels. */
export function lintChannels(
  channels: readonly ReadChannel[],
  { mappings, damaged, places, overlays }: ReadMappings,
  overlaid: readonly Overlaid[],
): Finding[] {
  const read = channels.flatMap(({ channel, yaml }) => {
    if (channel === null) return [];
    const own = overlaid.find((one) => keyOf(one.overlays) === keyOf(channel.overlays))?.mappings ?? mappings;
    return [{ channel, yaml, places, mappings: own }];
  });
  return [
    ...portClashes(read),
    ...duplicateChannels(read),
    ...read.flatMap((one) => [
      ...duplicateDestinations(one),
      ...channelPaths(one),
      ...deferredAcks(one),
      ...copiesOfSsn(one),
      ...routePaths(one),
      ...unreachableRoutes(one),
      ...unknownMaps(one, damaged),
      ...unknownOverlays(one, [...overlays.keys()]),
      ...lintChannelTests(one.channel, one.mappings, one.places),
      ...lintOnward(one.channel, one.places),
      ...lintEdits(one.channel, { mappings: one.mappings, damaged, places }),
    ]),
  ];
}

function portClashes(read: readonly Read[]): Finding[] {
  const taken = new Map<number, Read>();
  return read.flatMap((one) => {
    const { port } = one.channel.listen;
    const other = taken.get(port);
    // 0 is any free port, and NaN one that the environment does not name: that is a finding already.
    if (port === 0 || Number.isNaN(port)) return [];
    if (!other) taken.set(port, one);
    return other
      ? [
          finding(
            'port-clash',
            one.yaml.place(['listen', 'mllp', 'port']),
            `The port ${port} is taken by another channel (${other.channel.name}); choose another port`,
          ),
        ]
      : [];
  });
}

function duplicateChannels(read: readonly Read[]): Finding[] {
  const seen = new Map<string, Read>();
  return read.flatMap((one) => {
    const other = seen.get(one.channel.name);
    if (!other) seen.set(one.channel.name, one);
    return other
      ? [
          finding(
            'duplicate-channel',
            one.yaml.place(['channel']),
            `There is another channel of the name ${one.channel.name} (in ${other.yaml.file}); rename one`,
          ),
        ]
      : [];
  });
}

function duplicateDestinations({ channel, places }: Read): Finding[] {
  const seen = new Set<string>();
  return channel.destinations.flatMap((destination) => {
    const { name } = destination;
    const twice = seen.has(name);
    seen.add(name);
    return twice
      ? [
          finding(
            'duplicate-destination',
            places.of(destination, 'to'),
            `There is another destination of the name ${name} (in the channel ${channel.name}); rename one`,
          ),
        ]
      : [];
  });
}

function channelPaths({ channel, yaml, mappings: { local } }: Read): Finding[] {
  const findings: Finding[] = [];
  checkPath(channel.orderBy, { datatypes: null, local }, yaml.place(['order-by']), findings);
  if (channel.duplicates)
    checkPath(channel.duplicates.by, { datatypes: null, local }, yaml.place(['duplicates', 'by']), findings);
  return findings;
}

function deferredAcks({ channel, yaml }: Read): Finding[] {
  if (channel.acknowledge.original === 'at-once' || channel.duplicates) return [];
  return [
    finding(
      'deferred-without-duplicates',
      yaml.place(['acknowledge', 'original']),
      'The ACK of original mode waits, and a sender that sends again meanwhile has its message mapped twice (the channel has no duplicates); add duplicates: {within: 7d}',
    ),
  ];
}

/** What `ssn` leaves out must not go along in a copy of the message. */
function copiesOfSsn({ channel: { settings }, yaml }: Read): Finding[] {
  if (settings.messageCopy !== 'data' || settings.ssn === 'keep' || settings.provenance === 'none') return [];
  return [
    finding(
      'copy-undoes-ssn',
      yaml.place(['settings', 'message-copy']),
      `The copy of the message holds the social security numbers that are left out elsewhere (ssn is ${settings.ssn}); make message-copy a URL, or keep them`,
    ),
  ];
}

function routePaths({ channel, places, mappings: { local } }: Read): Finding[] {
  const findings: Finding[] = [];
  for (const route of channel.route) {
    checkCondition(route.when, route.text, { datatypes: null, local }, (offset) => places.of(route, 'when', offset), findings);
  }
  return findings;
}

/** A route that an earlier one leaves nothing, that contradicts itself, or that is for a type which the channel does not take. */
function unreachableRoutes({ channel }: Read): Finding[] {
  const findings: Finding[] = [];
  for (const [index, route] of channel.route.entries()) {
    const why = neverRuns(route, channel.route.slice(0, index), channel.listen.types);
    if (why !== null) findings.push(finding('unreachable-route', route.source, `The route never runs (${why[0]}); ${why[1]}`));
  }
  return findings;
}

/** Why, and what to do; null where a message may come to the route. */
function neverRuns({ when }: Route, earlier: readonly Route[], types: readonly string[]): [why: string, next: string] | null {
  if (contradicts(when)) return ['its condition contradicts itself', 'correct the condition'];
  const cover = earlier.find((before) => implies(when, before.when));
  if (cover)
    return [`the route in line ${cover.source.line} takes every message that it would`, 'put it before that one, or remove it'];
  const terms = when.kind === 'or' ? when.terms : [];
  if (terms.length > 0 && terms.every((term) => earlier.some((before) => implies(term, before.when)))) {
    return ['the routes before it take every message that it would', 'put it before them, or remove it'];
  }
  const taken = types.map((text): Condition => {
    const [type = '*', event = '*'] = text.split('^');
    return { kind: 'and', terms: [{ kind: 'type', type, event }, when] };
  });
  if (types.length > 0 && taken.every(contradicts))
    return [`listen.types takes ${types.join(', ')} only`, 'add its type there, or remove the route'];
  return null;
}

function unknownMaps({ channel, places, mappings }: Read, damaged: ReadonlySet<string>): Finding[] {
  return channel.route.flatMap((route) => {
    if (route.kind !== 'map' || mappings.messages.has(route.mapping) || damaged.has(route.mapping)) return [];
    return [
      finding(
        'unknown-message-map',
        places.of(route, 'map'),
        `There is no message map ${route.mapping} (mappings/messages has no file of that name)${didYouMean(route.mapping, mappings.messages.keys(), 'write one, or name another')}`,
      ),
    ];
  });
}

function unknownOverlays({ channel, yaml }: Read, known: readonly string[]): Finding[] {
  return channel.overlays.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [
          finding(
            'unknown-overlay',
            yaml.place(['overlays', index]),
            `There is no overlay ${name} (mappings/sites has no folder of that name with a file in it)${didYouMean(name, known, 'make one, or name another')}`,
          ),
        ],
  );
}
