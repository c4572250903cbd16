/** Lints of tests: what they expect can come out, and each of them can fail. */
import { errorCodes } from '../errors.ts';
import { element, elements, isPrimitive, isResource, isType, resourceTypes } from '../fhir/elements.ts';
import type { DatatypeMap, Mappings, MapTest, Source, VocabTest } from '../map/mapping.ts';
import { type FindingCode, finding } from './findings.ts';
import { checkPath } from './lint-paths.ts';
import type { Places } from './places.ts';
import { settingsSchema } from './settings-schema.ts';
import { didYouMean } from './suggest.ts';
import { channelExpectSchema, mapExpectSchema } from './test-schema.ts';
import type { Channel, Finding } from './types.ts';

type Way = readonly (string | number)[];

/** The tests of a channel. */
export function lintChannelTests(
  { tests, destinations: taking }: Pick<Channel, 'tests' | 'destinations'>,
  mappings: Mappings,
  places: Places,
): Finding[] {
  const destinations = taking.filter(({ kind }) => kind === 'mllp').map(({ name }) => name);
  return tests.flatMap((test) => {
    const found: Finding[] = [];
    const lint = new ExpectLint(places, test, Object.keys(channelExpectSchema.shape), null);
    const { map, park, refuse } = test.expect;
    if (typeof map === 'string' && !mappings.messages.has(map))
      lint.report(
        'unknown-message-map',
        ['expect', 'map'],
        `There is no message map ${map} (the test expects it)`,
        map,
        mappings.messages.keys(),
      );
    for (const [key, code] of [
      ['park', park],
      ['refuse', refuse],
    ] as const) {
      if (typeof code === 'string' && !(errorCodes as string[]).includes(code))
        lint.report(
          'bad-value',
          ['expect', key],
          `"${code}" is no error that Weir has (src/errors.ts lists them)`,
          code,
          errorCodes,
        );
    }
    for (const [name, values] of Object.entries((test.expect.messages ?? {}) as Record<string, Record<string, unknown>>)) {
      if (!destinations.includes(name))
        lint.report(
          'unknown-destination',
          ['expect', 'messages', name],
          `There is no destination ${name} (the test expects it)`,
          name,
          destinations,
        );
      for (const path of Object.keys(values))
        checkPath(path, { datatypes: null }, places.of(test, ['expect', 'messages', name, path]), found);
    }
    return [...found, ...lint.run(test.expect)];
  });
}

/** The inline tests of all maps. */
export function lintMapTests(mappings: Mappings, places: Places): Finding[] {
  const known = Object.keys(mapExpectSchema.shape);
  const all = [
    ...[...mappings.messages.values(), ...mappings.segments.values()].map((map) => ({ map: null, tests: map.tests ?? [] })),
    ...[...mappings.datatypes.values()].map((map) => ({ map, tests: map.tests ?? [] })),
  ];
  return [
    ...all.flatMap(({ map, tests }) => tests.flatMap((test) => lintMapTest(test, map, places, known))),
    ...[...mappings.vocabs.values()].flatMap((map) => (map.tests ?? []).flatMap((test) => lintCodeTest(test))),
  ];
}

/** One inline test, by what it is of. */
export function lintMapTest(
  test: MapTest,
  map: DatatypeMap | null,
  places: Places,
  known: readonly string[] = Object.keys(mapExpectSchema.shape),
): Finding[] {
  const lint = new ExpectLint(places, test, known, map?.type ?? null);
  const settings = settingsSchema.safeParse(test.settings);
  for (const issue of settings.error?.issues ?? []) {
    const key = String(issue.code === 'unrecognized_keys' ? issue.keys[0] : (issue.path[0] ?? ''));
    lint.report(
      'bad-value',
      ['settings', key],
      `The setting "${key}" is not one that a channel has (or cannot be this)`,
      key,
      Object.keys(settingsSchema.shape),
    );
  }
  return lint.run(test.expect);
}

/** One test of a vocabulary. */
export function lintCodeTest(test: VocabTest): Finding[] {
  if (test.expect === null || Object.keys(test.expect ?? {}).length > 0) return [];
  return [provesNothing(test)];
}

