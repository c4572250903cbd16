/** One map from its YAML, into the maps that were read so far. */
import type { DatatypeMap, MessageMap, SegmentMap, VocabMap } from '../map/mapping.ts';
import { checkBy } from './declared.ts';
import { finding } from './findings.ts';
import { MappingBuilder } from './mapping-ast.ts';
import { type MappingKind, mappingSchemas } from './mapping-schema.ts';
import type { Places } from './places.ts';
import type { Finding } from './types.ts';
import type { YamlFile } from './yaml.ts';

export const kinds = Object.keys(mappingSchemas) as MappingKind[];
/** The key by which a file says of which kind it is. */
export const fileKey = { messages: 'message', segments: 'segment', datatypes: 'datatype', vocab: 'vocab' } as const;

/** Maps that are being read. */
export interface MapSet {
  readonly messages: Map<string, MessageMap>;
  readonly segments: Map<string, SegmentMap>;
  readonly datatypes: Map<string, DatatypeMap>;
  readonly vocabs: Map<string, VocabMap>;
}

export function noMaps(): MapSet {
  return { messages: new Map(), segments: new Map(), datatypes: new Map(), vocabs: new Map() };
}

/** Reads one map into `maps`; gives its name, undefined where nothing of it could be read. `site`: the overlay that brings it. */
export function readMap(
  kind: MappingKind,
  yaml: YamlFile,
  places: Places,
  maps: MapSet,
  findings: Finding[],
  site: string | null = null,
): string | undefined {
  const add = <T>(all: Map<string, T>, name: string, map: T, key: string) => {
    if (all.has(name))
      findings.push(
        finding(
          'duplicate-map',
          yaml.place([key]),
          `There is another map of the name ${name} (in ${stem((all.get(name) as { source: { file: string } }).source.file)}.yaml); rename or remove one`,
        ),
      );
    else all.set(name, map);
    return name;
  };
  switch (kind) {
    case 'messages': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.messages, yaml);
      findings.push(...found);
      return value
        ? add(maps.messages, value.message, new MappingBuilder(view, places, findings, site).message(value), 'message')
        : undefined;
    }
    case 'segments': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.segments, yaml);
      findings.push(...found);
      return value
        ? add(maps.segments, value.map, new MappingBuilder(view, places, findings, site).segment(value), 'map')
        : undefined;
    }
    case 'datatypes': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.datatypes, yaml);
      findings.push(...found);
      return value
        ? add(maps.datatypes, value.map, new MappingBuilder(view, places, findings, site).datatype(value), 'map')
        : undefined;
    }
    case 'vocab': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.vocab, yaml);
      findings.push(...found);
      return value
        ? add(maps.vocabs, value.vocab, new MappingBuilder(view, places, findings, site).vocab(value), 'vocab')
        : undefined;
    }
  }
}

/** The name of a file without its ending. */
export function stem(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/, '');
}
