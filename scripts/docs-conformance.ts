/** Writes docs/conformance.md: the cases of test/conformance on Weir and on two published packages. `npm run docs:conformance` */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../src/settings.ts';
import type { Verdict } from '../test/conformance/adapter.ts';
import { cases } from '../test/conformance/cases/all.ts';
import { type AdapterName, adapters } from './conformance-run.ts';

/** A case that takes longer is taken for one that never ends. Milliseconds. */
const PATIENCE = 20_000;

/** The verdicts of an implementation. A case on which it hangs is wrong, and the next one is asked of a new process. */
async function verdictsOf(name: AdapterName): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  while (verdicts.length < cases.length) {
    const before = verdicts.length;
    await run(name, verdicts);
    // It hung, or took its process with it.
    if (verdicts.length < cases.length) verdicts.push('wrong');
    else if (verdicts.length === before) break;
  }
  return verdicts;
}

async function run(name: AdapterName, verdicts: Verdict[]): Promise<void> {
  const script = join(import.meta.dirname, 'conformance-run.ts');
  const child = spawn(process.execPath, [script, name, String(verdicts.length)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  for await (const line of createInterface({ input: child.stdout })) {
    const [at, verdict] = line.split(' ');
    if (Number(at) === verdicts.length) verdicts.push(verdict as Verdict);
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  }
  clearTimeout(timer);
}

const sign: Readonly<Record<Verdict, string>> = { right: 'yes', wrong: '**no**', none: 'none' };

function page(results: ReadonlyMap<AdapterName, readonly Verdict[]>): string {
  const names = [...results.keys()];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const sums = names.map((name) => {
    const verdicts = results.get(name) ?? [];
    const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length;
    return row([adapters[name].name, `${count('right')}`, `${count('wrong')}`, `${count('none')}`]);
  });
  const sections = [...Map.groupBy(cases.keys(), (at) => cases[at]?.section ?? '')].map(([section, numbers]) => {
    const lines = numbers.map((at) =>
      row([(cases[at]?.name ?? '').replaceAll('|', '\\|'), ...names.map((name) => sign[results.get(name)?.[at] ?? 'wrong'])]),
    );
    return `### ${section}\n\n${row(['case', ...names.map((name) => adapters[name].name)])}\n|${'---|'.repeat(names.length + 1)}\n${lines.join('\n')}\n`;
  });
  return `# Conformance

Made by \`npm run docs:conformance\` from \`test/conformance\`; change it there.

${cases.length} cases, each named by the section of HL7 2.9, chapter 2 that it is of, asked of Weir and of two published packages through the same adapter.
On Weir they run in \`npm test\`. A case says what a sender writes, a question, and the answer of the standard: \`none\` stands where a package has
no function for the question, which is no fault; what hangs or ends its process is wrong.

| | right | wrong | none |
|---|---|---|---|
${sums.join('\n')}

Values are compared as the sender wrote them: a package that gives \`999\` for \`999.00\`, or 1 January for a month, is wrong here, as what leaves an engine must
be what came in. What an ACK says is read by Weir for all.

${sections.join('\n')}`;
}

const results = new Map<AdapterName, readonly Verdict[]>();
for (const name of Object.keys(adapters) as AdapterName[]) results.set(name, await verdictsOf(name));
writeFileSync(join(packageRoot, 'docs', 'conformance.md'), page(results));
