/**
 * The mapping files against the HL7 V2-to-FHIR guide's tables: of each map that is here, no row is missing and none invented, so that the
 * score of `weir guide` says what it seems to. The tables lie beside the repository; where they do not, the test is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Guide, guideTargets, guideTargetsText } from '../scripts/guide-targets.ts';
import { readMappings } from '../src/channel/mappings.ts';
import { score, shareOf } from '../src/map/score.ts';

const guideFile = fileURLToPath(new URL('../../shared/ig/v2-to-fhir.json', import.meta.url));
const there = existsSync(guideFile);
if (!there) console.log(`The guide's tables are not at ${guideFile}; their comparison with mappings/ is skipped`);

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

  it('know which rows have a target in R4, by the tables of the guide and of R4', () => {
    const written = readFileSync(new URL('../src/map/guide-targets.generated.json', import.meta.url), 'utf8');
    expect(written === guideTargetsText(guideTargets(guide)), 'run node scripts/guide-targets.ts').toBe(true);
  });

  it('execute at least 97 % of the rows that have a target in R4', () => {
    const kinds = [['messages'], ['segments', 'datatypes'], ['segments'], ['datatypes'], ['tables']];
    const shares = kinds.map((kind) => {
      const { targets, executedTargets } = shareOf(maps.filter((map) => kind.includes(map.kind)));
      return { kind: kind.join(' and '), targets, share: executedTargets / targets };
    });
    for (const { kind, targets, share } of shares) console.log(`${kind}: ${(100 * share).toFixed(1)} % of ${targets} rows`);
    expect(shares.filter(({ share }) => share < 0.97)).toEqual([]);
    // No map of the guide that has targets is left out.
    const known = new Set(maps.map(({ name }) => name));
    const all = Object.values(guideTargets(guide)).flatMap((kind) => Object.entries(kind));
    expect(all.filter(([name, lines]) => lines.length > 0 && !known.has(name)).map(([name]) => name)).toEqual([]);
  });
});
