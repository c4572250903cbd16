/** The base with overlays laid over it, one after the other: data in, data out. What an overlay names and is not there is a finding. */
import type {
  BuildStep,
  DatatypeMap,
  LocalField,
  Mappings,
  MessageMap,
  Row,
  SegmentMap,
  Source,
  VocabMap,
} from '../map/mapping.ts';
import { finding } from './findings.ts';
import { stepsWithin } from './lint-heads.ts';
import type { Change, Overlay, RowRef, Skipped } from './overlays.ts';
import type { Places } from './places.ts';
import type { MapSet } from './read-map.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';

/** Lays an overlay over mappings, which stay as they are. `damaged` names maps of which nothing can be said. */
export function overlay(
  base: Mappings,
  laid: Overlay,
  places: Places,
  damaged: ReadonlySet<string>,
  findings: Finding[],
): Mappings {
  return new Merge(base, laid, places, damaged, findings).run();
}

class Merge {
  readonly #maps: MapSet;
  readonly #base: Mappings;
  readonly #overlay: Overlay;
  readonly #places: Places;
  readonly #damaged: ReadonlySet<string>;
  readonly #findings: Finding[];

  constructor(base: Mappings, laid: Overlay, places: Places, damaged: ReadonlySet<string>, findings: Finding[]) {
    this.#base = base;
    this.#maps = {
      messages: new Map(base.messages),
      segments: new Map(base.segments),
      datatypes: new Map(base.datatypes),
      vocabs: new Map(base.vocabs),
    };
    this.#overlay = laid;
    this.#places = places;
    this.#damaged = damaged;
    this.#findings = findings;
  }

  run(): Mappings {
    const { maps, changes } = this.#overlay;
    this.#bring(maps.segments, this.#maps.segments, 'map');
    this.#bring(maps.datatypes, this.#maps.datatypes, 'map');
    this.#bring(maps.vocabs, this.#maps.vocabs, 'vocab');
    this.#bring(maps.messages, this.#maps.messages, 'message');
    for (const change of changes) this.#change(change);
    return { ...this.#base, ...this.#maps, local: this.#fields() };
  }

  /** A map of the overlay's own. One that is there already is changed, not written again: its rows would go unseen. */
  #bring<T extends { readonly source: Source }>(from: ReadonlyMap<string, T>, to: Map<string, T>, key: string): void {
    for (const [name, map] of from) {
      if (to.has(name))
        this.#findings.push(
          finding(
            'duplicate-map',
            this.#places.of(map, key),
            `There is a map of the name ${name} already (the overlay ${this.#overlay.name} is laid over it); change it with change-${key}, or rename this one`,
          ),
        );
      else to.set(name, map);
    }
  }

  #change(change: Change): void {
    switch (change.kind) {
      case 'map': {
        const segment = this.#maps.segments.get(change.target);
        const datatype = this.#maps.datatypes.get(change.target);
        if (segment) this.#maps.segments.set(segment.map, this.#changeRows(segment, change));
        else if (datatype) this.#maps.datatypes.set(datatype.map, this.#changeRows(datatype, change));
        else
          this.#gone(change, 'change-map', `segment or datatype map ${change.target}`, [
            ...this.#maps.segments.keys(),
            ...this.#maps.datatypes.keys(),
          ]);
        return;
      }
      case 'vocab': {
        const vocab = this.#maps.vocabs.get(change.target);
        if (vocab) this.#maps.vocabs.set(vocab.vocab, this.#changeCodes(vocab, change));
        else this.#gone(change, 'change-vocab', `vocabulary map ${change.target}`, this.#maps.vocabs.keys());
        return;
      }
      case 'message': {
        const message = this.#maps.messages.get(change.target);
        if (message) this.#maps.messages.set(message.message, this.#changeSteps(message, change));
        else this.#gone(change, 'change-message', `message map ${change.target}`, this.#maps.messages.keys());
        return;
      }
    }
  }

  #changeRows<T extends SegmentMap | DatatypeMap>(map: T, change: Extract<Change, { kind: 'map' }>): T {
    let { rows } = map;
    let make = 'make' in map ? map.make : undefined;
    for (const { of, by } of change.replace) {
      let found = false;
      const put = (row: Row): Row => {
        found = true;
        return {
          ...('leavesOut' in by ? leaveOut(by, row) : by),
          ids: row.ids.length > 0 ? row.ids : by.ids,
        } as Row;
      };
      rows = replaceRows(rows, of, put);
      make = make?.map((made) => this.#keep({ ...made, rows: replaceRows(made.rows, of, put) }, made));
      if (!found)
        this.#noRow(map.map, by, of, [...rowNames(map.rows), ...(make ?? []).flatMap((made) => [...rowNames(made.rows)])]);
    }
    const added: Row[] = [];
    for (const one of change.add) {
      if (one.in === null) added.push(one.row);
      else if (make?.some(({ as }) => as === one.in))
        make = make.map((made) => (made.as === one.in ? this.#keep({ ...made, rows: [...made.rows, one.row] }, made) : made));
      else {
        let found = false;
        rows = replaceRows(rows, one.in, (row) => {
          found = true;
          return this.#keep({ ...row, with: [...(row.with ?? []), one.row] }, row);
        });
        if (!found) this.#noRow(map.map, one.row, one.in, rowNames(map.rows));
      }
    }
    const changed = { ...map, rows: [...rows, ...added] };
    return this.#keep(make === undefined ? changed : { ...changed, make }, map);
  }

  #changeCodes(map: VocabMap, change: Extract<Change, { kind: 'vocab' }>): VocabMap {
    const rows = [...map.rows];
    for (const row of change.replace) {
      const at = rows.findIndex(({ from }) => from === row.from);
      if (at < 0)
        this.#report(
          row,
          `The code "${row.from}" has no row (the overlay ${this.#overlay.name} replaces it, and ${map.vocab} does not have it)`,
          row.from,
          rows.map(({ from }) => from),
        );
      else rows[at] = this.#keep({ ...row, ids: rows[at]?.ids ?? [] }, row);
    }
    const whole = { ...map, rows: [...rows, ...change.add] };
    return this.#keep(change.otherwise === null ? whole : { ...whole, otherwise: change.otherwise }, map);
  }

  #changeSteps(map: MessageMap, change: Extract<Change, { kind: 'message' }>): MessageMap {
    let { build } = map;
    const known = (): string[] =>
      stepsWithin(build).flatMap(({ as, group, ids }) => [...ids.map(String), as ?? group ?? []].flat());
    const noStep = (at: { readonly source: Source }, of: RowRef): void =>
      this.#report(at, `${map.message} has no step ${of} (the overlay ${this.#overlay.name} names it)`, String(of), known());
    for (const { of, by } of change.replace) {
      let found = false;
      build = replaceSteps(build, of, (step) => {
        found = true;
        const ids = step.ids.length > 0 ? step.ids : by.ids;
        if ('leavesOut' in by) return leaveOutStep(by, step);
        return [this.#keep({ ...by, ids }, by)];
      });
      if (!found) noStep(by, of);
    }
    for (const one of change.add) {
      const { place, step } = one;
      if (place.kind === 'end') {
        build = [...build, step];
        continue;
      }
      let found = false;
      build = replaceSteps(build, place.kind === 'in' ? place.group : place.step, (at) => {
        if (found || (place.kind === 'in' && at.group === undefined)) return [at];
        found = true;
        if (place.kind === 'in') return [this.#keep({ ...at, build: [...(at.build ?? []), step] }, at)];
        return place.kind === 'after' ? [at, step] : [step, at];
      });
      if (!found) noStep(step, place.kind === 'in' ? place.group : place.step);
    }
    return this.#keep({ ...map, for: [...map.for, ...change.for], build }, map);
  }

  #fields(): NonNullable<Mappings['local']> {
    const local = new Map([...(this.#base.local ?? [])].map(([segment, fields]) => [segment, new Map(fields)] as const));
    for (const { segment, fields } of this.#overlay.local) {
      const known = local.get(segment) ?? new Map<number, LocalField>();
      local.set(segment, known);
      for (const [field, declared] of fields) known.set(field, declared);
    }
    return local;
  }

  #noRow(map: string, at: { readonly source: Source }, of: RowRef, known: Iterable<string>): void {
    this.#report(at, `${map} has no row ${of} (the overlay ${this.#overlay.name} names it)`, String(of), known);
  }

  #report(at: { readonly source: Source }, what: string, name: string, known: Iterable<string>): void {
    if ([...this.#damaged].some((one) => what.startsWith(`${one} `))) return;
    const next = didYouMean(name, known, 'see what became of it in the base, and correct the overlay');
    this.#findings.push(finding('overlay-target', at.source, `${what}${next}`));
  }

  #gone(change: Change, key: string, what: string, known: Iterable<string>): void {
    if (this.#damaged.has(change.target)) return;
    const next = didYouMean(change.target, known, 'see what became of it in the base, and correct the overlay');
    this.#findings.push(
      finding(
        'overlay-target',
        this.#places.of(change, key),
        `There is no ${what} (the overlay ${this.#overlay.name} changes it)${next}`,
      ),
    );
  }

  /** A copy stands where the original does. */
  #keep<T extends object>(copy: T, original: object): T {
    this.#places.copy(original, copy);
    return copy;
  }
}

