/** Lints of message maps: what their steps make, fill and refer to. */
import { isResource } from '../fhir/elements.ts';
import { allSteps, isCircular, linesWithin, placeOf } from '../map/like.ts';
import type { BuildStep, Mappings, MessageMap } from '../map/mapping.ts';
import { mayRefer, resolveTarget } from './fhir-target.ts';
import { finding } from './findings.ts';
import { stepsWithin, unknownResource } from './lint-heads.ts';
import { article, type RowLint } from './lint-rows.ts';
import type { ReadMappings } from './mappings.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';
import { allSegments, isSegment } from './v2-types.ts';

/** The bundle itself is a resource of every message. */
const bundle = 'bundle';

export function lintMessages(read: ReadMappings, rows: RowLint): Finding[] {
  return [...read.mappings.messages.values()].flatMap((map) => new MessageLint(read, rows, map).run());
}

class MessageLint {
  readonly #read: ReadMappings;
  readonly #rows: RowLint;
  readonly #map: MessageMap;
  readonly #findings: Finding[] = [];
  /** Name -> resource type. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(read: ReadMappings, rows: RowLint, map: MessageMap) {
    this.#read = read;
    this.#rows = rows;
    this.#map = map;
    this.#names = resourceNames(read.mappings, map);
  }

  run(): Finding[] {
    const { places } = this.#read;
    for (const [index, type] of this.#map.for.entries()) {
      if (/^[A-Z][A-Z0-9]{2}\^([A-Z0-9]{3}|\*)$/.test(type)) continue;
      this.#findings.push(
        finding(
          'bad-value',
          places.of(this.#map, ['for', index]),
          `"${type}" is no message type (MSH-9.1^MSH-9.2); write it like ADT^A01 or ORU^*`,
        ),
      );
    }
    for (const step of stepsWithin(this.#map.build)) this.#step(step);
    return this.#findings;
  }

  #step(step: BuildStep): void {
    const { places } = this.#read;
    if (!this.#shape(step)) return;
    const v2 = step.segment ?? (typeof step.skip === 'string' ? step.skip.split(/[-.[]/)[0] : undefined);
    if (v2 !== undefined && /^[A-Z][A-Z0-9]{2}$/.test(v2) && !isSegment(v2)) {
      this.#report(
        'unknown-segment',
        step,
        step.segment === undefined ? 'skip' : 'segment',
        `HL7 v2 has no segment ${v2} (Z segments begin with Z)${didYouMean(v2, allSegments(), 'correct it')}`,
      );
    }
    if (step.when) this.#rows.condition(step, step.when, { datatypes: null });
    if (step.delete) this.#rows.condition(step, step.delete, { datatypes: null }, 'delete');
    this.#rows.key(step, step.key, { datatypes: null });
    this.#rows.match(step, step.match, { datatypes: null });
    if (step.make !== undefined) this.#findings.push(...unknownResource(step.make, places.of(step, 'make')));
    const filled = step.make ?? this.#filled(step);
    if (step.map !== undefined) this.#segmentMap(step, step.map, filled);
    if (filled !== undefined && isResource(filled)) {
      if (step.rows)
        this.#rows.rows(step.rows, {
          map: this.#map.message,
          datatypes: null,
          types: [],
          at: { type: filled },
          names: [],
          nested: false,
          step,
        });
      for (const [element, name] of Object.entries(step.refs ?? {})) this.#reference(step, filled, element, name);
    }
    if (step.into !== undefined) this.#into(step, step.into);
    for (const name of step.key?.of ?? []) this.#known(step, ['key', 'of'], name);
  }

  #shape(step: BuildStep): boolean {
    const kinds = (['segment', 'group', 'skip'] as const).filter((key) => step[key] !== undefined);
    const bad = (key: string | null, text: string) => {
      this.#findings.push(finding('row-shape', key === null ? step.source : this.#read.places.of(step, key), text));
      return false;
    };
    if (step.skip !== undefined && step.why === undefined) {
      this.#findings.push(
        finding(
          'skip-without-why',
          step.source,
          'The skip does not say why (the reason is what a reader and the score show); add why: and the reason',
        ),
      );
    }
    if (kinds.length !== 1)
      return bad(
        null,
        `The step has ${kinds.length === 0 ? 'neither segment nor group nor skip' : kinds.join(' and ')} (it needs one of them); say what it is for`,
      );
    if (step.like !== undefined && !this.#like(step, step.like)) return false;
    if (step.like !== undefined && step.group === undefined) return true;
    if (step.group !== undefined && !step.build && step.like === undefined)
      return bad(null, `The group ${step.group} has no steps (build is missing); write its segments under build:`);
    if (step.group === undefined && step.build)
      return bad('build', 'Only a group has steps of its own (build stands at a segment); put them beside it');
    if (step.segment === undefined) return true;
    if (step.make !== undefined && step.fill !== undefined)
      return bad('fill', 'A step makes a resource or fills one (it has make and fill); remove one');
    if (step.make === undefined && step.fill === undefined)
      return bad(
        null,
        `The segment ${step.segment} makes nothing (neither make nor fill); say what it makes, or skip it and say why`,
      );
    if (step.together !== undefined && step.fill === undefined)
      return bad('together', 'Only a resource that is there takes several occurrences (together stands without fill); remove it');
    if (step.match !== undefined && step.fill === undefined)
      return bad('match', 'Only a resource that is there is found by its values (match stands without fill); remove it');
    if (step.delete !== undefined && (step.make === undefined || step.mode === 'delete'))
      return bad(
        'delete',
        step.make === undefined
          ? 'Only what is made can be deleted (delete stands without make); remove it, or put it at the step that makes the resource'
          : 'The resource is deleted always or sometimes (the step has mode: delete and delete); remove one',
      );
    if (step.as !== undefined && step.make === undefined)
      return bad('as', 'Only what is made gets a name (the step has as without make); remove it, or make a resource');
    return true;
  }

  /** What another map makes there must make sense in this one: the names that it uses are known here. */
  #like(step: BuildStep, like: string): boolean {
    const { mappings, damaged } = this.#read;
    const fail = (code: 'unknown-map' | 'row-shape', text: string): false => {
      this.#report(code, step, 'like', text);
      return false;
    };
    const extra = (['make', 'fill', 'as', 'map', 'rows', 'skip', 'when', 'delete'] as const).find(
      (key) => step[key] !== undefined,
    );
    if (extra !== undefined)
      return fail('row-shape', `A step is like another or says itself what it does (it has like and ${extra}); remove one`);
    const place = placeOf(mappings, like);
    if (place === null) {
      if (!damaged.has(like.split('.', 1)[0] ?? ''))
        fail('unknown-map', `There is no message map or group ${like} (like names MAP or MAP.GROUP); correct the name`);
      return false;
    }
    if (isCircular(mappings, step))
      return fail('row-shape', `The step is like itself (${like} comes back to it); write one of them out`);
    const lines = linesWithin(mappings, { map: this.#map, step: { ...step, build: [] } }).map((line) => line.step);
    const used = step.group === undefined ? lines.filter(({ segment }) => segment === step.segment) : stepsWithin(lines);
    for (const { fill, into, key } of used) {
      const missing = [fill, into?.split('.', 1)[0], ...(key?.of ?? [])].find(
        (name) => name !== undefined && name !== bundle && !this.#names.has(name),
      );
      if (missing !== undefined)
        this.#report(
          'unknown-reference',
          step,
          'like',
          `No step names a resource ${missing} (${like} uses it, and ${this.#map.message} has none); add as: to the step that makes it`,
        );
    }
    return true;
  }

