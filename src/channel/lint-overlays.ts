/** Lints of overlays: the local fields that they declare, and what they make of the base. */
import { finding } from './findings.ts';
import { lintMappings } from './lint-mappings.ts';
import { lintCodeTest, lintMapTest, lintMapTests } from './lint-tests.ts';
import type { ReadMappings } from './mappings.ts';
import type { Overlaid } from './overlaid.ts';
import { isVocabTest } from './overlays.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';
import { allDatatypes, allSegments, fieldPathTypes, isDatatype, isSegment } from './v2-types.ts';

interface Before {
  /** What was found without any overlay, which is not said again. */
  readonly base: readonly Finding[];
  /** Vocabularies that are used outside of mappings. */
  readonly used: ReadonlySet<string>;
}

export function lintOverlays(read: ReadMappings, overlaid: readonly Overlaid[], { base, used }: Before): Finding[] {
  const known = new Set(base.map(placeAndCode));
  return [
    ...declarations(read),
    ...testsOf(read, overlaid),
    ...overlaid.flatMap(({ overlays, mappings }) =>
      lintMappings({ ...read, mappings }, used).flatMap((found) => {
        if (known.has(placeAndCode(found))) return [];
        if (isOf(found.file, read, overlays)) return [found];
        // What an overlay leaves unused in the base is not for the base to mend.
        if (found.severity === 'warning') return [];
        return [{ ...found, text: `With the overlay ${overlays.join(', ')}: ${found.text}` }];
      }),
    ),
  ];
}

/** The tests of overlays, once each. */
function testsOf({ overlays, places }: ReadMappings, overlaid: readonly Overlaid[]): Finding[] {
  return [...overlays.values()].flatMap(({ name, maps, tests }) => {
    const laid = overlaid.find((one) => one.overlays.includes(name))?.mappings;
    const ofChanges = tests.flatMap(({ map, test }) =>
      isVocabTest(test) ? lintCodeTest(test) : lintMapTest(test, laid?.datatypes.get(map) ?? null, places),
    );
    return [...lintMapTests(maps, places), ...ofChanges];
  });
}

function placeAndCode({ file, line, column, code }: Finding): string {
  return `${file}:${line}:${column} ${code}`;
}

/** Whether a file is one of these overlays'. */
function isOf(file: string, read: ReadMappings, overlays: readonly string[]): boolean {
  return overlays.some((name) => read.overlays.get(name)?.files.includes(file));
}

function declarations({ overlays, places }: ReadMappings): Finding[] {
  return [...overlays.values()].flatMap(({ local }) =>
    local.flatMap((declared) => {
      const { segment, fields } = declared;
      if (!isSegment(segment))
        return [
          finding(
            'unknown-segment',
            places.of(declared, 'segment'),
            `HL7 v2 has no segment ${segment} (Z segments begin with Z)${didYouMean(segment, allSegments(), 'correct it')}`,
          ),
        ];
      return [...fields].flatMap(([field, { datatype, source }]) => {
        if (!isDatatype(datatype))
          return [
            finding(
              'unknown-datatype',
              source,
              `HL7 v2 has no datatype ${datatype} (${segment}-${field} is declared with it)${didYouMean(datatype, allDatatypes(), 'correct it')}`,
            ),
          ];
        const path = {
          kind: 'field' as const,
          segment,
          occurrence: null,
          field,
          repetition: null,
          component: 0,
          subcomponent: 0,
        };
        const standard = fieldPathTypes(path);
        if ('wrong' in standard || standard.types.length === 0 || standard.types.includes(datatype)) return [];
        return [
          finding(
            'local-field',
            source,
            `${segment}-${field} is a field of the standard (of type ${standard.types.join(' or ')}, and declared as ${datatype}); declare another field, or remove this`,
          ),
        ];
      });
    }),
  );
}
