/** What holds for any message, on the repository's own tables. */
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMappings } from '../channel/mappings.ts';
import { Message } from '../hl7/message.ts';
import { compile, type Mapper } from './compile.ts';
import { defaultSettings } from './defaults.ts';
import type { MapResult, MapSettings } from './types.ts';

let mappers: readonly Mapper[] = [];

beforeAll(async () => {
  const { mappings } = await readMappings(join(import.meta.dirname, '../../mappings'));
  const of = (settings: Partial<MapSettings>) => compile(mappings, { ...defaultSettings, ...settings });
  mappers = [of({}), of({ bundle: 'message', provenance: 'message', messageHeader: true, unmappedCode: 'park' })];
}, 60_000);

const names = [
  'PID',
  'PD1',
  'NK1',
  'PV1',
  'PV2',
  'ORC',
  'OBR',
  'OBX',
  'NTE',
  'SPM',
  'DG1',
  'AL1',
  'IN1',
  'PRT',
  'ROL',
  'PR1',
  'ZZZ',
  'MSH',
  'EVN',
];
const atom = fc.oneof(
  fc.constantFrom(
    '',
    '""',
    'A',
    'F',
    '1',
    '0',
    '20240101',
    '202401010930-0500',
    'NM',
    'SN',
    'CWE',
    'ED',
    'TX',
    'LN',
    'ISO',
    '1.2.3',
    '5.10',
    '<',
    '-',
    'Y',
    'PP',
    'HL70443',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('\\', '&', '^', '~', 'a', '"', '\u0001', '{', ' '), maxLength: 6 }),
);
const joined = (parts: fc.Arbitrary<string>, by: string, max: number) =>
  fc.array(parts, { maxLength: max }).map((found) => found.join(by));
const field = joined(joined(joined(atom, '&', 3), '^', 10), '~', 3);
const segment = fc
  .tuple(fc.constantFrom(...names), fc.array(field, { maxLength: 30 }))
  .map(([name, fields]) => [name, ...fields].join('|'));
const message = fc
  .tuple(fc.constantFrom('ADT^A01', 'ADT^A03', 'ORU^R01', 'ADT^A08'), atom, fc.array(segment, { maxLength: 12 }))
  .map(([type, control, segments]) =>
    [String.raw`MSH|^~\&|S|F|||20240102030405||${type}|${control}|P|2.5.1`, ...segments].join('\r'),
  );

const receivedAt = new Date('2024-01-02T03:04:05Z');

function mapped(mapper: Mapper, text: string): { result: MapResult; parsed: Message } {
  const parsed = Message.fromText(text);
  const mapping = mapper.mappingFor(parsed.type, parsed.event, parsed.structure);
  if (mapping === null) throw new Error('the message types of this test have mappings');
  return { result: mapper.map(mapping, parsed, { receivedAt }), parsed };
}

function forAll(property: (mapper: Mapper, text: string) => void): void {
  fc.assert(
    fc.property(message, (text) => {
      for (const mapper of mappers) property(mapper, text);
    }),
    { numRuns: 150 },
  );
}

describe('for any message', () => {
  test('mapping never throws, and the same message makes a byte-identical bundle', () => {
    forAll((mapper, text) =>
      expect(JSON.stringify(mapped(mapper, text).result.bundle)).toBe(JSON.stringify(mapped(mapper, text).result.bundle)),
    );
  });

  test('every leaf has exactly one line in the ledger, with a state; a skipped one a reason', () => {
    forAll((mapper, text) => {
      const { result, parsed } = mapped(mapper, text);
      const leaves = [...parsed.leaves()].map(({ location }) => JSON.stringify(location));
      const lines = result.ledger();
      expect(lines.map(({ from }) => JSON.stringify(from))).toEqual(leaves);
      for (const { state, why } of lines) {
        expect(['mapped', 'skipped', 'dropped']).toContain(state);
        expect(why !== null && why !== '').toBe(state === 'skipped');
      }
    });
  });

  test('the trace has every leaf of the bundle but those of its frame, and no other', () => {
    forAll((mapper, text) => {
      const { result } = mapped(mapper, text);
      const traced = new Set(result.trace.map(({ entry, path }) => `${entry} ${path}`));
      expect([...leavesOf(result)].filter((leaf) => !traced.has(leaf))).toEqual([]);
      expect([...traced].filter((leaf) => !new Set(leavesOf(result)).has(leaf))).toEqual([]);
    });
  });

  test('nothing empty stays behind: no empty object, list or string', () => {
    forAll((mapper, text) => expect(emptyParts(JSON.parse(JSON.stringify(mapped(mapper, text).result.bundle)))).toEqual([]));
  });

  test('every reference points at an entry, and no two entries have one address', () => {
    forAll((mapper, text) => {
      const { entry = [] } = mapped(mapper, text).result.bundle;
      const urls = entry.map(({ fullUrl }) => fullUrl);
      expect(new Set(urls).size).toBe(urls.length);
      for (const [, reference] of JSON.stringify(entry).matchAll(/"reference":"(urn:uuid:[^"]*|)"/g))
        expect(urls).toContain(reference);
    });
  });
});

/** Paths of the leaves of all resources, but for what no row writes: types, ids, and the coding system of a known v2 code. */
function leavesOf(result: MapResult): string[] {
  const found: string[] = [];
  const walk = (value: unknown, entry: number, path: string): void => {
    if (Array.isArray(value)) value.forEach((item, index) => void walk(item, entry, `${path}[${index}]`));
    else if (typeof value === 'object' && value !== null && !('rawJSON' in value))
      for (const [name, child] of Object.entries(value)) walk(child, entry, path === '' ? name : `${path}.${name}`);
    else if (path !== 'resourceType' && path !== 'id' && path !== 'type') found.push(`${entry} ${path}`);
  };
  const { entry, ...rest } = result.bundle;
  walk(rest, -1, '');
  entry?.forEach(({ resource }, index) => void walk(resource, index, ''));
  return found;
}

function emptyParts(value: unknown, path = ''): string[] {
  if (value === '' || value === null) return [path];
  if (typeof value !== 'object') return [];
  const children = Object.entries(value as object);
  return children.length === 0 ? [path] : children.flatMap(([name, child]) => emptyParts(child, `${path}.${name}`));
}
