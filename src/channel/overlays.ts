/** The files of mappings/sites/NAME: an overlay, which changes maps of the base, brings maps of its own and declares local fields. */
import type { BuildStep, LocalField, MapTest, Row, Source, VocabRow, VocabTarget, VocabTest } from '../map/mapping.ts';
import { checkBy } from './declared.ts';
import { finding } from './findings.ts';
import { MappingBuilder, targetOf } from './mapping-ast.ts';
import type { MappingKind } from './mapping-schema.ts';
import { type ChangeKind, changeSchemas } from './overlay-schema.ts';
import type { Places } from './places.ts';
import { fileKey, kinds, type MapSet, noMaps, readMap } from './read-map.ts';
import type { Finding } from './types.ts';
import { readYaml, type YamlFile } from './yaml.ts';

/** A row by its line of the guide, or its name. */
export type RowRef = number | string;

/** What a file does to one map. Every part has the place of its own in the file. */
export type Change =
  | {
      readonly kind: 'map';
      readonly target: string;
      readonly add: readonly { readonly in: RowRef | null; readonly row: Row }[];
      /** A skip is a replacement by a row that leaves out what the other read. */
      readonly replace: readonly { readonly of: RowRef; readonly by: Row | Skipped }[];
      readonly source: Source;
    }
  | {
      readonly kind: 'vocab';
      readonly target: string;
      readonly add: readonly VocabRow[];
      readonly replace: readonly VocabRow[];
      readonly otherwise: VocabTarget | null;
      readonly source: Source;
    }
  | {
      readonly kind: 'message';
      readonly target: string;
      readonly for: readonly string[];
      readonly add: readonly { readonly place: StepPlace; readonly step: BuildStep }[];
      readonly replace: readonly { readonly of: RowRef; readonly by: BuildStep | Skipped }[];
      readonly source: Source;
    };

/** Where a step goes. */
export type StepPlace =
  | { readonly kind: 'after' | 'before'; readonly step: RowRef }
  | { readonly kind: 'in'; readonly group: string }
  | { readonly kind: 'end' };

/** Leaves out a row or step, whatever it read. */
export interface Skipped {
  readonly ids: readonly number[];
  readonly site?: string;
  readonly leavesOut: true;
  readonly why: string;
  readonly source: Source;
}

export interface Overlay {
  readonly name: string;
  readonly files: readonly string[];
  /** Maps of its own. */
  readonly maps: MapSet;
  readonly changes: readonly Change[];
  /** Tests in the files that change maps; those of its own maps are there. */
  readonly tests: readonly OverlayTest[];
  readonly local: readonly {
    readonly segment: string;
    readonly fields: ReadonlyMap<number, LocalField>;
    readonly source: Source;
  }[];
}

export interface OverlayTest {
  readonly map: string;
  readonly test: MapTest | VocabTest;
}

/** Segment, datatype and message tests have settings; those of vocabularies do not. */
export function isVocabTest(test: MapTest | VocabTest): test is VocabTest {
  return !('settings' in test);
}

export interface SiteText {
  readonly site: string;
  readonly file: string;
  readonly text: string;
}

/** Reads the files of all overlays. Never throws: what is wrong is a finding, and names of maps that may be affected are in `damaged`. */
export function readOverlays(
  texts: readonly SiteText[],
  places: Places,
  damaged: Set<string>,
  findings: Finding[],
): Map<string, Overlay> {
  const overlays = new Map<string, Reading>();
  for (const { site, file, text } of texts) {
    const overlay = overlays.get(site) ?? { name: site, files: [], maps: noMaps(), changes: [], tests: [], local: [] };
    overlays.set(site, overlay);
    overlay.files.push(file);
    const yaml = readYaml(file, text);
    findings.push(...yaml.findings);
    if (yaml.findings.length > 0) continue;
    const before = findings.length;
    const named = readFile(yaml, overlay, places, findings);
    if (named !== undefined && findings.length > before) damaged.add(named);
  }
  return overlays;
}

interface Reading {
  readonly name: string;
  readonly files: string[];
  readonly maps: MapSet;
  readonly changes: Change[];
  readonly tests: OverlayTest[];
  readonly local: Overlay['local'][number][];
}

/** Gives the name of the map that the file is about. */
function readFile(yaml: YamlFile, overlay: Reading, places: Places, findings: Finding[]): string | undefined {
  const data = yaml.data !== null && typeof yaml.data === 'object' ? yaml.data : {};
  const change = (Object.keys(changeSchemas) as ChangeKind[]).find((key) => Object.hasOwn(data, key));
  if (change !== undefined) return readChange(change, yaml, overlay, places, findings);
  const kind = kindOf(data);
  if (kind !== undefined) return readMap(kind, yaml, places, overlay.maps, findings, overlay.name);
  const keys = [...Object.keys(changeSchemas), ...kinds.map((one) => fileKey[one])].join(', ');
  findings.push(
    finding(
      'missing-key',
      yaml.place([]),
      `The file does not say what it is (it has none of the keys ${keys}); begin it with one of them`,
    ),
  );
  return undefined;
}

