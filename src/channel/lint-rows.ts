/** Lints of rows: what they read, what they write, and whether the one can become the other. */
import { isResource, isType } from '../fhir/elements.ts';
import type { Condition } from '../hl7/condition.ts';
import { formatCondition } from '../hl7/condition-parse.ts';
import { labelPaths } from '../map/items.ts';
import type { BuildStep, DatatypeMap, Key, Row, SegmentMap, Source } from '../map/mapping.ts';
import { literalOf } from '../map/match.ts';
import { nextItem, parseTarget, resourceOfReference } from '../map/paths.ts';
import { type FhirPlace, resolveTarget, type Target } from './fhir-target.ts';
import { type FindingCode, finding } from './findings.ts';
import { ConversionLint } from './lint-conversion.ts';
import { unknownResource } from './lint-heads.ts';
import { checkCondition, checkPath, namesType, type PathScope } from './lint-paths.ts';
import { contradicts, flat } from './logic.ts';
import type { ReadMappings } from './mappings.ts';
import type { Finding } from './types.ts';

/** Where a row stands. */
export interface RowScope extends PathScope {
  readonly map: string;
  /** The v2 datatypes of the value being worked; empty where they are not known. */
  readonly types: readonly string[];
  readonly at: FhirPlace;
  /** Element names from the resource to `at`; null where the resource is another one than the map fills. */
  readonly names: readonly string[] | null;
  /** Whether a row around reads a value, which rows without one of their own share. */
  readonly nested: boolean;
  /** The step whose rows these are. */
  readonly step?: BuildStep;
}

/** What rows do, for the lints that look at all of them. */
export interface RowUse {
  readonly row: Row;
  readonly map: string;
}

export class RowLint {
  readonly findings: Finding[] = [];
  /** Names of datatype maps that the rows of a map go through; of vocabularies; of resources they refer to; of segments they read. */
  readonly datatypeMaps = new Map<string, Set<string>>();
  readonly vocabs = new Map<string, Set<string>>();
  readonly refs = new Map<string, RowUse[]>();
  readonly segments = new Map<string, { use: RowUse; segment: string }[]>();
  /** Element names, joined by dots, that the rows of a map write. */
  readonly written = new Map<string, Set<string>>();
  /** The same for the rows of a step. */
  readonly stepWritten = new Map<BuildStep, Set<string>>();
  /** Vocabularies whose targets go into a required binding. */
  readonly bound: { vocab: string; valueSet: string; element: string; use: RowUse }[] = [];
  readonly read: ReadMappings;
  readonly #conversion: ConversionLint;

  constructor(read: ReadMappings) {
    this.read = read;
    this.#conversion = new ConversionLint(this);
  }

  segmentMap(map: SegmentMap): void {
    this.rows(map.rows, { map: map.map, datatypes: null, types: [], at: { type: map.resource }, names: [], nested: false });
  }

  datatypeMap(map: DatatypeMap): void {
    const scope = {
      map: map.map,
      datatypes: [map.datatype],
      types: [map.datatype],
      at: { type: map.type },
      names: [],
      nested: false,
    };
    this.rows(
      map.rows.filter(({ to }) => to !== nextItem),
      scope,
    );
    for (const row of map.rows.filter(({ to }) => to === nextItem)) {
      if (row.when) this.condition(row, row.when, scope);
      this.rows(row.with ?? [], scope);
    }
    this.key(map, map.key, scope);
    const known = (map.make ?? []).map((made) => made.as);
    for (const made of map.make ?? []) {
      if (made.when) this.condition(made, made.when, scope);
      this.key(made, made.key, scope);
      this.rows(made.rows, scope);
      for (const [element, names] of Object.entries(made.refs ?? {})) {
        const target = this.target(made, ['refs', element], element, scope.at);
        if (target && target.type !== 'Reference')
          this.report(
            'wrong-type-conversion',
            this.read.places.of(made, ['refs', element]),
            `${element} of ${map.type} is no reference (it is ${article(target.type)}); name an element that refers`,
          );
        for (const [index, name] of names.entries()) {
          if (known.includes(name)) continue;
          this.report(
            'unknown-reference',
            this.read.places.of(made, names.length === 1 ? ['refs', element] : ['refs', element, index]),
            `There is no ${name} among the resources that ${map.map} makes (they are ${known.join(', ')}); correct the name`,
          );
        }
      }
    }
  }

  rows(rows: readonly Row[], scope: RowScope): void {
    // A type that R4 does not have is one finding, where it is named; nothing can be said of its elements.
    if (!isType(scope.at.type)) return;
    for (const row of rows) this.#row(row, scope);
  }

