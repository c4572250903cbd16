/** Lints of what stands at the head of a map, and of the guide's lines that its rows claim. */
import { isResource, isType } from '../fhir/elements.ts';
import type { BuildStep, Row, Source } from '../map/mapping.ts';
import { finding } from './findings.ts';
import type { ReadMappings } from './mappings.ts';
import type { Places } from './places.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';
import { allDatatypes, allSegments, isDatatype, isSegment } from './v2-types.ts';

export function lintHeads({ mappings, places }: ReadMappings): Finding[] {
  return [
    ...[...mappings.segments.values()].flatMap((map) => [
      ...(isSegment(map.segment)
        ? []
        : [
            finding(
              'unknown-segment',
              places.of(map, 'segment'),
              `HL7 v2 has no segment ${map.segment} (Z segments begin with Z)${didYouMean(map.segment, allSegments(), 'correct it')}`,
            ),
          ]),
      ...unknownResource(map.resource, places.of(map, 'resource')),
      ...headName(map.map, map.segment, places.of(map, 'map')),
      ...duplicateIds(rowsWithin(map.rows), places, map.map),
    ]),
    ...[...mappings.datatypes.values()].flatMap((map) => [
      ...(isDatatype(map.datatype)
        ? []
        : [
            finding(
              'unknown-datatype',
              places.of(map, 'datatype'),
              `HL7 v2 has no datatype ${map.datatype} (of any version)${didYouMean(map.datatype, allDatatypes(), 'correct it')}`,
            ),
          ]),
      ...(isType(map.type)
        ? []
        : [
            finding(
              'unknown-type',
              places.of(map, 'type'),
              `R4 has no type ${map.type} (neither datatype nor resource); correct it`,
            ),
          ]),
      ...headName(map.map, map.datatype, places.of(map, 'map')),
      // Of several resources that one value makes, each has its own rows for the same line of the guide.
      ...[map, ...(map.make ?? [])].flatMap(({ rows }) => duplicateIds(rowsWithin(rows), places, map.map)),
    ]),
    ...[...mappings.vocabs.values()].flatMap((map) => duplicateIds(map.rows, places, map.vocab)),
    ...[...mappings.messages.values()].flatMap((map) => duplicateIds(stepsWithin(map.build), places, map.message)),
  ];
}

/** A finding where R4 has no such resource. */
export function unknownResource(type: string, place: Source): Finding[] {
  return isResource(type)
    ? []
    : [finding('unknown-type', place, `R4 has no resource ${type} (a resource type is wanted here); correct it`)];
}

/** `PID[Patient]` reads a PID; what it fills may be said in more words (`PID[Patient.contact]`). */
function headName(name: string, v2: string, place: Source): Finding[] {
  const [before] = name.split('[');
  const good = /^[^[\]]+\[.+\]/.test(name) && before === v2;
  return good
    ? []
    : [
        finding(
          'map-name',
          place,
          `The map ${name} reads ${v2} (its name is the segment or datatype, and in brackets what it fills); name it ${v2}[…]`,
        ),
      ];
}

/** The guide's rows are counted: one of them has one place. */
function duplicateIds(
  rows: readonly { readonly ids: readonly number[]; readonly source: Source }[],
  places: Places,
  map: string,
): Finding[] {
  const seen = new Map<number, Source>();
  return rows.flatMap((row) =>
    row.ids.flatMap((id) => {
      const first = seen.get(id);
      if (!first) seen.set(id, row.source);
      return first
        ? [
            finding(
              'duplicate-id',
              places.of(row, 'id'),
              `${map}#${id} has another row (in line ${first.line}); give the rows together one entry, or correct the id`,
            ),
          ]
        : [];
    }),
  );
}

/** Rows with those in their `with`. */
export function rowsWithin(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => [row, ...rowsWithin(row.with ?? [])]);
}

/** Steps with those in their groups. */
export function stepsWithin(steps: readonly BuildStep[]): BuildStep[] {
  return steps.flatMap((step) => [step, ...stepsWithin(step.build ?? [])]);
}
