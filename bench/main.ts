/**
 * `npm run bench`: the budgets of DESIGN section 8 with what is reached, side by side with the references, as one table on standard output.
 *
 *   --only NAME    one part: parse, acks, map, flow, start
 *   --quick        some thirty seconds, to see that it works; its figures mean little
 *   --json FILE    the rows for a machine too
 *   --profile DIR  CPU profiles of the engines
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { acks } from './acks.ts';
import { type Context, machine, Started } from './context.ts';
import { flow } from './flow.ts';
import { map } from './map.ts';
import { parse } from './parse.ts';
import { start } from './start.ts';
import { isMet, markdown, type Row } from './table.ts';

const parts: Readonly<Record<string, (context: Context) => Promise<Row[]>>> = { parse, acks, map, flow, start };

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    profile: { type: 'string' },
  },
});
if (values.only !== undefined && !(values.only in parts)) {
  console.error(`bench: no part is called ${values.only}; choose one of ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

const started = new Started();
const begun = performance.now();
const context: Context = {
  quick: values.quick,
  profile: values.profile === undefined ? null : resolve(values.profile),
  started,
  progress: (text) => console.error(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${text}`),
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    context.progress('stopping what was started …');
    void started.closeAll().then(() => process.exit(130));
  });
}

const about = machine();
const rows: (Row & { readonly part: string })[] = [];
for (const [part, run] of Object.entries(parts)) {
  if (values.only !== undefined && values.only !== part) continue;
  try {
    for (const row of await run(context)) rows.push({ part, ...row });
  } catch (error) {
    console.error(`bench: ${part} failed:`, error);
    process.exitCode = 1;
  } finally {
    await started.closeAll();
  }
}
console.log(`\n${markdown(rows)}\n\n${about}${values.quick ? '; quick: these figures show that it works, no more' : ''}`);
if (values.json !== undefined) {
  const all = rows.map((row) => ({ ...row, met: isMet(row) }));
  await writeFile(values.json, `${JSON.stringify({ machine: about, quick: values.quick, rows: all }, null, 2)}\n`);
}