/** Every row that a name or a line of the guide means, replaced; also those within others. */
function replaceRows(rows: readonly Row[], of: RowRef, put: (row: Row) => Row): Row[] {
  return rows.map((row) => {
    if (isRow(row, of)) return put(row);
    if (row.with === undefined) return row;
    const inner = replaceRows(row.with, of, put);
    return inner.every((one, index) => one === row.with?.[index]) ? row : { ...row, with: inner };
  });
}

function isRow(row: Row, of: RowRef): boolean {
  return typeof of === 'number' ? row.ids.includes(of) : row.name === of;
}

function* rowNames(rows: readonly Row[]): Iterable<string> {
  for (const row of rows) {
    yield* row.ids.map(String);
    if (row.name !== undefined) yield row.name;
    yield* rowNames(row.with ?? []);
  }
}

/** The row leaves out what the other one read. */
function leaveOut(skipped: Skipped, row: Row): Row {
  const ids = [...row.ids, ...(row.with ?? []).flatMap((inner) => inner.ids)];
  const { leavesOut: _, ...rest } = skipped;
  return { ...rest, ids, skip: typeof row.skip === 'string' ? row.skip : (row.from ?? true) };
}

function replaceSteps(steps: readonly BuildStep[], of: RowRef, put: (step: BuildStep) => readonly BuildStep[]): BuildStep[] {
  return steps.flatMap((step) => {
    if (isStep(step, of)) return put(step);
    return step.build === undefined ? [step] : [{ ...step, build: replaceSteps(step.build, of, put) }];
  });
}

function isStep(step: BuildStep, of: RowRef): boolean {
  return typeof of === 'number' ? step.ids.includes(of) : step.as === of || step.group === of;
}

/** A group is left out segment by segment: what stands in it is accounted for. */
function leaveOutStep(skipped: Skipped, step: BuildStep): BuildStep[] {
  if (step.build !== undefined)
    return [
      { ...step, build: step.build.flatMap((inner) => (inner.skip === undefined ? leaveOutStep(skipped, inner) : [inner])) },
    ];
  const { leavesOut: _, ...rest } = skipped;
  return [{ ...rest, ids: step.ids, skip: step.segment ?? true }];
}
