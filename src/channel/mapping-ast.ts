/** What stands in a mapping file -> the rows, steps and maps of src/map/mapping.ts, each with its place. */
import type {
  BuildStep,
  DatatypeMap,
  Key,
  MadeResource,
  MapTest,
  MessageMap,
  Row,
  SegmentMap,
  VocabMap,
  VocabRow,
  VocabTarget,
  VocabTest,
} from '../map/mapping.ts';
import { readCondition } from './conditions.ts';
import type {
  RawDatatypeMap,
  RawKey,
  RawMade,
  RawMapTest,
  RawMessageMap,
  RawRow,
  RawSegmentMap,
  RawStep,
  RawTarget,
  RawVocabMap,
  RawVocabRow,
  RawVocabTest,
} from './mapping-schema.ts';
import type { Places } from './places.ts';
import type { Finding } from './types.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

/** A node without the keys that are undefined: what the AST's optional properties promise. */
type Whole<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Builds the AST of one file. Rows whose condition cannot be read are left out, with a finding. */
export class MappingBuilder {
  readonly #yaml: YamlFile;
  readonly #places: Places;
  readonly #findings: Finding[];
  /** The overlay whose file it is; null for the base. */
  readonly #site: string | null;

  constructor(yaml: YamlFile, places: Places, findings: Finding[], site: string | null = null) {
    this.#yaml = yaml;
    this.#places = places;
    this.#findings = findings;
    this.#site = site;
  }

  segment(raw: RawSegmentMap): SegmentMap {
    return this.#node([], { ...raw, rows: this.#rows(raw.rows, ['rows']), tests: raw.tests && this.tests(raw.tests) });
  }

  datatype(raw: RawDatatypeMap): DatatypeMap {
    return this.#node([], {
      ...raw,
      rows: this.#rows(raw.rows ?? [], ['rows']),
      make: raw.make && this.#all(raw.make, ['make'], (made, path) => this.#made(made, path)),
      key: raw.key && keyOf(raw.key),
      tests: raw.tests && this.tests(raw.tests),
    });
  }

  vocab(raw: RawVocabMap): VocabMap {
    return this.#node([], {
      ...raw,
      rows: raw.rows.map((row, index) => this.code(row, ['rows', index])),
      otherwise: targetOf(raw.otherwise),
      tests: raw.tests && this.codeTests(raw.tests),
    });
  }

  message(raw: RawMessageMap): MessageMap {
    return this.#node([], {
      ...raw,
      build: this.#steps(raw.build, ['build']),
      tests: raw.tests && this.tests(raw.tests),
    });
  }

  /** Inline tests; one without a name is named by what is given. */
  tests(raws: readonly RawMapTest[]): MapTest[] {
    return raws.map(({ name, given, around, settings, expect }, index) => {
      const text = typeof given === 'string' ? given : (Object.values(given)[0] ?? '');
      const whole = { name: name ?? text, given: text, around: around ?? '', settings: settings ?? {}, expect: expect ?? {} };
      return this.#node(['tests', index], whole);
    });
  }

  /** The same of a vocabulary. */
  codeTests(raws: readonly RawVocabTest[]): VocabTest[] {
    return raws.map(({ name, given, expect }, index) => {
      const target = typeof expect === 'string' ? { code: expect } : (expect as VocabTest['expect']);
      return { ...this.#node(['tests', index], { name: name ?? given, given }), expect: target };
    });
  }

  /** One row of a vocabulary map. */
  code({ id, from, to, skip, why }: RawVocabRow, path: YamlPath): VocabRow {
    return this.#node(path, { ids: idsOf(id), site: this.#ofSite, from, to: targetOf(to), skip, why });
  }

  /** A node of the AST at `path` that the file does not spell out. */
  node<T extends object>(path: YamlPath, raw: T) {
    return this.#node(path, { site: this.#ofSite, ...raw });
  }

  get #ofSite(): string | undefined {
    return this.#site ?? undefined;
  }

  #rows(rows: readonly RawRow[], path: YamlPath): Row[] {
    return this.#all(rows, path, (row, at) => this.row(row, at));
  }

  /** One row of a segment or datatype map; undefined, with a finding, where its condition cannot be read. */
  row(raw: RawRow, path: YamlPath): Row | undefined {
    const when = this.#when(raw, path);
    if (when === null) return undefined;
    const { id, key, with: inner, ...rest } = raw;
    return this.#node(path, {
      ...rest,
      ids: idsOf(id),
      site: this.#ofSite,
      when,
      with: inner && this.#rows(inner, [...path, 'with']),
      key: key && keyOf(key),
    });
  }

  #made(raw: RawMade, path: YamlPath): MadeResource | undefined {
    const when = this.#when(raw, path);
    if (when === null) return undefined;
    const refs =
      raw.refs &&
      Object.fromEntries(
        Object.entries(raw.refs).map(([element, names]) => [element, typeof names === 'string' ? [names] : names]),
      );
    const { id, ...rest } = raw;
    return this.#node(path, {
      ...rest,
      ids: idsOf(id),
      when,
      refs,
      rows: this.#rows(raw.rows, [...path, 'rows']),
      key: raw.key && keyOf(raw.key),
    });
  }

  #steps(steps: readonly RawStep[], path: YamlPath): BuildStep[] {
    return this.#all(steps, path, (step, at) => this.step(step, at));
  }

  /** One step of a message map; undefined, with a finding, where its condition cannot be read. */
  step(raw: RawStep, path: YamlPath): BuildStep | undefined {
    const when = this.#when(raw, path);
    const deletes = this.#when({ when: raw.delete }, path, 'delete');
    if (when === null || deletes === null) return undefined;
    const { id, key, build, rows, ...rest } = raw;
    return this.#node(path, {
      ...rest,
      ids: idsOf(id),
      site: this.#ofSite,
      when,
      delete: deletes,
      build: build && this.#steps(build, [...path, 'build']),
      rows: rows && this.#rows(rows, [...path, 'rows']),
      key: key && keyOf(key),
    });
  }

  #all<Raw, Node>(raws: readonly Raw[], path: YamlPath, build: (raw: Raw, path: YamlPath) => Node | undefined): Node[] {
    return raws.flatMap((raw, index) => build(raw, [...path, index]) ?? []);
  }

  /** The row's condition at a key; undefined where it has none, null where it cannot be read. */
  #when(raw: { when?: string | undefined }, path: YamlPath, key: 'when' | 'delete' = 'when') {
    if (raw.when === undefined) return undefined;
    return readCondition(raw.when, this.#yaml, [...path, key], this.#findings) ?? null;
  }

  #node<T extends object>(path: YamlPath, raw: T): Whole<T> & { readonly source: ReturnType<YamlFile['place']> } {
    const defined = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined)) as Whole<T>;
    return this.#places.keep({ ...defined, source: this.#yaml.place(path) }, this.#yaml, path);
  }
}

function idsOf(id: number | number[] | undefined): number[] {
  return id === undefined ? [] : typeof id === 'number' ? [id] : id;
}

export function targetOf(target: string | RawTarget | undefined): VocabTarget | undefined {
  return typeof target === 'string' ? { code: target } : (target as VocabTarget | undefined);
}

// Zod leaves out the keys that the file does not have, so no key of it is there and undefined.
function keyOf({ of, ...key }: RawKey): Key {
  return (of === undefined ? key : { ...key, of: typeof of === 'string' ? [of] : of }) as Key;
}
