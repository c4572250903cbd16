/** The mapping files of a folder: `messages/ segments/ datatypes/ vocab/`, one map a file. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mappings, SiteModule } from '../map/mapping.ts';
import { finding, sortFindings } from './findings.ts';
import type { MappingKind } from './mapping-schema.ts';
import { type Overlay, readOverlays } from './overlays.ts';
import { Places } from './places.ts';
import { fileKey, kinds, noMaps, readMap, stem } from './read-map.ts';
import { readSiteModule } from './site-functions.ts';
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
  /** What sites lay over the maps, by name. */
  readonly overlays: ReadonlyMap<string, Overlay>;
}

/** A file of the base, or (kind `sites`) one of the overlay whose name is that of its folder. */
export interface MappingText {
  readonly kind: MappingKind | 'sites';
  readonly file: string;
  readonly text: string;
}

/** Reads all mapping files below `dir`. Never throws for what is in a file; an unreadable folder is a finding. */
export async function readMappings(dir: string): Promise<ReadMappings> {
  return readMappingFiles(await mappingFiles(dir));
}

/** Texts of mapping files, and what could not be read. */
export interface MappingFiles {
  readonly texts: readonly MappingText[];
  readonly findings: readonly Finding[];
}

/** The mapping files below `dir`, not looked into yet. */
export async function mappingFiles(dir: string): Promise<MappingFiles> {
  const findings: Finding[] = [];
  const folders = kinds.map((kind) => ({ kind, folder: join(dir, kind) }));
  const sites = (await siteFolders(join(dir, 'sites'))).map((folder) => ({ kind: 'sites' as const, folder }));
  const texts = await Promise.all([...folders, ...sites].map(({ kind, folder }) => readFolder(kind, folder, findings)));
  return { texts: texts.flat(), findings };
}

/** Reads what was found. Pure. */
export function readMappingFiles({ texts, findings }: MappingFiles): ReadMappings {
  const read = readMappingTexts(texts);
  return { ...read, findings: sortFindings([...findings, ...read.findings]) };
}

/** One folder an overlay. That there are none is no fault. */
async function siteFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}

async function readFolder(kind: MappingText['kind'], folder: string, findings: Finding[]): Promise<MappingText[]> {
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
    .filter((name) => (kind === 'sites' ? /\.(ya?ml|ts)$/ : /\.ya?ml$/).test(name))
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
  const maps = noMaps();
  for (const { kind, file, text } of texts) {
    if (kind === 'sites') continue;
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
  const functions = new Map<string, SiteModule>();
  for (const { kind, file, text } of texts) {
    if (kind !== 'sites' || !file.endsWith('.ts')) continue;
    const path = `./sites/${siteOf(file)}/${file.split(/[/\\]/).at(-1)}`;
    const module = readSiteModule(file, text, findings);
    if (module === null) damaged.add(path);
    else functions.set(path, module);
  }
  const ofSites = texts
    .filter(({ kind, file }) => kind === 'sites' && !file.endsWith('.ts'))
    .map(({ file, text }) => ({ site: siteOf(file), file, text }));
  const overlays = readOverlays(ofSites, places, damaged, findings);
  return { mappings: { ...maps, functions }, findings: sortFindings(findings), places, damaged, overlays };
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

/** `mercy` of `…/sites/mercy/PID.yaml`. */
function siteOf(file: string): string {
  return file.split(/[/\\]/).at(-2) ?? '';
}
