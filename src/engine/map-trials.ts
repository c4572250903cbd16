/** The inline tests of maps: the base's with the base, an overlay's with the base under it. */
import { mapSettings, settingsSchema } from '../channel/settings-schema.ts';
import type { MapTestCase } from '../channel/types.ts';
import { WeirError } from '../errors.ts';
import type { MapTest } from '../map/mapping.ts';
import { type Tried, tryCode, tryMessage, trySegments, tryValue } from '../map/trial.ts';
import type { MapSettings } from '../map/types.ts';
import { compare, compareMapped, type Difference } from './compare.ts';
import type { TestResult } from './trials.ts';

/** Runs one inline test. A map that cannot be compiled fails it, and stops nothing. */
export function runMapTest(one: MapTestCase): TestResult {
  const { map, test } = one;
  try {
    return { of: map, name: test.name, source: test.source, differences: differencesOf(one) };
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    const fault = { path: map, expected: 'a map that runs', found: error.message };
    return { of: map, name: test.name, source: test.source, differences: [fault] };
  }
}

function differencesOf(one: MapTestCase): Difference[] {
  const { mappings, map } = one;
  if (one.kind === 'vocab') {
    const found = tryCode(mappings, settingsOf({}), map, one.test.given);
    return one.test.expect === null
      ? found === null
        ? []
        : [{ path: one.test.given, expected: 'no target', found: found.code }]
      : compare(one.test.expect, found ?? undefined, one.test.given);
  }
  return compareMapped(one.test.expect, tried(one, one.test));
}

function tried({ kind, map, mappings }: MapTestCase, test: MapTest): Tried {
  const settings = settingsOf(test.settings);
  if (kind === 'message') return tryMessage(mappings, settings, map, test.given);
  const segment = mappings.segments.get(map);
  return segment === undefined ? tryValue(mappings, settings, map, test) : trySegments(mappings, settings, segment, test.given);
}

/** Settings as a channel writes them, with every default. */
function settingsOf(raw: Readonly<Record<string, unknown>>): MapSettings {
  const read = settingsSchema.parse(raw);
  return mapSettings(read, read.bundle ?? 'transaction');
}
