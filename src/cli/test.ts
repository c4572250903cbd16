/** Runs the tests that are written in channels and mappings. */
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { type ChannelTest, type Config, isMessageText } from '../channel/types.ts';
import { runMapTest } from '../engine/map-trials.ts';
import { runChannelTests, type TestResult } from '../engine/trials.ts';
import { messageOf } from '../map/trial.ts';
import { readSettings } from '../settings.ts';
import { openConfig } from './config.ts';
import { misuse } from './input.ts';
import { isBad } from './plan.ts';

export default defineCommand({
  meta: { name: 'test', description: 'Run the tests written in channels and mappings. Exit 1 when one of them fails' },
  args: {
    file: { type: 'positional', required: false, description: 'Only the tests in these channel or mapping files' },
    json: { type: 'boolean', description: 'Every test and its differences as JSON' },
  },
  async run({ args }) {
    const settings = readSettings(process.env);
    const { config, findings } = await openConfig(settings);
    if (isBad(findings) || config === null) return;
    const wanted = new Set(args._.map((file) => resolve(file)));
    const results = await runTests(config, wanted);
    if (results.length === 0)
      return misuse(
        wanted.size === 0
          ? 'There is no test; write some under tests: in a channel or mapping file'
          : `There is no test in ${[...wanted].join(', ')}; name a channel or mapping file that has some`,
      );
    const failed = results.filter(({ differences }) => differences.length > 0);
    process.stdout.write(args.json ? `${JSON.stringify(jsonOf(results, failed.length))}\n` : textOf(results, failed));
    if (failed.length > 0) process.exitCode = 1;
  },
});

/** The tests of these files, all where none is named. */
async function runTests(config: Config, wanted: ReadonlySet<string>): Promise<TestResult[]> {
  const isWanted = (file: string): boolean => wanted.size === 0 || wanted.has(resolve(file));
  const results: TestResult[] = [];
  for (const channel of config.channels) {
    if (isWanted(channel.source.file)) results.push(...(await runChannelTests(config, channel, given)));
  }
  const inline = config.mapTests.filter(({ test }) => isWanted(test.source.file));
  return [...results, ...inline.map(runMapTest)];
}

async function given({ given: text, source }: ChannelTest): Promise<Uint8Array> {
  if (isMessageText(text)) return Buffer.from(messageOf(text).text, 'utf8');
  return readFile(resolve(dirname(source.file), text));
}

function jsonOf(results: readonly TestResult[], failed: number): object {
  const tests = results.map(({ of, name, source, differences }) => {
    return { of, name, file: source.file, line: source.line, passed: differences.length === 0, differences };
  });
  return { passed: results.length - failed, failed, tests };
}

function textOf(results: readonly TestResult[], failed: readonly TestResult[]): string {
  const lines = failed.flatMap(({ of, name, source, differences }) => [
    `${shortest(source.file)}:${source.line} ${of}: ${name}`,
    ...differences.flatMap(({ path, expected, found }) => [
      `    ${path}`,
      `      expected  ${expected}`,
      `      found     ${found}`,
    ]),
    '',
  ]);
  const sum = failed.length === 0 ? `${results.length} tests passed.` : `${failed.length} of ${results.length} tests failed.`;
  return `${[...lines, sum].join('\n')}\n`;
}

function shortest(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') || near === '' ? file : near;
}
