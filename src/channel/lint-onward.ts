/** Lints of where a route's messages go: its destinations are there, and one of them takes what the route makes. */
import { finding } from './findings.ts';
import type { Places } from './places.ts';
import { didYouMean } from './suggest.ts';
import type { Channel, Finding, Route } from './types.ts';

export function lintOnward({ route, destinations }: Channel, places: Places): Finding[] {
  return route.flatMap((one) =>
    one.kind === 'filter' ? [] : [...unknown(one, destinations, places), ...taker(one, destinations, places)],
  );
}

type Onward = Exclude<Route, { kind: 'filter' }>;

function unknown(route: Onward, destinations: Channel['destinations'], places: Places): Finding[] {
  const names = destinations.map(({ name }) => name);
  return (route.to ?? []).flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          finding(
            'unknown-destination',
            places.of(route, ['to', index]),
            `There is no destination ${name} (deliver has ${names.join(', ')})${didYouMean(name, names, 'correct the name')}`,
          ),
        ],
  );
}

function taker(route: Onward, destinations: Channel['destinations'], places: Places): Finding[] {
  const meant = destinations.filter(({ name }) => route.to === null || route.to.includes(name));
  // Another finding says that there is none, or not the one that is named.
  if (meant.length === 0 || (route.to !== null && meant.length < route.to.length)) return [];
  const kinds = new Set(meant.map(({ kind }) => kind));
  const fail = (key: string, what: string, next: string): Finding[] => [
    finding('route-without-taker', places.of(route, key), `${what}; ${next}`),
  ];
  if (route.kind === 'map' && !kinds.has('fhir'))
    return fail(
      'map',
      'Nobody takes the bundle (no destination of the route is a FHIR server)',
      'write pass: true, or add one with fhir:',
    );
  if (route.kind === 'pass' && !kinds.has('mllp'))
    return fail(
      'pass',
      'Nobody takes the message (no destination of the route is an MLLP receiver)',
      'write map: NAME, or add one with mllp:',
    );
  if (route.edits.length > 0 && !kinds.has('mllp'))
    return fail(
      'edit',
      'Nobody takes the edited message (no destination of the route is an MLLP receiver)',
      'remove the edits, or add one with mllp:',
    );
  return [];
}
