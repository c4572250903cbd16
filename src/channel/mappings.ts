/** The mapping files of a folder: `messages/ segments/ datatypes/ vocab/`, one map a file. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatatypeMap, Mappings, MessageMap, SegmentMap, VocabMap } from '../map/mapping.ts';
import { checkBy } from './declared.ts';
import { finding, sortFindings } from './findings.ts';
import { MappingBuilder } from './mapping-ast.ts';
import { type MappingKind, mappingSchemas } from './mapping-schema.ts';
import { Places } from './places.ts';
import type { Finding } from './types.ts';
import { readYaml, type YamlFile } from './yaml.ts';

export interface ReadMappings {
  /** All maps that could be read, by name. */
  readonly mappings: Mappings;
  /** Every structural problem of all files, in the order of files and lines. */
  readonly findings: Finding[];
  /** Where the parts of the maps stand. */
  readonly places: Places;
  /** Names of maps whose file has findings: what they lack may be there and unreadable. */
  readonly damaged: ReadonlySet<string>;
}

export interface MappingText {
  readonly kind: MappingKind;
  readonly file: string;
  readonly text: string;
}

const kinds = Object.keys(mappingSchemas) as MappingKind[];
const fileKey = { messages: 'message', segments: 'segment', datatypes: 'datatype', vocab: 'vocab' } as const;

/** Reads all mapping files below `dir`. Never throws for what is in a file; an unreadable folder is a finding. */
export async function readMappings(dir: string): Promise<ReadMappings> {
  const findings: Finding[] = [];
  const texts = await Promise.all(kinds.map((kind) => readFolder(kind, join(dir, kind), findings)));
  const read = readMappingTexts(texts.flat());
  return { ...read, findings: sortFindings([...findings, ...read.findings]) };
}

async function readFolder(kind: MappingKind, folder: string, findings: Finding[]): Promise<MappingText[]> {
  const unreadable = (file: string, error: unknown): undefined => {
    const { code } = error as NodeJS.ErrnoException;
    findings.push(
      finding(
        'unreadable-file',
        { file, line: 1, column: 1 },
        `${file} cannot be read (${code ?? 'unknown cause'}); see that it is there and may be read`,
      ),
    );
  };
  const names = await readdir(folder).catch((error: unknown) => unreadable(folder, error) ?? []);
  const files = names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch((error: unknown) => unreadable(file, error))));
  return files.flatMap((file, index) => (texts[index] === undefined ? [] : [{ kind, file, text: texts[index] }]));
}

/** The same for texts that were read elsewhere. Pure. */
export function readMappingTexts(texts: readonly MappingText[]): ReadMappings {
  const findings: Finding[] = [];
  const places = new Places();
  const damaged = new Set<string>();
  const maps = {
    messages: new Map<string, MessageMap>(),
    segments: new Map<string, SegmentMap>(),
    datatypes: new Map<string, DatatypeMap>(),
    vocabs: new Map<string, VocabMap>(),
  };
  for (const { kind, file, text } of texts) {
    const before = findings.length;
    const named = stem(file);
    const yaml = readYaml(file, text);
    findings.push(...yaml.findings);
    if (yaml.findings.length === 0 && inRightFolder(kind, yaml, findings)) {
      const name = readMap(kind, yaml, places, maps, findings);
      if (findings.length > before && name !== undefined) damaged.add(name);
      if (name !== undefined && named !== name) {
        findings.push(
          finding(
            'map-file-name',
            yaml.place([kind === 'messages' ? 'message' : kind === 'vocab' ? 'vocab' : 'map']),
            `The map ${name} is in the file ${named}.yaml (a map is looked for in the file of its name); rename the file to ${name}.yaml`,
          ),
        );
      }
    }
    if (findings.slice(before).some(({ severity }) => severity === 'error')) damaged.add(named);
  }
  return { mappings: maps, findings: sortFindings(findings), places, damaged };
}

/** Reads one map into `maps`; gives its name, undefined where nothing of it could be read. */
function readMap(
  kind: MappingKind,
  yaml: YamlFile,
  places: Places,
  maps: {
    messages: Map<string, MessageMap>;
    segments: Map<string, SegmentMap>;
    datatypes: Map<string, DatatypeMap>;
    vocabs: Map<string, VocabMap>;
  },
  findings: Finding[],
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
        ? add(maps.messages, value.message, new MappingBuilder(view, places, findings).message(value), 'message')
        : undefined;
    }
    case 'segments': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.segments, yaml);
      findings.push(...found);
      return value ? add(maps.segments, value.map, new MappingBuilder(view, places, findings).segment(value), 'map') : undefined;
    }
    case 'datatypes': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.datatypes, yaml);
      findings.push(...found);
      return value
        ? add(maps.datatypes, value.map, new MappingBuilder(view, places, findings).datatype(value), 'map')
        : undefined;
    }
    case 'vocab': {
      const { value, findings: found, yaml: view } = checkBy(mappingSchemas.vocab, yaml);
      findings.push(...found);
      return value ? add(maps.vocabs, value.vocab, new MappingBuilder(view, places, findings).vocab(value), 'vocab') : undefined;
    }
  }
}

/** A map in the folder of another kind would only give a hail of unknown keys: it is one finding. */
function inRightFolder(kind: MappingKind, yaml: YamlFile, findings: Finding[]): boolean {
  const { data } = yaml;
  if (data === null || typeof data !== 'object' || Object.hasOwn(data, fileKey[kind])) return true;
  const real = kinds.find((other) => Object.hasOwn(data, fileKey[other]));
  if (real === undefined) return true;
  findings.push(
    finding(
      'wrong-folder',
      yaml.keyPlace([fileKey[real]]),
      `"${fileKey[real]}" is the key of a map of ${real} (the file is in the folder ${kind}); move it to ${real}`,
    ),
  );
  return false;
}

function stem(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/, '');
}
