/** `from`, compiled: which values a row reads, one frame each. */
import { WeirError } from '../errors.ts';
import type { Segment } from '../hl7/message.ts';
import { type Context, datatypeOf, datatypeOfPart, type Level } from './context.ts';
import { nearestSegment } from './groups.ts';
import { type FieldPath, type PartPath, parseSource } from './paths.ts';
import { Frame, outward, part } from './runtime.ts';

/** The values that a row reads. */
export interface Source {
  readonly level: Level;
  /** Whether every repetition is one value. Otherwise only `at(frame, 1)` is asked for. */
  readonly many: boolean;
  /** Whether there is surely nothing to read: a cheap look before anything else is done. */
  isEmpty(frame: Frame): boolean;
  /** Repetitions in the field, empty ones included. */
  count(frame: Frame): number;
  /** A value's frame; null where it is empty. */
  at(frame: Frame, repetition: number): Frame | null;
}

/** Compiles a path. `row` names the row in the trace. */
export function compileSource(context: Context, path: string, row: string): Source {
  const parsed = parseSource(path);
  switch (parsed.kind) {
    case 'value':
      return sameValue(context, row);
    case 'part':
      return partSource(context, parsed, row);
    case 'field':
      return fieldSource(context, parsed, row);
    case 'segment':
      throw new WeirError('map-failed', `${path} names a segment, not a value (${row})`);
  }
}

/** The value of the row around. */
export function sameValue(context: Context, row: string): Source {
  return new SameValue(context.levels.at(-1) as Level, row);
}

class SameValue implements Source {
  readonly level: Level;
  readonly many = false;
  readonly #row: string;

  constructor(level: Level, row: string) {
    this.level = level;
    this.#row = row;
  }

  isEmpty(): boolean {
    return false;
  }

  count(): number {
    return 1;
  }

  at(frame: Frame): Frame {
    const { run, group, segment, field, repetition, component, subcomponent, text } = frame;
    const same = new Frame(run, group, segment, field, repetition, component, subcomponent, frame, this.#row, text);
    same.simple = frame.simple;
    return same;
  }
}

/** How many frames out the value stands whose datatype the path names; the map's own value where none does. */
export function depthOf(context: Context, path: PartPath): number {
  const { levels } = context;
  for (let at = levels.length - 1; at > 0; at -= 1) if (levels[at]?.datatype === path.datatype) return levels.length - 1 - at;
  return levels.length - 1;
}

function partSource(context: Context, path: PartPath, row: string): Source {
  const depth = depthOf(context, path);
  const holder = context.levels.at(-1 - depth) as Level;
  const datatype = datatypeOfPart(datatypeOfPart(path.datatype, path.component), path.subcomponent);
  return new PartSource({ segment: holder.segment, field: holder.field, datatype }, depth, path, row);
}

/** A component, or a subcomponent, of the value so many frames out. */
class PartSource implements Source {
  readonly level: Level;
  readonly many = false;
  readonly #depth: number;
  readonly #component: number;
  readonly #subcomponent: number;
  readonly #row: string;

  constructor(level: Level, depth: number, { component, subcomponent }: PartPath, row: string) {
    this.level = level;
    this.#depth = depth;
    this.#component = component;
    this.#subcomponent = subcomponent;
    this.#row = row;
  }

