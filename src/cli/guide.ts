import { defineCommand } from 'citty';
import { type GuideKind, type ScoredMap, score, shareOf } from '../map/score.ts';
import { readSettings } from '../settings.ts';
import { openConfig } from './config.ts';

export default defineCommand({
  meta: {
    name: 'guide',
    description: 'The score against the HL7 V2-to-FHIR guide: its rows, executed or skipped and why, by map',
  },
  args: { json: { type: 'boolean', description: 'Every row as JSON, for machines' } },
  async run({ args }) {
    const settings = readSettings(process.env);
    const { config, findings } = await openConfig(settings);
    if (config === null) {
      const broken = findings.filter(({ severity }) => severity === 'error').length;
      process.stderr.write(`The configuration has ${broken} errors, and its score would be wrong; "weir check" lists them.\n`);
      process.exitCode = 1;
      return;
    }
    const maps = score(config.mappings);
    process.stdout.write(args.json ? `${JSON.stringify({ rows: maps.flatMap(rowsOf) })}\n` : report(maps));
  },
});

function rowsOf({ name, rows }: ScoredMap): object[] {
  return rows.map(({ line, hasTarget: _, ...said }) => ({ id: `${name}#${line}`, ...said }));
}

const kinds: readonly (readonly [GuideKind, string])[] = [
  ['messages', 'message maps'],
  ['segments', 'segment maps'],
  ['datatypes', 'datatype maps'],
  ['tables', 'vocabularies'],
];

/** A line a map, a sum a kind, what the columns mean, and the reasons with how many rows they skip. */
function report(maps: readonly ScoredMap[]): string {
  const lines = kinds.flatMap(([kind, title]) => {
    const own = maps.filter((map) => map.kind === kind).sort((one, other) => (one.name < other.name ? -1 : 1));
    return [heading(title), ...own.map((map) => line(map.name, [map])), line(`${own.length} ${title}`, own), ''];
  });
  const reasons = new Map<string, number>();
  for (const { why } of maps.flatMap(({ rows }) => rows)) if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const byCount = [...reasons].sort((one, other) => other[1] - one[1]);
  const skipped = byCount.map(([why, count]) => `${String(count).padStart(6)}  ${why}`);
  const elements = maps.filter(({ kind }) => kind === 'segments' || kind === 'datatypes');
  const sums = [line('Segment and datatype maps', elements), line('The guide', maps)];
  return `${[...lines, ...sums, '', legend, '', 'Skipped, and why', ...skipped].join('\n')}\n`;
}

const legend =
  'In R4: rows whose element, extension, resource or code R4 has; of these: those of them that are executed. A row without may be executed too, where it is put right.';

const width = 60;
const columns = ['rows', 'executed', 'skipped', 'in R4', 'of these', 'share'];

function heading(title: string): string {
  return `${title.padEnd(width)}${columns.map((name) => name.padStart(10)).join('')}`;
}

/** Rows, and of them those that have a target in R4; a map without such has no share of them. */
function line(name: string, maps: readonly ScoredMap[]): string {
  const { rows, executed, targets, executedTargets } = shareOf(maps);
  const share = targets === 0 ? '' : `${((100 * executedTargets) / targets).toFixed(1)} %`;
  const figures = [rows, executed, rows - executed, targets, executedTargets, share];
  return `${name.padEnd(width)}${figures.map((figure) => String(figure).padStart(10)).join('')}`.trimEnd();
}
