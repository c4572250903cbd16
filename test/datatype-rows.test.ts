/**
 * A test for each row of each datatype map: a map's inline tests are run with the row left out, with another constant in it, and without
 * its vocabulary; one of them has to fail each time. So what a row writes is promised in the file where it stands.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapTests } from '../src/channel/map-tests.ts';
import { readMappings } from '../src/channel/mappings.ts';
import { runMapTest } from '../src/engine/map-trials.ts';
import type { DatatypeMap, Row } from '../src/map/mapping.ts';
import { packageRoot } from '../src/settings.ts';

const read = await readMappings(join(packageRoot, 'mappings'));
const cases = mapTests(read, []);

/** Whether the tests of a map find that it is another one. */
function isFound(changed: DatatypeMap): boolean {
  const datatypes = new Map(read.mappings.datatypes).set(changed.map, changed);
  const mappings = { ...read.mappings, datatypes };
  return cases.some((one) => one.map === changed.map && runMapTest({ ...one, mappings }).differences.length > 0);
}

interface Change {
  readonly what: string;
  readonly map: DatatypeMap;
}

/** Each row of the map changed in each way, within `with` and `make` too. */
function changesOf(map: DatatypeMap): Change[] {
  const { make = [] } = map;
  const made = make.flatMap((one, at) => [
    { what: `without ${one.as}`, map: { ...map, make: make.filter((other) => other !== one) } },
    ...Object.keys(one.refs ?? {}).map((element) => ({
      what: `${one.as} without ${element}`,
      map: { ...map, make: make.with(at, { ...one, refs: {} }) },
    })),
    ...ofRows(one.rows).map(({ what, rows }) => ({
      what: `${one.as}: ${what}`,
      map: { ...map, make: make.with(at, { ...one, rows }) },
    })),
  ]);
  return [...ofRows(map.rows).map(({ what, rows }) => ({ what, map: { ...map, rows } })), ...made];
}

interface ChangedRows {
  readonly what: string;
  readonly rows: readonly Row[];
}

function ofRows(rows: readonly Row[]): ChangedRows[] {
  return rows.flatMap((row, at) => {
    if (row.skip !== undefined) return [];
    const name = `${row.ids.length > 0 ? `#${row.ids.join(',')}` : `@${row.source.line}`} (${row.from ?? row.set ?? ''} to ${row.to ?? ''})`;
    const changed: ChangedRows[] = [{ what: `without ${name}`, rows: rows.toSpliced(at, 1) }];
    const { vocab, set } = row;
    if (typeof set === 'string')
      changed.push({ what: `another constant in ${name}`, rows: rows.with(at, { ...row, set: `${set}0` }) });
    if (vocab !== undefined) {
      const { vocab: _, ...plain } = row;
      changed.push({ what: `${name} without ${vocab}`, rows: rows.with(at, plain) });
    }
    const inner = ofRows(row.with ?? []);
    return [...changed, ...inner.map(({ what, rows: within }) => ({ what, rows: rows.with(at, { ...row, with: within }) }))];
  });
}

describe('the inline tests of a datatype map find each of its rows changed', () => {
  it.each([...read.mappings.datatypes.values()].map((map) => [map.map, map] as const))('%s', (_name, map) => {
    expect(isFound(map), 'its tests pass').toBe(false);
    const changes = changesOf(map);
    const unnoticed = changes.filter((change) => !isFound(change.map)).map(({ what }) => what);
    expect(unnoticed).toEqual([]);
  });
});
