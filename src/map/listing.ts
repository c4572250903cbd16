/** A mapping as it stands after its overlays: each row with where it comes from. */
import { formatCondition } from '../hl7/condition-parse.ts';
import { rowName } from './context.ts';
import type { BuildStep, Mappings, Row, Source, VocabRow, VocabTarget } from './mapping.ts';

export interface ListedMap {
  readonly name: string;
  readonly kind: 'message' | 'segment' | 'datatype' | 'vocab';
  readonly rows: readonly ListedRow[];
}

export interface ListedRow {
  /** As the trace names it, `PID[Patient]#5`. */
  readonly row: string;
  /** What it does, in one line. */
  readonly does: string;
  /** How far in it stands: the rows of a `with`, the steps of a group. */
  readonly depth: number;
  readonly file: string;
  readonly line: number;
  /** The overlay that it comes from; null for the base. */
  readonly overlay: string | null;
}

/** The map of this name; of a message map also the segment maps that its steps name. Empty where there is none. */
export function listMapping(mappings: Mappings, name: string): ListedMap[] {
  const message = mappings.messages.get(name);
  if (message !== undefined) {
    const named = [...new Set(segmentMaps(message.build))].flatMap((map) => listMapping(mappings, map));
    return [{ name, kind: 'message', rows: message.build.flatMap((step) => stepRows(name, step, 0)) }, ...named];
  }
  const segment = mappings.segments.get(name);
  if (segment !== undefined) return [{ name, kind: 'segment', rows: segment.rows.flatMap((row) => rowRows(name, row, 0)) }];
  const datatype = mappings.datatypes.get(name);
  if (datatype !== undefined) {
    const made = (datatype.make ?? []).flatMap((one) => [
      { ...placeOf(one.source), row: `${name} ${one.as}`, does: `make ${one.as}${when(one)}`, depth: 0, overlay: null },
      ...one.rows.flatMap((row) => rowRows(name, row, 1)),
    ]);
    return [{ name, kind: 'datatype', rows: [...datatype.rows.flatMap((row) => rowRows(name, row, 0)), ...made] }];
  }
  const vocab = mappings.vocabs.get(name);
  if (vocab !== undefined) return [{ name, kind: 'vocab', rows: vocab.rows.map((row) => codeRow(name, row)) }];
  return [];
}

/** Every name that `listMapping` knows. */
export function mappingNames({ messages, segments, datatypes, vocabs }: Mappings): string[] {
  return [...messages.keys(), ...segments.keys(), ...datatypes.keys(), ...vocabs.keys()];
}

function segmentMaps(steps: readonly BuildStep[]): string[] {
  return steps.flatMap(({ map, build }) => [...(map === undefined ? [] : [map]), ...segmentMaps(build ?? [])]);
}

function stepRows(message: string, step: BuildStep, depth: number): ListedRow[] {
  const head = { ...placeOf(step.source), row: rowName(message, step), does: stepText(step), depth, overlay: step.site ?? null };
  const rows = (step.rows ?? []).flatMap((row) => rowRows(message, row, depth + 1));
  return [head, ...rows, ...(step.build ?? []).flatMap((inner) => stepRows(message, inner, depth + 1))];
}

function stepText(step: BuildStep): string {
  const { segment, group, make, fill, as, map, into, refs, mode, setting, skip, why, like } = step;
  if (skip !== undefined) return `skip ${skip === true ? '' : `${skip} `}(${why ?? ''})${when(step)}`;
  const shared = like === undefined ? '' : ` like ${like}`;
  if (group !== undefined) return `group ${group}${shared}${when(step)}`;
  if (make === undefined && fill === undefined) return `${segment ?? ''}${shared}${when(step)}`.trimStart();
  const what = make === undefined ? `fills ${fill}` : `makes ${make}${as === undefined ? '' : ` (${as})`}`;
  const links = [
    ...Object.entries(refs ?? {}).map(([element, name]) => `${element} -> ${name}`),
    ...(into === undefined ? [] : [`into ${into}`]),
  ];
  const rest = [map, mode, ...links, setting === undefined ? undefined : `setting ${setting}`].filter((one) => one !== undefined);
  return `${segment} ${what}${rest.length === 0 ? '' : `: ${rest.join(', ')}`}${when(step)}`;
}

function rowRows(map: string, row: Row, depth: number): ListedRow[] {
  const head = { ...placeOf(row.source), row: rowName(map, row), does: rowText(row), depth, overlay: row.site ?? null };
  return [head, ...(row.with ?? []).flatMap((inner) => rowRows(map, inner, depth + 1))];
}

function rowText(row: Row): string {
  const { from, to, as, vocab, set, use, make, ref, skip, why } = row;
  if (skip !== undefined) return `skip ${skip === true ? '' : `${skip} `}(${why ?? ''})${when(row)}`;
  const source = from ?? (set !== undefined ? JSON.stringify(set) : ref !== undefined ? `the ${ref}` : 'the same value');
  const by = [as, vocab, use, make === undefined ? undefined : `makes ${make}`].filter((one) => one !== undefined);
  return `${source} -> ${to ?? '$this'}${by.length === 0 ? '' : ` (${by.join(', ')})`}${when(row)}`;
}

function codeRow(vocab: string, row: VocabRow): ListedRow {
  const does = row.skip ? `skip "${row.from}" (${row.why ?? ''})` : `"${row.from}" -> ${targetText(row.to)}`;
  return { ...placeOf(row.source), row: rowName(vocab, row), does, depth: 0, overlay: row.site ?? null };
}

function targetText(target: VocabTarget | undefined): string {
  return target === undefined ? 'nothing' : [target.code, target.system].filter((part) => part !== undefined).join(' of ');
}

function when({ when: condition }: Pick<Row, 'when'>): string {
  return condition === undefined ? '' : ` when ${formatCondition(condition)}`;
}

function placeOf({ file, line }: Source): { file: string; line: number } {
  return { file, line };
}