/** Segment maps have the key `segment`, and so has nothing else. */
function kindOf(data: object): MappingKind | undefined {
  return kinds.find((kind) => Object.hasOwn(data, fileKey[kind]));
}

function readChange(kind: ChangeKind, yaml: YamlFile, overlay: Reading, places: Places, findings: Finding[]): string | undefined {
  const site = overlay.name;
  switch (kind) {
    case 'change-map': {
      const { value, findings: found, yaml: view } = checkBy(changeSchemas[kind], yaml);
      findings.push(...found);
      if (value === null) return undefined;
      const builder = new MappingBuilder(view, places, findings, site);
      const replaced = each(value.replace, 'replace', ({ row, ...raw }, path) => pair(row, builder.row(raw, path)));
      const skipped = each(value.skip, 'skip', ({ row, why }, path) => pair(row, skip(builder, why, path)));
      overlay.changes.push(
        builder.node([], {
          kind: 'map' as const,
          target: value['change-map'],
          add: each(value.add, 'add', ({ in: place, ...raw }, path) => {
            const row = builder.row(raw, path);
            return row && builder.node(path, { in: place ?? null, row });
          }),
          replace: [...replaced, ...skipped],
        }),
      );
      for (const test of builder.tests(value.tests ?? [])) overlay.tests.push({ map: value['change-map'], test });
      return value['change-map'];
    }
    case 'change-vocab': {
      const { value, findings: found, yaml: view } = checkBy(changeSchemas[kind], yaml);
      findings.push(...found);
      if (value === null) return undefined;
      const builder = new MappingBuilder(view, places, findings, site);
      overlay.changes.push(
        builder.node([], {
          kind: 'vocab' as const,
          target: value['change-vocab'],
          add: each(value.add, 'add', (row, path) => builder.code(row, path)),
          replace: [
            ...each(value.replace, 'replace', (row, path) => builder.code(row, path)),
            ...each(value.skip, 'skip', ({ from, why }, path) => builder.code({ from, why, skip: true }, path)),
          ],
          otherwise: targetOf(value.otherwise) ?? null,
        }),
      );
      for (const test of builder.codeTests(value.tests ?? [])) overlay.tests.push({ map: value['change-vocab'], test });
      return value['change-vocab'];
    }
    case 'change-message': {
      const { value, findings: found, yaml: view } = checkBy(changeSchemas[kind], yaml);
      findings.push(...found);
      if (value === null) return undefined;
      const builder = new MappingBuilder(view, places, findings, site);
      const replaced = each(value.replace, 'replace', ({ step, ...raw }, path) => pair(step, builder.step(raw, path)));
      const skipped = each(value.skip, 'skip', ({ step, why }, path) => pair(step, skip(builder, why, path)));
      overlay.changes.push(
        builder.node([], {
          kind: 'message' as const,
          target: value['change-message'],
          for: value.for ?? [],
          add: each(value.add, 'add', ({ after, before, in: group, ...raw }, path) => {
            const step = builder.step(raw, path);
            return step && builder.node(path, { place: placeOf(after, before, group), step });
          }),
          replace: [...replaced, ...skipped],
        }),
      );
      for (const test of builder.tests(value.tests ?? [])) overlay.tests.push({ map: value['change-message'], test });
      return value['change-message'];
    }
    case 'declare': {
      const { value, findings: found, yaml: view } = checkBy(changeSchemas[kind], yaml);
      findings.push(...found);
      const builder = new MappingBuilder(view, places, findings, site);
      for (const [index, { segment, fields }] of (value?.declare ?? []).entries()) {
        const known = new Map<number, LocalField>();
        for (const [at, { field, ...rest }] of fields.entries()) {
          const path = ['declare', index, 'fields', at];
          const declared = builder.node(path, rest);
          if (known.has(field))
            findings.push(
              finding('local-field', declared.source, `${segment}-${field} is declared twice (here the second time); remove one`),
            );
          else known.set(field, declared);
        }
        overlay.local.push(builder.node(['declare', index], { segment, fields: known }));
      }
      return undefined;
    }
  }
}

function each<Raw, Node>(
  raws: readonly Raw[] | undefined,
  key: string,
  build: (raw: Raw, path: (string | number)[]) => Node | undefined,
): Node[] {
  return (raws ?? []).flatMap((raw, index) => build(raw, [key, index]) ?? []);
}

function pair<T>(of: RowRef, by: T | undefined): { of: RowRef; by: T } | undefined {
  return by && { of, by };
}

function skip(builder: MappingBuilder, why: string, path: (string | number)[]): Skipped {
  return builder.node(path, { ids: [], leavesOut: true as const, why });
}

function placeOf(after: RowRef | undefined, before: RowRef | undefined, group: string | undefined): StepPlace {
  if (after !== undefined) return { kind: 'after', step: after };
  if (before !== undefined) return { kind: 'before', step: before };
  return group === undefined ? { kind: 'end' } : { kind: 'in', group };
}