  isEmpty(frame: Frame): boolean {
    return part(outward(frame, this.#depth), this.#component, 0) === '';
  }

  count(): number {
    return 1;
  }

  at(frame: Frame): Frame | null {
    const value = outward(frame, this.#depth);
    const component = this.#component;
    const subcomponent = this.#subcomponent;
    const text = part(value, component, subcomponent);
    if (text === '') return null;
    const { run, group, segment, field, repetition } = value;
    if (value.component === 0) {
      const found = new Frame(run, group, segment, field, repetition, component, subcomponent, frame, this.#row, text);
      found.simple = value.plain;
      return found;
    }
    const below = value.subcomponent === 0 ? component : value.subcomponent;
    const found = new Frame(run, group, segment, field, repetition, value.component, below, frame, this.#row, text);
    found.simple = true;
    return found;
  }
}

function fieldSource(context: Context, path: FieldPath, row: string): Source {
  const { segment, field, component, subcomponent } = path;
  const bound = boundDepth(context, path);
  const datatype = datatypeOfPart(
    datatypeOfPart(datatypeOf(segment, field, context.compiler.mappings.local), component),
    subcomponent,
  );
  const level = { segment, field, datatype };
  return bound >= 0
    ? new BoundSource(level, bound, path, row)
    : new FieldSource(level, new SegmentFinder(context, path), path, row);
}

/** A field of the segment that the path means: of all its repetitions, or of the one that the path names. */
class FieldSource implements Source {
  readonly level: Level;
  readonly many: boolean;
  readonly #segment: SegmentFinder;
  readonly #path: FieldPath;
  readonly #fixed: number | null;
  readonly #row: string;

  constructor(level: Level, segment: SegmentFinder, path: FieldPath, row: string) {
    this.level = level;
    this.#segment = segment;
    this.#path = path;
    this.#fixed = path.repetition === 0 ? null : path.repetition;
    this.many = this.#fixed === null;
    this.#row = row;
  }

  isEmpty(frame: Frame): boolean {
    return (this.#segment.find(frame)?.firstUnit(this.#path.field) ?? 0) === 0;
  }

  count(frame: Frame): number {
    return this.#segment.find(frame)?.count(this.#path.field) ?? 0;
  }

  at(frame: Frame, repetition: number): Frame | null {
    const segment = this.#segment.find(frame);
    return segment === null ? null : frameAt(frame, segment, this.#fixed ?? repetition, this.#path, this.#row);
  }
}

/** The repetition of a field that is being worked, so many frames out. */
class BoundSource implements Source {
  readonly level: Level;
  readonly many = false;
  readonly #depth: number;
  readonly #path: FieldPath;
  readonly #row: string;

  constructor(level: Level, depth: number, path: FieldPath, row: string) {
    this.level = level;
    this.#depth = depth;
    this.#path = path;
    this.#row = row;
  }

  isEmpty(): boolean {
    return false;
  }

  count(): number {
    return 1;
  }

  at(frame: Frame): Frame | null {
    const value = outward(frame, this.#depth);
    return frameAt(frame, value.segment, value.repetition, this.#path, this.#row);
  }
}

function frameAt(
  frame: Frame,
  segment: Segment,
  repetition: number,
  { field, component, subcomponent }: FieldPath,
  row: string,
): Frame | null {
  const text = segment.value(field, repetition, component, subcomponent);
  if (text === '') return null;
  return new Frame(frame.run, frame.group, segment, field, repetition, component, subcomponent, frame, row, text);
}

/** How many frames out the repetition of this field is being worked; -1 where it is not, or where the path names one itself. */
export function boundDepth(context: Context, path: FieldPath): number {
  if (path.repetition !== null) return -1;
  const { levels } = context;
  for (let at = levels.length - 1; at >= 0; at -= 1) {
    const level = levels[at];
    if (level?.segment === path.segment && level.field === path.field) return levels.length - 1 - at;
  }
  return -1;
}

/** The segment that a path means: the one being worked, else the nearest. */
export class SegmentFinder {
  readonly #name: string;
  /** Above 0: that one of its name in the message. */
  readonly #occurrence: number;
  /** How many frames out the segment is being worked; -1 where it is not. */
  readonly #depth: number;

  constructor({ levels }: Context, path: { readonly segment: string; readonly occurrence?: number | null }) {
    this.#name = path.segment;
    this.#occurrence = path.occurrence ?? 0;
    const at = levels.findLastIndex(({ segment }) => segment === path.segment);
    this.#depth = at < 0 ? -1 : levels.length - 1 - at;
  }

  find(frame: Frame): Segment | null {
    if (this.#occurrence > 0) return nth(frame.run.message.segments, this.#name, this.#occurrence);
    return this.#depth < 0 ? nearestSegment(frame.group, this.#name, frame.segment) : outward(frame, this.#depth).segment;
  }
}

function nth(segments: readonly Segment[], name: string, n: number): Segment | null {
  let left = n;
  for (const segment of segments) {
    if (segment.name !== name) continue;
    left -= 1;
    if (left === 0) return segment;
  }
  return null;
}
