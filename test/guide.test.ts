/**
 * The mapping files against the HL7 V2-to-FHIR guide's tables: of each map that is here, no row is missing and none invented, so that the
 * score of `weir guide` says what it seems to. The tables lie beside the repository; where they do not, the test is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMappings } from '../src/channel/mappings.ts';
import type { BuildStep, DatatypeMap, Row, SegmentMap, VocabMap } from '../src/map/mapping.ts';

const guideFile = fileURLToPath(new URL('../../shared/ig/v2-to-fhir.json', import.meta.url));
const there = existsSync(guideFile);
if (!there) console.log(`The guide's tables are not at ${guideFile}; their comparison with mappings/ is skipped`);

interface GuideMap {
  readonly name: string;
  readonly rows: readonly { readonly line: number }[];
}
type Guide = Readonly<Record<'messages' | 'segments' | 'datatypes' | 'tables', readonly GuideMap[]>>;

/** What a map says of the guide's lines. */
interface Lines {
  readonly executed: Set<number>;
  readonly skipped: Set<number>;
}

interface Stated {
  readonly ids: readonly number[];
  readonly skip?: string | true;
}

function count(lines: Lines, stated: Stated): void {
  for (const id of stated.ids) (stated.skip === undefined ? lines.executed : lines.skipped).add(id);
}

function ofRows(rows: readonly Row[], lines: Lines): Lines {
  for (const row of rows) {
    count(lines, row);
    ofRows(row.with ?? [], lines);
  }
  return lines;
}

function ofSteps(steps: readonly BuildStep[], lines: Lines): Lines {
  for (const step of steps) {
    count(lines, step);
    ofRows(step.rows ?? [], lines);
    ofSteps(step.build ?? [], lines);
  }
  return lines;
}

const none = (): Lines => ({ executed: new Set(), skipped: new Set() });

function ofMap(map: SegmentMap | DatatypeMap): Lines {
  const lines = ofRows(map.rows, none());
  if ('make' in map) for (const made of map.make ?? []) ofRows(made.rows, lines);
  return lines;
}

function ofVocab(vocab: VocabMap): Lines {
  const lines = none();
  for (const row of vocab.rows) count(lines, row);
  return lines;
}

/** The guide's messages that are not the file's own name's, such as ADT_A03, have no table. */
const beyondTheGuide = new Set(['ADT_A03']);

describe.skipIf(!there)('the mapping files and the guide', async () => {
  if (!there) return;
  const guide = JSON.parse(readFileSync(guideFile, 'utf8')) as Guide;
  const { mappings, findings } = await readMappings(fileURLToPath(new URL('../mappings', import.meta.url)));
  const kinds = {
    messages: new Map([...mappings.messages].map(([name, map]) => [name, ofSteps(map.build, none())])),
    segments: new Map([...mappings.segments].map(([name, map]) => [name, ofMap(map)])),
    datatypes: new Map([...mappings.datatypes].map(([name, map]) => [name, ofMap(map)])),
    tables: new Map([...mappings.vocabs].map(([name, map]) => [name, ofVocab(map)])),
  } as const;

  it('are read without a finding', () => {
    expect(findings).toEqual([]);
  });

  for (const kind of ['messages', 'segments', 'datatypes', 'tables'] as const) {
    it(`have every row of their ${kind}, and no other`, () => {
      const faults: string[] = [];
      let executed = 0;
      let skipped = 0;
      for (const [name, lines] of kinds[kind]) {
        const table = guide[kind].find((map) => map.name === name);
        if (table === undefined) {
          if (lines.executed.size + lines.skipped.size > 0) faults.push(`${name} names rows of a table that the guide has not`);
          else if (!beyondTheGuide.has(name)) faults.push(`${name} is none of the guide's`);
          continue;
        }
        const known = new Set(table.rows.map(({ line }) => line));
        for (const line of known)
          if (!lines.executed.has(line) && !lines.skipped.has(line)) faults.push(`${name}#${line} is missing`);
        for (const line of [...lines.executed, ...lines.skipped])
          if (!known.has(line)) faults.push(`${name}#${line} is invented`);
        for (const line of lines.executed)
          if (lines.skipped.has(line)) faults.push(`${name}#${line} is both executed and skipped`);
        executed += lines.executed.size;
        skipped += lines.skipped.size;
      }
      console.log(`${kind}: ${kinds[kind].size} maps of ${guide[kind].length}, ${executed} rows executed, ${skipped} skipped`);
      expect(faults).toEqual([]);
      expect(executed).toBeGreaterThan(0);
    });
  }
});
