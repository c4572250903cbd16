/**
 * The first line of each channel and mapping file points editors to the JSON Schema of its kind: written where it is missing.
 * `node scripts/heads.ts`
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { packageRoot } from '../src/settings.ts';

/** Folder below the repository -> the schema of the files in it. */
const folders: Readonly<Record<string, string>> = {
  channels: 'channel',
  'mappings/messages': 'message-map',
  'mappings/segments': 'segment-map',
  'mappings/datatypes': 'datatype-map',
  'mappings/vocab': 'vocab-map',
  'mappings/sites': 'overlay',
};

export interface Head {
  readonly file: string;
  readonly text: string;
  /** What its first line is to be. */
  readonly line: string;
}

/** Every file that is to have such a line. */
export function heads(): Head[] {
  return Object.entries(folders).flatMap(([folder, schema]) =>
    yamlFiles(join(packageRoot, folder)).map((file) => head(file, schema)),
  );
}

function head(file: string, schema: string): Head {
  const path = relative(dirname(file), join(packageRoot, 'schemas', `${schema}.schema.json`))
    .split(sep)
    .join('/');
  return { file, text: readFileSync(file, 'utf8'), line: `# yaml-language-server: $schema=${path}` };
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
}

if (import.meta.main) {
  for (const { file, text, line } of heads()) {
    if (text.startsWith(`${line}\n`)) continue;
    const rest = text.startsWith('# yaml-language-server:') ? text.slice(text.indexOf('\n') + 1) : text;
    writeFileSync(file, `${line}\n${rest}`);
  }
}