function provesNothing(test: { readonly name: string; readonly source: Source }): Finding {
  return finding(
    'test-proves-nothing',
    test.source,
    `The test "${test.name}" expects nothing (it cannot fail); write what must come of it under expect`,
  );
}

class ExpectLint {
  readonly #findings: Finding[] = [];
  readonly #places: Places;
  readonly #test: { readonly name: string; readonly source: Source };
  readonly #known: readonly string[];
  /** The type that a datatype map gives, which may be expected by its name. */
  readonly #type: string | null;

  constructor(
    places: Places,
    test: { readonly name: string; readonly source: Source },
    known: readonly string[],
    type: string | null,
  ) {
    this.#places = places;
    this.#test = test;
    this.#known = known;
    this.#type = type;
  }

  run(expect: Readonly<Record<string, unknown>>): Finding[] {
    let asserted = 0;
    for (const [key, value] of Object.entries(expect)) {
      // An empty list of parts and an empty count say nothing; of the others an empty list says that there is none.
      const empty = (Array.isArray(value) && value.length === 0 && !this.#known.includes(key)) || isEmptyCount(key, value);
      if (!empty && value !== undefined && !(key === 'absent' && Array.isArray(value) && value.length === 0)) asserted += 1;
      if (key === 'absent')
        for (const [index, path] of asList(value).entries()) this.#absent(String(path), ['expect', key, index]);
      else if (key === 'count')
        for (const type of Object.keys((value ?? {}) as object)) this.#resource(type, ['expect', key, type]);
      else if (!this.#known.includes(key)) this.#part(key, value, ['expect', key]);
    }
    return asserted === 0 ? [...this.#findings, provesNothing(this.#test)] : this.#findings;
  }

  report(code: FindingCode, way: Way, what: string, name: string, known: Iterable<string>): void {
    const place = this.#places.of(this.#test, way);
    this.#findings.push(finding(code, place, `${what}${didYouMean(name, known, 'correct the test')}`));
  }

  #resource(type: string, way: Way): boolean {
    if (isResource(type) || type === this.#type) return true;
    const known = [...this.#known, ...(this.#type === null ? [] : [this.#type]), ...resourceTypes()];
    this.report('unknown-type', way, `"${type}" is nothing that a test can expect (R4 has no such resource)`, type, known);
    return false;
  }

  #part(type: string, value: unknown, way: Way): void {
    if (!this.#resource(type, way)) return;
    for (const [index, item] of asList(value).entries()) this.#value(type, item, Array.isArray(value) ? [...way, index] : way);
  }

  #value(type: string, value: unknown, way: Way): void {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#value(type, item, [...way, index]);
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      const next = this.#element(type, name, [...way, name]);
      if (next !== null) this.#value(next, inner, [...way, name]);
    }
  }

  /** The type of an element; null where nothing can be said of it, with a finding where it is none. */
  #element(type: string, name: string, way: Way): string | null {
    if (name === 'resourceType' || type === 'Resource') return null;
    if (name.startsWith('_')) return element(type, name.slice(1)) ? 'Element' : this.#unknown(type, name, way);
    const info = isPrimitive(type) || !isType(type) ? undefined : element(type, name);
    return info === undefined || name.endsWith('[x]') ? this.#unknown(type, name, way) : info.path;
  }

  #unknown(type: string, name: string, way: Way): null {
    const known = isPrimitive(type) || !isType(type) ? [] : elements(type).keys();
    this.report(
      'unknown-element',
      way,
      `"${name}" is no element of ${type} (the test "${this.#test.name}" expects it)`,
      name,
      known,
    );
    return null;
  }

  #absent(path: string, way: Way): void {
    const [type = '', ...names] = path.split('.');
    if (!this.#resource(type, way)) return;
    let at: string | null = type;
    for (const name of names) if (at !== null) at = this.#element(at, name, way);
  }
}

function isEmptyCount(key: string, value: unknown): boolean {
  return key === 'count' && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
