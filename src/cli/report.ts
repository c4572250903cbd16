/** Findings as lines for a person. */

import { relative } from 'node:path';
import { asSentence } from '../channel/findings.ts';
import type { Finding } from '../channel/types.ts';

/** A line a finding, as compilers print them. */
export function reportLines(findings: readonly Finding[]): string[] {
  return findings.map(
    ({ file, line, column, severity, code, text }) =>
      `${shortest(file)}:${line}:${column} ${severity} ${code} ${asSentence(text)}`,
  );
}

/** `1 error`, `2 errors`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function shortest(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') || near === '' ? file : near;
}
