/** The inline tests of all maps, each with the mappings that it runs with. */
import type { Mappings } from '../map/mapping.ts';
import type { ReadMappings } from './mappings.ts';
import type { Overlaid } from './overlaid.ts';
import { isVocabTest } from './overlays.ts';
import type { MapTestCase } from './types.ts';

/** The base's tests run with the base; those of an overlay with the first result that it is laid into. */
export function mapTests({ mappings, overlays }: ReadMappings, overlaid: readonly Overlaid[]): MapTestCase[] {
  const ofOverlays = [...overlays.values()].flatMap(({ name, maps, tests }) => {
    const laid = overlaid.find((one) => one.overlays.includes(name))?.mappings;
    if (laid === undefined) return [];
    return [...ofMaps(maps, laid), ...tests.map(({ map, test }) => caseOf(map, test, laid))];
  });
  return [...ofMaps(mappings, mappings), ...ofOverlays];
}

function ofMaps({ messages, segments, datatypes, vocabs }: Omit<Mappings, 'local'>, mappings: Mappings): MapTestCase[] {
  return [
    ...[...messages.values()].flatMap((map) => (map.tests ?? []).map((test) => caseOf(map.message, test, mappings))),
    ...[...segments.values(), ...datatypes.values()].flatMap((map) =>
      (map.tests ?? []).map((test) => caseOf(map.map, test, mappings)),
    ),
    ...[...vocabs.values()].flatMap((map) => (map.tests ?? []).map((test) => caseOf(map.vocab, test, mappings))),
  ];
}

function caseOf(map: string, test: MapTestCase['test'], mappings: Mappings): MapTestCase {
  if (isVocabTest(test)) return { kind: 'vocab', map, test, mappings };
  const kind = mappings.messages.has(map) ? 'message' : mappings.segments.has(map) ? 'segment' : 'datatype';
  return { kind, map, test, mappings };
}
