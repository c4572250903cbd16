/**
 * What senders value and nothing reads (DESIGN, promise 5): the ten paths that are dropped most in the messages of development are those
 * that docs/dropped.md gives the reasons for. The messages are not part of the project; without them the test is skipped.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CoverageLine } from '../src/map/coverage.ts';
import { cleanEnvironment, repositoryRoot } from './support/temp.ts';

const corpus = join(repositoryRoot, '..', 'shared', 'corpus');
const index = join(corpus, 'index.tsv');
const there = existsSync(index);
if (!there) console.log(`There are no messages at ${corpus}; summing what is dropped in them is skipped`);

interface Report {
  readonly valued: number;
  readonly dropped: number;
  readonly paths: readonly CoverageLine[];
}

/** `weir coverage` over all files; it ends with 1, as messages without a mapping are among them. */
function coverage(): Report {
  const [, ...rows] = readFileSync(index, 'utf8').trimEnd().split('\n');
  const command = [
    join(repositoryRoot, 'bin', 'weir.js'),
    'coverage',
    '--dropped',
    '--json',
    ...rows.map((row) => row.split('\t')[0] ?? ''),
  ];
  const env = cleanEnvironment({ WEIR_MAPPINGS: join(repositoryRoot, 'mappings') });
  try {
    return JSON.parse(
      execFileSync(process.execPath, command, { cwd: corpus, env, encoding: 'utf8', stdio: 'pipe', maxBuffer: 2 ** 26 }),
    ) as Report;
  } catch (error) {
    return JSON.parse((error as { readonly stdout: string }).stdout) as Report;
  }
}

/** The first column of the page's table. */
function listed(): string[] {
  const page = readFileSync(join(repositoryRoot, 'docs', 'dropped.md'), 'utf8');
  return [...page.matchAll(/^\| ([A-Z][A-Z\d]{2}-[\d.]+) \|/gm)].map(([, path = '']) => path);
}

describe.skipIf(!there)('what is dropped in the messages of development', () => {
  it('is, in the ten paths that are dropped most, what docs/dropped.md gives the reasons for', () => {
    const { paths, valued, dropped } = coverage();
    const most = paths.slice(0, 10).map(({ path }) => path);
    expect(most.sort()).toEqual(listed().sort());
    expect(dropped / valued).toBeLessThan(0.02);
  }, 120_000);
});
