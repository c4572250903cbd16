/** `like`: the steps of a group, or of a segment, as another message map has them, so that what messages share stands once. */
import type { BuildStep, Mappings, MessageMap } from './mapping.ts';

/** A step with the message map that it is written in: its row is named after that one. */
export interface Line {
  readonly map: MessageMap;
  readonly step: BuildStep;
}

/** The lines of a message map, those of other maps in the place of the steps that are like them. */
export function linesOf(mappings: Mappings, map: MessageMap): Line[] {
  return expand(mappings, map, map.build, []);
}

/** The lines of a group: those of the group that it is like, then its own. */
export function linesWithin(mappings: Mappings, { map, step }: Line, trail: readonly BuildStep[] = []): Line[] {
  return [...linesLike(mappings, step, trail), ...expand(mappings, map, step.build ?? [], trail)];
}

/** Every step of a message map, also those of the maps that it is like, and those in groups. */
export function allSteps(mappings: Mappings, map: MessageMap): BuildStep[] {
  const visit = (lines: readonly Line[], around: readonly BuildStep[]): BuildStep[] =>
    lines.flatMap((line) => [
      line.step,
      ...(line.step.group === undefined || around.includes(line.step)
        ? []
        : visit(linesWithin(mappings, line), [...around, line.step])),
    ]);
  return visit(linesOf(mappings, map), []);
}

/** What `MAP` or `MAP.GROUP` names: a whole map, or the first group of that name in it; null where there is none. */
export function placeOf(mappings: Mappings, like: string): { readonly map: MessageMap; readonly group: BuildStep | null } | null {
  const [name = '', wanted] = like.split('.', 2);
  const map = mappings.messages.get(name);
  if (map === undefined) return null;
  if (wanted === undefined) return { map, group: null };
  const find = (steps: readonly BuildStep[]): BuildStep | undefined => {
    for (const step of steps) {
      const found = step.group === wanted ? step : find(step.build ?? []);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const group = find(map.build);
  return group === undefined ? null : { map, group };
}

/** Whether what a step is like comes back to it. */
export function isCircular(mappings: Mappings, step: BuildStep): boolean {
  const seen = new Set<BuildStep>();
  const reaches = (from: BuildStep): boolean => {
    const place = from.like === undefined ? null : placeOf(mappings, from.like);
    if (place === null) return false;
    const around = place.group ?? { build: place.map.build };
    const within = [...('like' in around ? [around] : []), ...deep(around.build ?? [])];
    const used = from.segment === undefined ? within : within.filter(({ segment }) => segment === from.segment);
    return used.some((one) => {
      if (one === step) return true;
      if (one.like === undefined || seen.has(one)) return false;
      seen.add(one);
      return reaches(one);
    });
  };
  return reaches(step);
}

function deep(steps: readonly BuildStep[]): BuildStep[] {
  return steps.flatMap((step) => [step, ...deep(step.build ?? [])]);
}

function expand(mappings: Mappings, map: MessageMap, steps: readonly BuildStep[], trail: readonly BuildStep[]): Line[] {
  return steps.flatMap((step) =>
    step.like === undefined || step.group !== undefined
      ? [{ map, step }]
      : linesLike(mappings, step, trail).filter((line) => segmentOf(line.step) === step.segment),
  );
}

/** The lines of the place that a step is like. */
function linesLike(mappings: Mappings, step: BuildStep, trail: readonly BuildStep[]): Line[] {
  const place = step.like === undefined || trail.includes(step) ? null : placeOf(mappings, step.like);
  if (place === null) return [];
  const { map, group } = place;
  return group === null
    ? expand(mappings, map, map.build, [...trail, step])
    : linesWithin(mappings, { map, step: group }, [...trail, step]);
}

function segmentOf({ segment, skip }: BuildStep): string | undefined {
  return segment ?? (typeof skip === 'string' ? skip.slice(0, 3) : undefined);
}
