/** Lints of vocabulary maps: codes twice, rows without a target, and targets outside a required binding. */
import { valueSetCodes } from '../fhir/elements.ts';
import type { VocabMap } from '../map/mapping.ts';
import { finding } from './findings.ts';
import { short } from './lint-conversion.ts';
import type { RowLint } from './lint-rows.ts';
import type { ReadMappings } from './mappings.ts';
import type { Finding } from './types.ts';

export function lintVocabs({ mappings, places }: ReadMappings, rows: RowLint): Finding[] {
  const findings = [...mappings.vocabs.values()].flatMap((map) => [...shapes(map, places), ...duplicateCodes(map, places)]);
  for (const { vocab, valueSet, element, use } of rows.bound) {
    const codes = valueSetCodes(valueSet);
    const map = mappings.vocabs.get(vocab);
    if (!codes || !map) continue;
    const outside = (code: string) =>
      `${vocab} gives "${code}" (${use.map} writes it to ${element}, whose value set ${short(valueSet)} is required); give one of its codes`;
    for (const row of map.rows) {
      if (row.to && !codes.has(row.to.code))
        findings.push(finding('outside-binding', places.of(row, 'to'), outside(row.to.code)));
    }
    if (map.otherwise && !codes.has(map.otherwise.code))
      findings.push(finding('outside-binding', places.of(map, 'otherwise'), outside(map.otherwise.code)));
  }
  return findings;
}

function shapes(map: VocabMap, places: ReadMappings['places']): Finding[] {
  return map.rows.flatMap((row) => {
    if (row.skip && row.why === undefined)
      return [
        finding(
          'skip-without-why',
          row.source,
          `The code "${row.from}" is skipped without a reason (the reason is what a reader and the score show); add why: and the reason`,
        ),
      ];
    if (row.skip && row.to)
      return [
        finding(
          'row-shape',
          places.of(row, 'to'),
          `The code "${row.from}" is skipped and has a target (it can have one of them); remove one`,
        ),
      ];
    if (!row.skip && !row.to)
      return [finding('row-shape', row.source, `The code "${row.from}" has no target (neither "to" nor "skip"); write one`)];
    return [];
  });
}

function duplicateCodes(map: VocabMap, places: ReadMappings['places']): Finding[] {
  const seen = new Map<string, number>();
  return map.rows.flatMap((row) => {
    if (!row.to) return [];
    const first = seen.get(row.from);
    if (first === undefined) seen.set(row.from, row.source.line);
    return first === undefined
      ? []
      : [
          finding(
            'duplicate-code',
            places.of(row, 'from'),
            `The code "${row.from}" has another row (in line ${first}, which is the one that counts); remove one, or skip it and say why`,
          ),
        ];
  });
}