  report(code: FindingCode, place: Source, text: string): void {
    this.findings.push(finding(code, place, text));
  }

  /** A condition of a row, step or made resource, at its `key`. */
  condition(owner: { readonly source: Source }, when: Condition, scope: PathScope, key: 'when' | 'delete' = 'when'): void {
    const { places } = this.read;
    // The path in the file's own text is found by what the condition would be written as: near enough for a column.
    const text = places.text(owner, key) ?? formatCondition(when);
    if (namesType(when))
      this.report(
        'bad-condition',
        places.of(owner, key),
        'The condition names a message type (only the routes of a channel can); test MSH-9.1 and MSH-9.2 instead',
      );
    checkCondition(when, text, this.#local(scope), (offset) => places.of(owner, key, offset), this.findings);
    if (contradicts(when))
      this.report(
        'never-runs',
        places.of(owner, key),
        'This never runs (the condition contradicts itself); correct the condition, or remove the row',
      );
  }

  key(owner: { readonly source: Source }, key: Key | undefined, scope: PathScope): void {
    for (const list of ['by', 'first', 'authority'] as const) {
      for (const [index, path] of (key?.[list] ?? []).entries()) {
        if (list === 'by' && literalOf(path) !== null) continue;
        checkPath(path, this.#local(scope), this.read.places.of(owner, ['key', list, index]), this.findings);
      }
    }
  }

  /** The paths of a `match`; those here are read in the scope. */
  match(owner: { readonly source: Source }, match: Row['match'], scope: PathScope): void {
    for (const [there, here] of Object.entries(match ?? {})) {
      const at = this.read.places.of(owner, ['match', there]);
      checkPath(there, this.#local({ datatypes: null }), at, this.findings);
      if (literalOf(here) === null) checkPath(here, this.#local(scope), at, this.findings);
    }
  }

  /** What `to` writes; null, with a finding, where that is nothing in R4. */
  target(owner: { readonly source: Source }, place: readonly (string | number)[], to: string, from: FhirPlace): Target | null {
    const resolved = resolveTarget(from, to);
    if ('target' in resolved) {
      const at = this.read.places.of(owner, place);
      for (const path of labelPaths(parseTarget(to))) checkPath(path, this.#local({ datatypes: null }), at, this.findings);
      return resolved.target;
    }
    this.report(resolved.code, this.read.places.of(owner, place), resolved.text);
    return null;
  }

  #row(row: Row, scope: RowScope): void {
    const { places } = this.read;
    if (!this.#shape(row, scope)) return;
    if (row.when) this.condition(row, row.when, scope);
    if (typeof row.skip === 'string') checkPath(row.skip, this.#local(scope), places.of(row, 'skip'), this.findings);
    const types = this.#types(row, scope);
    this.#neverRuns(row);
    if (types === null) return;
    const open = types.length === 0 || types.includes('VARIES');
    const datatypes = row.from === undefined ? scope.datatypes : open ? [] : [...(scope.datatypes ?? []), ...types];
    const below: RowScope = { ...scope, types, datatypes, nested: scope.nested || row.from !== undefined };
    this.key(row, row.key, below);
    if (row.match !== 'before') this.match(row, row.match, below);
    const target = row.to === undefined ? null : this.target(row, ['to'], row.to, scope.at);
    if (row.to !== undefined && !target) return;
    if (row.ref !== undefined) add(this.refs, row.ref, { row, map: scope.map });
    if (target && scope.names) {
      const path = [...scope.names, ...target.names].join('.');
      if (scope.step) addTo(this.stepWritten, scope.step, path);
      else addTo(this.written, scope.map, path);
    }
    const made = target ? this.#conversion.check(row, target, types, scope.map) : null;
    if (!row.with) return;
    const inner = row.make !== undefined ? { type: row.make } : (target ?? scope.at);
    if (row.make !== undefined) this.findings.push(...unknownResource(row.make, places.of(row, 'make')));
    const names = row.make === undefined ? scope.names && [...scope.names, ...(target?.names ?? [])] : null;
    const resource = made !== null && isResource(made) && target?.type === 'Reference' && row.make === undefined ? made : null;
    // `$resource` stands for what a datatype map made of the value.
    const far = resource === null ? [] : row.with.filter((one) => one.to === resourceOfReference);
    for (const one of far) {
      if (one.when) this.condition(one, one.when, below);
      this.rows(one.with ?? [], { ...below, at: { type: resource ?? '' }, names: null });
    }
    this.rows(
      row.with.filter((one) => !far.includes(one)),
      { ...below, at: inner, names },
    );
  }

  /** With the fields that overlays declare. */
  #local(scope: PathScope): PathScope {
    return { datatypes: scope.datatypes, local: this.read.mappings.local };
  }

  /** Whether the keys of a row make sense together. */
  #shape(row: Row, { nested }: RowScope): boolean {
    const { places } = this.read;
    if (row.skip !== undefined) {
      if (row.why === undefined)
        this.report(
          'skip-without-why',
          row.source,
          'The skip does not say why (the reason is what a reader and the score show); add why: and the reason',
        );
      const extra = (['from', 'to', 'set', 'with', 'make', 'ref', 'as', 'vocab', 'use'] as const).find(
        (key) => row[key] !== undefined,
      );
      if (extra !== undefined)
        this.report(
          'row-shape',
          places.of(row, extra),
          `A skip leaves something out (it cannot have "${extra}" too); split the row in two`,
        );
      return extra === undefined;
    }
    const value = row.from !== undefined || row.set !== undefined || row.ref !== undefined || row.make !== undefined;
    if (row.join !== undefined && row.from === undefined && row.set === undefined) {
      this.report('row-shape', places.of(row, 'join'), 'Only values are joined (the row reads none); add from, or remove join');
      return false;
    }
    if ((row.match !== undefined && row.ref === undefined) || (row.back !== undefined && row.match === undefined)) {
      this.report(
        'row-shape',
        places.of(row, row.match === undefined ? 'back' : 'match'),
        'Only a reference matches, and only what matches refers back (the row has match without ref, or back without match); name the resource',
      );
      return false;
    }
    if (row.to === undefined && !row.with) {
      this.report(
        'row-shape',
        row.source,
        'The row writes nothing (it has neither "to" nor "with" nor "skip"); say where its value goes, or skip it and say why',
      );
      return false;
    }
    if (row.to !== undefined && !value && !nested && !row.with) {
      this.report(
        'row-shape',
        row.source,
        'The row has a target and no value (neither "from" nor "set" nor "ref"); say what goes there',
      );
      return false;
    }
    return true;
  }

  /** The v2 types of the value that the row works on; null where its path is wrong. */
  #types(row: Row, scope: RowScope): readonly string[] | null {
    const { places } = this.read;
    if (typeof row.set === 'string') {
      for (const { path, offset } of templatePaths(row.set)) {
        const found = checkPath(path, this.#local(scope), places.of(row, 'set', offset), this.findings);
        if (found?.path.kind === 'field')
          add(this.segments, scope.map, { use: { row, map: scope.map }, segment: found.path.segment });
      }
    }
    if (row.from === undefined) return scope.types;
    const found = checkPath(row.from, this.#local(scope), places.of(row, 'from'), this.findings);
    if (!found) return null;
    if (found.path.kind === 'value') return scope.types;
    if (found.path.kind === 'field' || found.path.kind === 'segment')
      add(this.segments, scope.map, { use: { row, map: scope.map }, segment: found.path.segment });
    return found.types;
  }

  /** A row reads a path only where it is empty. */
  #neverRuns(row: Row): void {
    if (row.from === undefined || !row.when) return;
    const empty = flat(row.when).flatMap((term) => (term.kind === 'not' && term.term.kind === 'valued' ? [term.term.path] : []));
    const { from } = row;
    const wrong = empty.find((path) => path === from || from.startsWith(`${path}.`));
    if (wrong !== undefined)
      this.report(
        'never-runs',
        this.read.places.of(row, 'when'),
        `The row never runs (it reads ${from} only where ${wrong} is empty); correct the condition, or set a constant`,
      );
  }
}

/** The paths in `{PATH}` of a constant, `{{` being a brace. */
export function templatePaths(text: string): { path: string; offset: number }[] {
  return [...text.matchAll(/\{\{|\{([^{}]*)\}/g)].flatMap((match) =>
    match[1] === undefined ? [] : [{ path: match[1], offset: match.index + 1 }],
  );
}

/** A type's name with its article, `an XPN`, `a Quantity`. */
export function article(type: string): string {
  return `${/^([AEIOUaeiou]|[FHLMNRSX][A-Z])/.test(type) ? 'an' : 'a'} ${type}`;
}

export function add<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

export function addTo<K>(map: Map<K, Set<string>>, key: K, item: string): void {
  const set = map.get(key);
  if (set) set.add(item);
  else map.set(key, new Set([item]));
}
