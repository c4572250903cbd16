/** Seeded faults: each file of test/check/faults is one broken file in an otherwise good configuration, and says at its head what is wrong with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChannelText, checkTexts } from '../../src/channel/load.ts';
import type { MappingKind } from '../../src/channel/mapping-schema.ts';
import { type MappingText, readMappingTexts } from '../../src/channel/mappings.ts';
import { repositoryRoot } from './temp.ts';

const base = join(repositoryRoot, 'test', 'check', 'base');
const faults = join(repositoryRoot, 'test', 'check', 'faults');
const kinds: readonly MappingKind[] = ['messages', 'segments', 'datatypes', 'vocab'];

export interface Files {
  readonly channels: readonly ChannelText[];
  readonly mappings: readonly MappingText[];
  /** What the base channel's `conform` names. */
  readonly profiles: readonly ChannelText[];
}

/** @param overlay whether the overlay of the base is there: a fault in the base would show in it a second time */
export function baseFiles(overlay = false): Files {
  const read = (folder: string) =>
    readdirSync(join(base, folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => ({ file: `${folder}/${name}`, text: readFileSync(join(base, folder, name), 'utf8') }));
  const sites = overlay ? readdirSync(join(base, 'sites')).flatMap((name) => read(`sites/${name}`)) : [];
  return {
    channels: read('channels'),
    profiles: read('channels/profiles'),
    mappings: [
      ...kinds.flatMap((kind) => read(kind).map((file) => ({ kind, ...file }))),
      ...sites.map((file) => ({ kind: 'sites' as const, ...file })),
    ],
  };
}

/** All findings of these files. */
export function findingsIn({ channels, mappings, profiles }: Files) {
  return checkTexts(channels, readMappingTexts(mappings), {}, profiles).findings;
}

/** The base with one file in the place of its own of that name, or beside them. */
export function withFile({ channels, mappings, profiles }: Files, file: string, text: string): Files {
  const [folder = ''] = file.split('/');
  if (file.startsWith('channels/profiles/')) return { channels, mappings, profiles: [{ file, text }] };
  if (folder === 'channels') return { channels: [...channels, { file, text }], mappings, profiles };
  return {
    channels,
    profiles,
    mappings: [...mappings.filter((other) => other.file !== file), { kind: folder as MappingText['kind'], file, text }],
  };
}

/** The seeded faults. */
export const faultFiles = readdirSync(faults)
  .sort()
  .map((name) => {
    const text = readFileSync(join(faults, name), 'utf8');
    const file = /^(?:#|\/\/) file: (.+)$/m.exec(text)?.[1] ?? '';
    const expected = [...text.matchAll(/^(?:#|\/\/) expect: (\S+) (\S+)(?: in (.+))?$/gm)].map(
      ([, code, at, other]) => `${other ?? file}:${at} ${code}`,
    );
    return { name, file, text, expected };
  });
