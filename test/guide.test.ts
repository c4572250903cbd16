/**
 * The mapping files against the HL7 V2-to-FHIR guide's tables: of each map that is here, no row is missing and none invented, so that the
 * score of `weir guide` says what it seems to. The tables lie beside the repository; where they do not, the test is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMappings } from '../src/channel/mappings.ts';
import { score } from '../src/map/score.ts';

const guideFile = fileURLToPath(new URL('../../shared/ig/v2-to-fhir.json', import.meta.url));
const there = existsSync(guideFile);
if (!there) console.log(`The guide's tables are not at ${guideFile}; their comparison with mappings/ is skipped`);

interface GuideMap {
  readonly name: string;
  readonly rows: readonly { readonly line: number }[];
}
type Guide = Readonly<Record<'messages' | 'segments' | 'datatypes' | 'tables', readonly GuideMap[]>>;

describe.skipIf(!there)('the mapping files and the guide', async () => {
  if (!there) return;
  const guide = JSON.parse(readFileSync(guideFile, 'utf8')) as Guide;
  const { mappings, findings } = await readMappings(fileURLToPath(new URL('../mappings', import.meta.url)));
  const maps = score(mappings);

  it('are read without a finding', () => {
    expect(findings).toEqual([]);
  });

  for (const kind of ['messages', 'segments', 'datatypes', 'tables'] as const) {
    it(`have every row of their ${kind}, and no other`, () => {
      const faults: string[] = [];
      const own = maps.filter((map) => map.kind === kind);
      for (const { name, rows } of own) {
        const known = guide[kind].find((map) => map.name === name)?.rows.map(({ line }) => line) ?? [];
        const lines = rows.map(({ line }) => line);
        for (const line of known) if (!lines.includes(line)) faults.push(`${name}#${line} is missing`);
        for (const line of new Set(lines)) if (!known.includes(line)) faults.push(`${name}#${line} is invented`);
        for (const [at, line] of lines.entries())
          if (lines.indexOf(line) !== at) faults.push(`${name}#${line} is both executed and skipped`);
      }
      const executed = own.flatMap(({ rows }) => rows).filter(({ state }) => state === 'executed').length;
      console.log(`${kind}: ${own.length} maps of ${guide[kind].length}, ${executed} rows executed`);
      expect(faults).toEqual([]);
      expect(executed).toBeGreaterThan(0);
    });
  }
});
