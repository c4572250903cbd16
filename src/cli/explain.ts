/** Each field of a message: the rows that read it, what they wrote, or why it was left out. Without a file: a mapping with its overlays. */
import { once } from 'node:events';
import { defineCommand } from 'citty';
import { type ExplainedLeaf, explain } from '../map/explain.ts';
import { explainMapping } from './explain-mapping.ts';
import { misuse } from './input.ts';
import { type MappedMessage, mapMessages } from './mapped.ts';
import { openPlan, planArgs } from './plan.ts';

export default defineCommand({
  meta: {
    name: 'explain',
    description: 'Each field of a message: the rows that read it, what they wrote, or why it was left out',
  },
  args: {
    file: {
      type: 'positional',
      required: false,
      description: 'Files, each of one message, many, a batch or MLLP frames; - is standard input',
    },
    ...planArgs,
    dropped: { type: 'boolean', description: 'Only fields that no row maps or skips' },
    json: { type: 'boolean', description: 'One line of JSON a message' },
  },
  async run({ args }) {
    if (args._.length === 0) {
      if (args.mapping !== undefined) return await explainMapping(args.mapping, args.channel, args.json === true);
      return misuse('No file was given; name one or more, or - for standard input, or a mapping with --mapping');
    }
    const plan = await openPlan(args);
    if (plan === null) return;
    for await (const mapped of mapMessages(args._, plan)) {
      const all = mapped.message === null || mapped.result === null ? [] : explain(mapped.message, mapped.result);
      const fields = args.dropped ? all.filter(({ state }) => state === 'dropped') : all;
      await write(args.json ? `${JSON.stringify(jsonOf(mapped, fields))}\n` : textOf(mapped, fields, all));
    }
  },
});

function jsonOf({ source, type, controlId, mapping, error }: MappedMessage, fields: readonly ExplainedLeaf[]): object {
  return { source, type, controlId, mapping, fields: fields.map(({ from: _, ...field }) => field), error };
}

function textOf(mapped: MappedMessage, fields: readonly ExplainedLeaf[], all: readonly ExplainedLeaf[]): string {
  const { source, type, controlId, mapping, error } = mapped;
  const head = `${source} ${type} ${controlId}`.trimEnd();
  if (error !== null) return `${head}: ${error.text}.\n\n`;
  if (mapping === null) return `${head}: passed on, not mapped; weir map shows what leaves.\n\n`;
  const width = Math.max(0, ...fields.map(({ path }) => path.length));
  const lines = fields.flatMap((field) => linesOf(field, width));
  const sum = (state: ExplainedLeaf['state']): number => all.filter((field) => field.state === state).length;
  const closing = `${all.length} fields: ${sum('mapped')} mapped, ${sum('skipped')} skipped, ${sum('dropped')} dropped.`;
  return `${[`${head}, by ${mapping}`, ...lines, closing].join('\n')}\n\n`;
}

function linesOf(field: ExplainedLeaf, width: number): string[] {
  const { path, state, value, why, rows, wrote, deletes } = field;
  const head = `  ${path.padEnd(width)}  ${state.padEnd(7)}  ${oneLine(value)}`.trimEnd();
  const indent = ' '.repeat(width + 4);
  const by = (names: readonly string[]): string => (names.length === 0 ? '' : `   ${names.join(' > ')}`);
  if (state === 'dropped') return [head];
  if (state === 'skipped') return [head, `${indent}${why}${by(rows)}`];
  const written = wrote.map((one) => `${indent}-> ${one.element}${by(one.rows)}`);
  const deleted = deletes.map((element) => `${indent}deletes ${element}${by(rows)}`);
  // What wrote nothing itself went into an identity, or is said by something else.
  const rest = written.length + deleted.length > 0 ? [] : [`${indent}read for an identity, a text or a code${by(rows)}`];
  return [head, ...written, ...deleted, ...rest];
}

/** A document in OBX-5 would bury the rest. */
function oneLine(value: string): string {
  const line = value.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  return line.length <= 60 ? line : `${line.slice(0, 57)}… (${value.length} characters)`;
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
