/** Seeded faults: each file of faults/ is one broken file in an otherwise good configuration, and says at its head what is wrong with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findingTable } from '../src/channel/findings.ts';
import { type ChannelText, checkTexts } from '../src/channel/load.ts';
import type { MappingKind } from '../src/channel/mapping-schema.ts';
import { type MappingText, readMappingTexts } from '../src/channel/mappings.ts';

const base = join(import.meta.dirname, 'check', 'base');
const faults = join(import.meta.dirname, 'check', 'faults');
const kinds: readonly MappingKind[] = ['messages', 'segments', 'datatypes', 'vocab'];

interface Files {
  readonly channels: readonly ChannelText[];
  readonly mappings: readonly MappingText[];
  /** What the base channel's `conform` names. */
  readonly profiles: readonly ChannelText[];
}

/** @param overlay whether the overlay of the base is there: a fault in the base would show in it a second time */
function baseFiles(overlay = false): Files {
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

function check({ channels, mappings, profiles }: Files) {
  return checkTexts(channels, readMappingTexts(mappings), {}, profiles).findings;
}

/** The base with one file in the place of its own of that name, or beside them. */
function withFile({ channels, mappings, profiles }: Files, file: string, text: string): Files {
  const [folder = ''] = file.split('/');
  if (file.startsWith('channels/profiles/')) return { channels, mappings, profiles: [{ file, text }] };
  if (folder === 'channels') return { channels: [...channels, { file, text }], mappings, profiles };
  return {
    channels,
    profiles,
    mappings: [...mappings.filter((other) => other.file !== file), { kind: folder as MappingText['kind'], file, text }],
  };
}

const cases = readdirSync(faults)
  .sort()
  .map((name) => {
    const text = readFileSync(join(faults, name), 'utf8');
    const file = /^(?:#|\/\/) file: (.+)$/m.exec(text)?.[1] ?? '';
    const expected = [...text.matchAll(/^(?:#|\/\/) expect: (\S+) (\S+)(?: in (.+))?$/gm)].map(
      ([, code, at, other]) => `${other ?? file}:${at} ${code}`,
    );
    return { name, file, text, expected };
  });

describe('weir check finds what is wrong, where it is wrong, and nothing else', () => {
  it('gives no finding for the good files', () => {
    expect(check(baseFiles())).toEqual([]);
    expect(check(baseFiles(true))).toEqual([]);
  });

  it.each(cases)('$name', ({ file, text, expected }) => {
    const found = check(withFile(baseFiles(file.startsWith('sites/')), file, text));
    expect(found.map((one) => `${one.file}:${one.line}:${one.column} ${one.code}`)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
    for (const { text: sentence } of found) expect(sentence).toMatch(/^.+ \(.+\).*[;?].*[^.]$|\?$/s);
  });

  it('has a seeded fault for every code', () => {
    // These are about other files that a channel names; the loader's test and that of certificates have them.
    const elsewhere = ['unreadable-file', 'missing-fixture', 'tls-unreadable', 'tls-not-pem', 'tls-passphrase'];
    elsewhere.push('tls-key-mismatch', 'tls-unusable', 'tls-expiry');
    const seeded = new Set([...elsewhere, ...cases.flatMap(({ expected }) => expected.map((one) => one.split(' ')[1]))]);
    expect(Object.keys(findingTable).filter((code) => !seeded.has(code))).toEqual([]);
  });
});
