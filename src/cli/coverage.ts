/** The field ledger summed over many messages: what senders value, and what becomes of it. */
import { defineCommand } from 'citty';
import { Coverage, type CoverageLine } from '../map/coverage.ts';
import { fault, misuse } from './input.ts';
import { mapMessages } from './mapped.ts';
import { openPlan, planArgs } from './plan.ts';

export default defineCommand({
  meta: {
    name: 'coverage',
    description:
      'Over many messages, how often each field is valued, mapped, skipped and dropped; what is dropped most comes first',
  },
  args: {
    file: {
      type: 'positional',
      required: false,
      description: 'Files, each of one message, many, a batch or MLLP frames; - is standard input',
    },
    ...planArgs,
    dropped: { type: 'boolean', description: 'Only fields that are dropped somewhere' },
    json: { type: 'boolean', description: 'One JSON object' },
  },
  async run({ args }) {
    if (args._.length === 0) return misuse('No file was given; name one or more, or - for standard input');
    const plan = await openPlan(args);
    if (plan === null) return;
    const coverage = new Coverage();
    let failed = 0;
    let filtered = 0;
    for await (const { source, result, error } of mapMessages(args._, plan)) {
      if (result !== null) coverage.add(result.ledger());
      else if (error?.code === 'filtered') filtered += 1;
      // What is passed on without a map loses nothing.
      else if (error !== null) {
        failed += 1;
        fault(`${source}: ${error.text}`);
      }
    }
    const all = coverage.lines();
    const counts = { messages: coverage.messages, filtered, failed, ...sumOf(all) };
    const paths = args.dropped ? all.filter(({ dropped }) => dropped > 0) : all;
    process.stdout.write(args.json ? `${JSON.stringify({ ...counts, paths })}\n` : textOf(paths, counts));
  },
});

interface Counts {
  readonly messages: number;
  readonly filtered: number;
  readonly failed: number;
  readonly valued: number;
  readonly mapped: number;
  readonly skipped: number;
  readonly dropped: number;
}

function sumOf(lines: readonly CoverageLine[]): Pick<Counts, 'valued' | 'mapped' | 'skipped' | 'dropped'> {
  const total = (key: 'valued' | 'mapped' | 'skipped' | 'dropped'): number => lines.reduce((sum, line) => sum + line[key], 0);
  return { valued: total('valued'), mapped: total('mapped'), skipped: total('skipped'), dropped: total('dropped') };
}

function textOf(paths: readonly CoverageLine[], counts: Counts): string {
  const rows = paths.map(({ path, messages, valued, mapped, skipped, dropped, why }) => {
    const numbers = [messages, valued, mapped, skipped, dropped].map(String);
    return { path, numbers, why: why.join('; ') };
  });
  const heads = ['messages', 'valued', 'mapped', 'skipped', 'dropped'];
  const width = Math.max(4, ...rows.map(({ path }) => path.length));
  const cells = (numbers: readonly string[]): string =>
    numbers.map((text, at) => text.padStart(heads[at]?.length ?? 0)).join('  ');
  const table = [
    `${'path'.padEnd(width)}  ${heads.join('  ')}  why skipped`,
    ...rows.map(({ path, numbers, why }) => `${path.padEnd(width)}  ${cells(numbers)}  ${why}`.trimEnd()),
  ];
  const { messages, valued, mapped, skipped, dropped, filtered, failed } = counts;
  const others = filtered + failed === 0 ? '' : ` ${filtered} filtered, ${failed} failed.`;
  const sum = `${messages} messages, ${valued} values: ${mapped} mapped, ${skipped} skipped, ${dropped} dropped.${others}`;
  return `${[...table, '', sum].join('\n')}\n`;
}
