import type { Bundle } from 'fhir/r4';
import { isRawNumber } from '../fhir/json.ts';
import type { Location } from '../hl7/types.ts';
import type { FhirObject, Frame, Run } from './runtime.ts';
import type { Deletion, TraceEntry } from './types.ts';

export const isConstant = -1;
export const isReference = -2;

/** A leaf that was written, or (without an object) a place that was read for an identity or a template. */
export interface TraceRecord {
  readonly object: object | null;
  /** The element, or the index in a list of primitives. */
  readonly key: string | number;
  readonly frame: Frame;
  /** The row, where the frame is not its own. */
  readonly row: string;
  /** Or `isConstant`, `isReference`: what the leaf holds is not what the message holds there. */
  readonly component: number;
  readonly subcomponent: number;
}

/** A `""`: the element that it deletes, relative to an object. */
interface DeletionRecord {
  readonly object: object;
  readonly path: string;
  readonly frame: Frame;
}

/**
 * What was written where, and from where. Leaves are remembered by the object that holds them; paths, entries and names are only worked
 * out for who reads the trace. An object that did not make it into the bundle takes its records with it.
 */
export class TraceLog {
  readonly records: TraceRecord[] = [];
  readonly deletions: DeletionRecord[] = [];

  /** A leaf that the run's last value was written to. */
  wrote(object: object, key: string | number, run: Run): void {
    const frame = run.from as Frame;
    this.records.push({ object, key, frame, row: '', component: run.fromComponent, subcomponent: run.fromSubcomponent });
  }

  /** A constant, or a reference made by a row without a value. */
  constant(object: object, key: string | number, frame: Frame, row: string): void {
    this.records.push({ object, key, frame, row, component: isConstant, subcomponent: 0 });
  }

  /** A reference to what was made of the frame's value: its parts are accounted for there. */
  reference(object: object, frame: Frame): void {
    this.records.push({ object, key: 'reference', frame, row: '', component: isReference, subcomponent: 0 });
  }

  /** A place that was read without being written as it stands: a part of a key, a second value that says the same. */
  consumed(frame: Frame, row: string, component: number, subcomponent: number): void {
    this.records.push({ object: null, key: '', frame, row, component, subcomponent });
  }

  deleted(object: object, path: string, frame: Frame): void {
    this.deletions.push({ object, path, frame });
  }
}

/** Names of the rows from the outermost to the one that read or wrote. */
export function rowsOf(frame: Frame, row: string): string[] {
  let count = row === '' ? 0 : 1;
  for (let at: Frame | null = frame; at !== null; at = at.outer) if (at.row !== '') count += 1;
  const rows = new Array<string>(count);
  if (row !== '') rows[--count] = row;
  for (let at: Frame | null = frame; at !== null; at = at.outer) if (at.row !== '') rows[--count] = at.row;
  return rows;
}

/** Where a frame, or a part of it, stands. */
export function locationOf(frame: Frame, component = frame.component, subcomponent = frame.subcomponent): Location {
  const { segment, field, repetition } = frame;
  return { index: segment.index, segment: segment.name, field, repetition, component, subcomponent };
}

interface Place {
  readonly entry: number;
  readonly path: string;
}

/** Where every object of a bundle stands. */
export class Places {
  readonly #places = new Map<object, Place>();
  readonly #run: Run;

  constructor(bundle: Bundle, run: Run) {
    this.#run = run;
    const { entry, ...rest } = bundle;
    // The Bundle's own elements belong to no entry.
    this.#places.set(bundle, { entry: -1, path: '' });
    for (const [name, value] of Object.entries(rest)) if (isObject(value)) this.#walk(value, -1, name);
    entry?.forEach(({ resource }, index) => {
      if (isObject(resource)) this.#walk(resource, index, '');
    });
  }

  /** An object's place; that of the one it was merged into; undefined where it is not in the bundle. */
  of(object: object): Place | undefined {
    let at: object | undefined = object;
    while (at !== undefined) {
      const place = this.#places.get(at);
      if (place !== undefined) return place;
      at = this.#run.merged.get(at);
    }
    return undefined;
  }

  #walk(value: object, entry: number, path: string): void {
    if (Array.isArray(value)) {
      // A list is only asked for where it holds the leaves itself.
      if (!isObject(value[0])) this.#places.set(value, { entry, path });
      for (let index = 0; index < value.length; index += 1) {
        const item: unknown = value[index];
        if (isObject(item)) this.#walk(item, entry, `${path}[${index}]`);
      }
      return;
    }
    this.#places.set(value, { entry, path });
    // Most are primitives: no path is made for those.
    for (const name in value) {
      const child = (value as FhirObject)[name];
      if (isObject(child)) this.#walk(child, entry, path === '' ? name : `${path}.${name}`);
    }
  }
}

/** An object or a list. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isRawNumber(value);
}

/** Calls `visit` with each record whose leaf is in the bundle, with its place. */
export function eachPlaced(run: Run, places: Places, visit: (record: TraceRecord, entry: number, path: string) => void): void {
  const lost = lostLeaves(run);
  for (const record of run.trace.records) {
    if (record.object === null || (lost.size > 0 && lost.get(record.object)?.has(record.key))) continue;
    const place = places.of(record.object);
    if (place === undefined) continue;
    const { key } = record;
    const path = typeof key === 'number' ? `${place.path}[${key}]` : place.path === '' ? key : `${place.path}.${key}`;
    visit(record, place.entry, path);
  }
}

function lostLeaves(run: Run): Map<object, Set<string | number>> {
  const lost = new Map<object, Set<string | number>>();
  for (let at = 0; at < run.lost.length; at += 2) {
    const object = run.lost[at] as object;
    const names = lost.get(object) ?? new Set();
    lost.set(object, names.add(run.lost[at + 1] as string));
  }
  return lost;
}

/** The trace as it is published. */
export function renderTrace(run: Run, places: Places): TraceEntry[] {
  const trace: TraceEntry[] = [];
  eachPlaced(run, places, (record, entry, path) => {
    trace.push({ entry, path, rows: rowsOf(record.frame, record.row), from: fromOf(record) });
  });
  return trace;
}

function fromOf({ frame, component, subcomponent }: TraceRecord): Location | null {
  if (component === isConstant) return null;
  return component === isReference ? locationOf(frame) : locationOf(frame, component, subcomponent);
}

/** The deletions of elements whose resource is in the bundle. */
export function renderDeletions(run: Run, places: Places): Deletion[] {
  const deletions: Deletion[] = [];
  for (const { object, path, frame } of run.trace.deletions) {
    const place = places.of(object);
    if (place === undefined) continue;
    deletions.push({
      entry: place.entry,
      path: place.path === '' ? path : path === '' ? place.path : `${place.path}.${path}`,
      row: rowsOf(frame, '').at(-1) ?? '',
      from: locationOf(frame),
    });
  }
  return deletions;
}
