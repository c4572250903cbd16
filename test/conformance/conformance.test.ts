import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../support/temp.ts';
import { answerOf } from './adapter.ts';
import type { Case } from './case.ts';
import { cases } from './cases/all.ts';
import { weir } from './weir.ts';

const sections = Map.groupBy(cases, ({ section }) => section);

describe.each([...sections])('%s', (_, rows: readonly Case[]) => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => expect(answerOf(weir, row)).toEqual(row.expect));
});

test('docs/conformance.md shows every case (else run: npm run docs:conformance)', () => {
  const page = readFileSync(join(repositoryRoot, 'docs', 'conformance.md'), 'utf8');
  expect([...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name)).toEqual([...sections.keys()]);
  expect(page.match(/^\| .* \| yes \|/gm)).toHaveLength(cases.length);
});

test('the suite has 150 cases at least, each with a name of its own', () => {
  const names = cases.map(({ section, name }) => `${section}: ${name}`);
  expect(names.length).toBeGreaterThanOrEqual(150);
  expect(new Set(names).size).toBe(names.length);
});
