/** Lints that need to know which message maps a map runs in: unused maps, references to names, segments out of reach. */
import { element } from '../fhir/elements.ts';
import { allSteps } from '../map/like.ts';
import { finding } from './findings.ts';
import type { RowLint } from './lint-rows.ts';
import { type Usage, usageOf } from './lint-usage.ts';
import type { ReadMappings } from './mappings.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';

interface Elsewhere {
  /** Whether other lints found errors: what is wrong in one row may be what uses a map. */
  readonly errors: boolean;
  /** Vocabularies that are used outside of mappings. */
  readonly vocabs: ReadonlySet<string>;
}

export function lintUnused(read: ReadMappings, rows: RowLint, { errors, vocabs }: Elsewhere): Finding[] {
  const use = usageOf(read, rows);
  return [
    ...(errors || read.damaged.size > 0 ? [] : unused(read, rows, use, vocabs)),
    ...unknownNames(read, rows, use),
    ...outOfReach(read, rows, use),
  ];
}

function unused(
  { mappings, places }: ReadMappings,
  rows: RowLint,
  { messagesOf }: Usage,
  elsewhere: ReadonlySet<string>,
): Finding[] {
  const maps = [...mappings.segments.values(), ...mappings.datatypes.values()].filter(
    (map) => !messagesOf.has(map.map) && !isGuides(map.rows),
  );
  const vocabs = new Set([...elsewhere, ...[...rows.vocabs.values()].flatMap((set) => [...set])]);
  return [
    ...maps.map((map) =>
      finding(
        'unused-map',
        places.of(map, 'map'),
        `The map ${map.map} is not used (no message map leads to it); use it, or remove the file`,
      ),
    ),
    ...[...mappings.vocabs.values()]
      .filter((map) => !vocabs.has(map.vocab) && map.rows.length > 0 && !isGuides(map.rows))
      .map((map) =>
        finding(
          'unused-vocab',
          places.of(map, 'vocab'),
          `The vocabulary ${map.vocab} is not used (no row goes through it); use it, or remove the file`,
        ),
      ),
  ];
}

/** A map of the guide is there for sites to use, also where no message map of ours does. */
function isGuides(rows: readonly { readonly ids: readonly number[] }[]): boolean {
  return rows.some((row) => row.ids.length > 0);
}

/** `ref` in a row: a message that the map runs in must have a resource of that name. */
function unknownNames({ places, damaged }: ReadMappings, rows: RowLint, { messagesOf, names }: Usage): Finding[] {
  return [...rows.refs].flatMap(([name, uses]) =>
    uses.flatMap(({ row, map }) => {
      const messages = [...(messagesOf.get(map) ?? [])];
      const { back } = row;
      const type = messages.map((message) => names.get(message)?.get(name)).find((one) => one !== undefined);
      if (back !== undefined && type !== undefined && element(type, back)?.types[0] !== 'Reference')
        return [
          finding(
            'unknown-element',
            places.of(row, 'back'),
            `${type} has no element ${back} that refers (${name} is one); correct the name`,
          ),
        ];
      if (
        messages.length === 0 ||
        name === 'bundle' ||
        messages.some((message) => names.get(message)?.has(name) || damaged.has(message.message))
      )
        return [];
      const known = messages.flatMap((message) => [...(names.get(message)?.keys() ?? [])]);
      const where = messages.map(({ message }) => message).join(', ');
      return [
        finding(
          'unknown-reference',
          places.of(row, 'ref'),
          `No step names a resource ${name} (in ${where}, where ${map} runs)${didYouMean(name, known, 'add as: to the step that makes it, or correct the name')}`,
        ),
      ];
    }),
  );
}

/** A row that reads a segment which no message of its map has. */
function outOfReach({ mappings, places, damaged }: ReadMappings, rows: RowLint, { messagesOf }: Usage): Finding[] {
  const segments = new Map(
    [...mappings.messages.values()].map((message) => [
      message,
      new Set(allSteps(mappings, message).flatMap(({ segment, skip }) => segment ?? (typeof skip === 'string' ? skip : []))),
    ]),
  );
  return [...rows.segments].flatMap(([map, reads]) =>
    reads.flatMap(({ use, segment }) => {
      const messages = [...(messagesOf.get(map) ?? [])];
      const own = mappings.segments.get(map)?.segment;
      if (messages.length === 0 || segment === own || segment === 'MSH' || segment.startsWith('Z')) return [];
      if (messages.some((message) => segments.get(message)?.has(segment) || damaged.has(message.message))) return [];
      const where = messages.map(({ message }) => message).join(', ');
      return [
        finding(
          'never-runs',
          places.of(use.row, use.row.from === undefined ? 'set' : 'from'),
          `This never runs (it reads ${segment}, which ${where} does not name); read another segment, or add a step for it`,
        ),
      ];
    }),
  );
}
