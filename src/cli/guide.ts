import { defineCommand } from 'citty';
import { type GuideKind, type ScoredMap, score } from '../map/score.ts';
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
  return rows.map(({ line, ...said }) => ({ id: `${name}#${line}`, ...said }));
}

const kinds: readonly (readonly [GuideKind, string])[] = [
  ['messages', 'message maps'],
  ['segments', 'segment maps'],
  ['datatypes', 'datatype maps'],
  ['tables', 'vocabularies'],
];

/** A line a map, a sum a kind, and the reasons with how many rows they skip. */
function report(maps: readonly ScoredMap[]): string {
  const lines = kinds.flatMap(([kind, title]) => {
    const own = maps.filter((map) => map.kind === kind).sort((one, other) => (one.name < other.name ? -1 : 1));
    return [heading(title), ...own.map((map) => line(map.name, [map])), line(`${own.length} ${title}`, own), ''];
  });
  const reasons = new Map<string, number>();
  for (const { why } of maps.flatMap(({ rows }) => rows)) if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const byCount = [...reasons].sort((one, other) => other[1] - one[1]);
  const skipped = byCount.map(([why, count]) => `${String(count).padStart(6)}  ${why}`);
  return `${[...lines, line('The guide', maps), '', 'Skipped, and why', ...skipped].join('\n')}\n`;
}

const width = 60;

function heading(title: string): string {
  return `${title.padEnd(width)}${['rows', 'executed', 'skipped'].map((name) => name.padStart(10)).join('')}`;
}

function line(name: string, maps: readonly ScoredMap[]): string {
  const rows = maps.flatMap((map) => map.rows);
  const executed = rows.filter(({ state }) => state === 'executed').length;
  const figures = [rows.length, executed, rows.length - executed];
  return `${name.padEnd(width)}${figures.map((figure) => String(figure).padStart(10)).join('')}`;
}
