/** Message maps, compiled: for every segment of every group, the steps that make and fill resources. */
import { WeirError } from '../errors.ts';
import { newestVersion } from '../hl7/dictionary.ts';
import { messageStructure } from '../hl7/dictionary-structures.ts';
import type { GroupOccurrence } from '../hl7/group.ts';
import type { Segment } from '../hl7/message.ts';
import { Structure, type StructureNode } from '../hl7/structure.ts';
import { compileStep, type StepFn } from './compile-step.ts';
import type { Compiler } from './compiler.ts';
import { type GroupPlan, GroupScope } from './groups.ts';
import { allSteps, type Line, linesOf, linesWithin } from './like.ts';
import type { MessageMap } from './mapping.ts';
import { type Run, segmentFrame } from './runtime.ts';

/** A message map that can run. */
export interface CompiledMessage {
  readonly name: string;
  /** The segment maps that its steps use, by their names. */
  readonly uses: () => ReadonlySet<string>;
  /** The groups and segments that its steps name: what a message is grouped by. */
  readonly structure: Structure;
  /** Runs all steps over a grouped message. What the message made stands in the run. */
  readonly build: (run: Run, root: GroupOccurrence) => void;
}

/** A place of a group: a segment with its steps, or a group. */
type Place =
  | { readonly kind: 'segment'; readonly name: string; readonly node: StructureNode; readonly steps: StepFn[]; mapped: boolean }
  | { readonly kind: 'group'; readonly name: string; readonly node: StructureNode; readonly layout: Layout };

/** The places of a group in order, and the one place of each segment that has only one. */
interface Layout {
  readonly places: readonly Place[];
  readonly placeOf: ReadonlyMap<string, number>;
  readonly plan: GroupPlan;
}

/**
 * Segments that a structure has at several places of one group (ROL behind PID and behind PV1): steps of them that stand apart are of another
 * place. Of any other segment all steps of a group work the same occurrences.
 */
const scattered = new Set(['ROL', 'PRT', 'ARV', 'NTE', 'CTD']);

export function compileMessage(compiler: Compiler, map: MessageMap): CompiledMessage {
  const layout = compileGroup(compiler, linesOf(compiler.mappings, map), typesOf(compiler, map));
  const standard = messageStructure(map.message, newestVersion)?.nodes;
  const structure = new Structure(
    layout.places.map((place) => place.node),
    standard,
  );
  return {
    name: map.message,
    uses: () => new Set(allSteps(compiler.mappings, map).flatMap((step) => step.map ?? [])),
    structure,
    build(run, root) {
      runGroup(run, new GroupScope(root, layout.plan, null), layout);
      // In the order noted: a fill that waited comes before the references that wait for what it says.
      for (const late of run.late) late();
    },
  };
}

/** What each name is. Names are of one type in a message map. */
function typesOf(compiler: Compiler, map: MessageMap): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const { as, make } of allSteps(compiler.mappings, map)) if (as !== undefined && make !== undefined) types.set(as, make);
  return types;
}

function compileGroup(compiler: Compiler, lines: readonly Line[], types: ReadonlyMap<string, string>): Layout {
  const places: Place[] = [];
  for (const line of lines) {
    const { map, step } = line;
    if (step.group !== undefined) {
      const inner = compileGroup(compiler, linesWithin(compiler.mappings, line), types);
      const node: StructureNode = { group: step.group, children: inner.places.map((place) => place.node) };
      places.push({ kind: 'group', name: step.group, node, layout: inner });
      continue;
    }
    const name = step.segment ?? (typeof step.skip === 'string' ? step.skip : undefined);
    if (name === undefined) {
      if (step.skip === undefined) throw new WeirError('map-failed', `${map.message}: a step names neither segment nor group`);
      continue;
    }
    const segment = name.slice(0, 3);
    const place = placeOf(places, segment);
    // A guide row that makes nothing of a segment says nothing of what other rows make of it; with a condition it says which are left out.
    const left = step.skip !== undefined && step.when === undefined;
    const mapped = left && lines.some(({ step: one }) => one.segment === segment && one.skip === undefined);
    const compiled = mapped ? null : compileStep(compiler, map.message, step, segment, types);
    if (compiled !== null) place.steps.push(compiled);
    if (step.skip === undefined) place.mapped = true;
  }
  return { places, placeOf: singlePlaces(places), plan: planOf(places) };
}

function planOf(places: readonly Place[]): GroupPlan {
  const holds = new Set<string>();
  const groups: GroupPlan['groups'][number][] = [];
  for (const place of places) {
    if (place.kind === 'segment') {
      // What is left out here (the ORC of a prior result) does not stand for the one that is meant further out.
      if (place.mapped) holds.add(place.name);
      continue;
    }
    groups.push({ group: place.name, node: place.node, plan: place.layout.plan });
    for (const name of place.layout.plan.holds) holds.add(name);
  }
  return { holds, groups };
}

function singlePlaces(places: readonly Place[]): Map<string, number> {
  const found = new Map<string, number>();
  const several = new Set<string>();
  places.forEach((place, index) => {
    if (place.kind !== 'segment') return;
    if (found.has(place.name)) several.add(place.name);
    found.set(place.name, index);
  });
  for (const name of several) found.delete(name);
  return found;
}

function placeOf(places: Place[], name: string): Extract<Place, { kind: 'segment' }> {
  const last = places.at(-1);
  const known = scattered.has(name) ? last : places.find((place) => place.kind === 'segment' && place.name === name);
  if (known?.kind === 'segment' && known.name === name) return known;
  const place = { kind: 'segment' as const, name, node: { segment: name }, steps: [], mapped: false };
  places.push(place);
  return place;
}

function runGroup(run: Run, group: GroupScope, { places, placeOf }: Layout): void {
  const { occurrence } = group;
  const here: (Segment[] | undefined)[] = new Array(places.length);
  for (const segment of occurrence.all) {
    const at = placeOf.get(segment.name);
    if (at === undefined) continue;
    const found = here[at];
    if (found === undefined) here[at] = [segment];
    else found.push(segment);
  }
  for (let at = 0; at < places.length; at += 1) {
    const place = places[at] as Place;
    if (place.kind === 'group') {
      for (const inner of occurrence.groups(place.name, place.node))
        runGroup(run, new GroupScope(inner, place.layout.plan, group), place.layout);
      continue;
    }
    if (place.steps.length === 0) continue;
    const segments = placeOf.has(place.name) ? here[at] : occurrence.segments(place.name, place.node);
    if (segments === undefined) continue;
    for (const segment of segments) {
      const frame = segmentFrame(run, group, segment);
      for (const step of place.steps) step(frame);
    }
  }
}
