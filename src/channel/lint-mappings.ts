/** Lints of mapping files: which run on which maps. */
import { lintHeads } from './lint-heads.ts';
import { lintMessages } from './lint-messages.ts';
import { lintRequired } from './lint-required.ts';
import { RowLint } from './lint-rows.ts';
import { lintUnused } from './lint-unused.ts';
import { lintVocabs } from './lint-vocabs.ts';
import type { ReadMappings } from './mappings.ts';
import type { Finding } from './types.ts';

/**
 * All findings about maps that could be read, in no order.
 * @param used vocabularies that something else goes through: edits of channels
 */
export function lintMappings(read: ReadMappings, used: ReadonlySet<string>): Finding[] {
  const rows = new RowLint(read);
  for (const map of read.mappings.segments.values()) rows.segmentMap(map);
  for (const map of read.mappings.datatypes.values()) rows.datatypeMap(map);
  const messages = lintMessages(read, rows);
  const findings = [...lintHeads(read), ...rows.findings, ...messages, ...lintVocabs(read, rows), ...lintRequired(read, rows)];
  const errors = findings.some(({ severity }) => severity === 'error');
  return [...findings, ...lintUnused(read, rows, { errors, vocabs: used })];
}
