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
  const level = context.levels.at(-1) as Level;
  return {
    level,
    many: false,
    isEmpty: () => false,
    count: () => 1,
    at(frame) {
      const { run, group, segment, field, repetition, component, subcomponent, text } = frame;
      const same = new Frame(run, group, segment, field, repetition, component, subcomponent, frame, row, text);
      same.simple = frame.simple;
      return same;
    },
  };
}

/** How many frames out the value stands whose datatype the path names; the map's own value where none does. */
export function depthOf(context: Context, path: PartPath): number {
  const { levels } = context;
  for (let at = levels.length - 1; at > 0; at -= 1) if (levels[at]?.datatype === path.datatype) return levels.length - 1 - at;
  return levels.length - 1;
}

function partSource(context: Context, path: PartPath, row: string): Source {
  const depth = depthOf(context, path);
  const { component, subcomponent } = path;
  const holder = context.levels.at(-1 - depth) as Level;
  const type = datatypeOfPart(datatypeOfPart(path.datatype, component), subcomponent);
  return {
    level: { segment: holder.segment, field: holder.field, datatype: type },
    many: false,
    isEmpty:
      depth === 0 ? (frame) => part(frame, component, 0) === '' : (frame) => part(outward(frame, depth), component, 0) === '',
    count: () => 1,
    at(frame) {
      const value = outward(frame, depth);
      const text = part(value, component, subcomponent);
      if (text === '') return null;
      const { run, group, segment, field, repetition } = value;
      if (value.component === 0) {
        const found = new Frame(run, group, segment, field, repetition, component, subcomponent, frame, row, text);
        found.simple = value.plain;
        return found;
      }
      const below = value.subcomponent === 0 ? component : value.subcomponent;
      const found = new Frame(run, group, segment, field, repetition, value.component, below, frame, row, text);
      found.simple = true;
      return found;
    },
  };
}

function fieldSource(context: Context, path: FieldPath, row: string): Source {
  const { field, component, subcomponent } = path;
  const find = compileSegment(context, path);
  const bound = boundDepth(context, path);
  const type = datatypeOfPart(
    datatypeOfPart(datatypeOf(path.segment, field, context.compiler.mappings.local), component),
    subcomponent,
  );
  const frameAt = (frame: Frame, segment: Segment, repetition: number): Frame | null => {
    const text = segment.value(field, repetition, component, subcomponent);
    return text === ''
      ? null
      : new Frame(frame.run, frame.group, segment, field, repetition, component, subcomponent, frame, row, text);
  };
  const level = { segment: path.segment, field, datatype: type };
  if (bound >= 0)
    return {
      level,
      many: false,
      isEmpty: () => false,
      count: () => 1,
      at(frame) {
        const value = outward(frame, bound);
        return frameAt(frame, value.segment, value.repetition);
      },
    };
  const fixed = path.repetition === null || path.repetition === 0 ? null : path.repetition;
  return {
    level,
    many: fixed === null,
    isEmpty: (frame) => (find(frame)?.field(field) ?? '') === '',
    count: (frame) => find(frame)?.count(field) ?? 0,
    at(frame, repetition) {
      const segment = find(frame);
      return segment === null ? null : frameAt(frame, segment, fixed ?? repetition);
    },
  };
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
export function compileSegment(
  context: Context,
  path: { readonly segment: string; readonly occurrence?: number | null },
): (frame: Frame) => Segment | null {
  const { segment: name, occurrence } = path;
  if (occurrence != null && occurrence > 0) return (frame) => nth(frame.run.message.segments, name, occurrence);
  const { levels } = context;
  for (let at = levels.length - 1; at >= 0; at -= 1) {
    if (levels[at]?.segment !== name) continue;
    const depth = levels.length - 1 - at;
    if (depth === 0) return (frame) => frame.segment;
    return (frame) => outward(frame, depth).segment;
  }
  return (frame) => nearestSegment(frame.group, name, frame.segment);
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