  /** The type of what `fill` names. */
  #filled(step: BuildStep): string | undefined {
    if (step.fill === undefined) return undefined;
    return this.#known(step, ['fill'], step.fill);
  }

  #segmentMap(step: BuildStep, name: string, filled: string | undefined): void {
    const { mappings, damaged } = this.#read;
    const map = mappings.segments.get(name);
    if (!map) {
      if (!damaged.has(name))
        this.#report(
          'unknown-map',
          step,
          'map',
          `There is no segment map ${name} (mappings/segments has no file of that name)${didYouMean(name, mappings.segments.keys(), 'write one, or name another')}`,
        );
      return;
    }
    if (step.segment !== undefined && map.segment !== step.segment)
      this.#report(
        'unknown-map',
        step,
        'map',
        `${name} reads ${article(map.segment)} (the step's segment is ${step.segment}); name a map of ${step.segment}`,
      );
    if (filled !== undefined && map.resource !== filled)
      this.#report(
        'unknown-map',
        step,
        'map',
        `${name} fills ${article(map.resource)} (the step's resource is ${article(filled)}); name a map that fills ${article(filled)}`,
      );
  }

  #reference(step: BuildStep, filled: string, element: string, name: string): undefined {
    const type = this.#known(step, ['refs', element], name);
    const found = resolveTarget({ type: filled }, element);
    if (!('target' in found)) return this.#report(found.code, step, ['refs', element], found.text);
    this.#refers(step, ['refs', element], found.target, element, type);
  }

  #into(step: BuildStep, into: string): undefined {
    const [name = '', ...rest] = into.split('.');
    const element = rest.join('.');
    const owner = this.#known(step, ['into'], name);
    if (owner === undefined) return;
    const found = element === '' ? null : resolveTarget({ type: owner }, element);
    if (found === null)
      return this.#report(
        'bad-target',
        step,
        'into',
        `"${into}" names no element (write the resource's name, a dot, and its element); write it like ${into}.result`,
      );
    if (!('target' in found)) return this.#report(found.code, step, 'into', found.text);
    this.#refers(
      step,
      ['into'],
      found.target,
      into,
      step.make ?? (step.fill === undefined ? undefined : this.#names.get(step.fill)),
    );
  }

  #refers(
    step: BuildStep,
    place: readonly string[],
    target: Parameters<typeof mayRefer>[0],
    element: string,
    type: string | undefined,
  ): void {
    if (target.type === 'Resource' || type === undefined || mayRefer(target, type)) return;
    const is =
      target.type === 'Reference'
        ? `it refers to ${target.targets?.join(' or ')}`
        : `it is ${article(target.type)}, no reference`;
    this.#report(
      'wrong-type-conversion',
      step,
      place,
      `${element} cannot refer to ${article(type)} (${is}); name another element, or another resource`,
    );
  }

  /** The type of the resource of that name; undefined, with a finding, where there is none. */
  #known(step: BuildStep, place: readonly string[], name: string): string | undefined {
    if (name === bundle) return 'Bundle';
    const type = this.#names.get(name);
    if (type === undefined)
      this.#report(
        'unknown-reference',
        step,
        place,
        `No step names a resource ${name} (in ${this.#map.message})${didYouMean(name, this.#names.keys(), 'add as: to the step that makes it, or correct the name')}`,
      );
    return type;
  }

  #report(code: Parameters<typeof finding>[0], step: BuildStep, place: string | readonly string[], text: string): undefined {
    this.#findings.push(finding(code, this.#read.places.of(step, place), text));
  }
}

/** The names that a message map gives, and the types of what they name. */
export function resourceNames(mappings: Mappings, map: MessageMap): Map<string, string> {
  return new Map(
    allSteps(mappings, map).flatMap(({ as, make }) => (as !== undefined && make !== undefined ? [[as, make] as const] : [])),
  );
}
