/** Lints of `edit:` steps: their paths, their vocabularies, and whether they can do anything. */
import type { Condition } from '../hl7/condition.ts';
import { parsePath } from '../hl7/path.ts';
import type { Path } from '../hl7/types.ts';
import { pathsWritten } from '../map/edit-path.ts';
import type { EditStep } from '../map/edits.ts';
import type { Source } from '../map/mapping.ts';
import type { ReadChannel } from './channel.ts';
import { finding } from './findings.ts';
import { checkCondition, checkPath } from './lint-paths.ts';
import { templatePaths } from './lint-rows.ts';
import { contradicts } from './logic.ts';
import type { ReadMappings } from './mappings.ts';
import { didYouMean } from './suggest.ts';
import type { Channel, Finding } from './types.ts';
import { allSegments, isSegment } from './v2-types.ts';

/** The vocabularies that edits go through. */
export function vocabsOfEdits(channels: readonly ReadChannel[]): ReadonlySet<string> {
  const steps = channels.flatMap(({ channel }) => (channel === null ? [] : listsOf(channel).flatMap(({ steps }) => steps)));
  return new Set(steps.flatMap((step) => (step.kind === 'translate' && step.by.kind === 'vocab' ? [step.by.vocab] : [])));
}

interface StepList {
  readonly steps: readonly EditStep[];
  /** What holds of every message that comes here. */
  readonly given: Condition | null;
}

function listsOf({ route, destinations }: Channel): StepList[] {
  return [
    ...route.flatMap((one) => (one.kind === 'filter' ? [] : [{ steps: one.edits, given: one.when }])),
    ...destinations.flatMap((one) => (one.kind === 'mllp' ? [{ steps: one.edits, given: null }] : [])),
  ];
}

type Read = Pick<ReadMappings, 'mappings' | 'places' | 'damaged'>;

export function lintEdits(channel: Channel, read: Read): Finding[] {
  return listsOf(channel).flatMap(({ steps, given }) => {
    const lint = new EditLint(read, given, channel.listen.types);
    for (const step of steps) lint.step(step);
    return lint.findings;
  });
}

class EditLint {
  readonly findings: Finding[] = [];
  readonly #read: Read;
  readonly #given: Condition | null;
  readonly #types: readonly string[];
  /** Segments that a step before has removed for good -> the line of that step. */
  readonly #removed = new Map<string, number>();

  constructor(read: Read, given: Condition | null, types: readonly string[]) {
    this.#read = read;
    this.#given = given;
    this.#types = types;
  }

  step(step: EditStep): void {
    const { places } = this.#read;
    if (step.when !== null)
      checkCondition(step.when, step.text, { datatypes: null }, (offset) => places.of(step, 'when', offset), this.findings);
    switch (step.kind) {
      case 'set':
        this.#template(step, ['set'], step.value);
        this.#target(step, ['to'], step.to);
        break;
      case 'copy':
        this.#source(step, 'copy', step.from);
        this.#target(step, ['to'], step.to);
        break;
      case 'translate':
        this.#source(step, 'translate', step.from);
        this.#target(step, [step.from === step.to ? 'translate' : 'to'], step.to);
        this.#table(step);
        break;
      case 'remove':
        for (const [index, path] of step.paths.entries())
          this.#removal(step, step.paths.length === 1 ? ['remove'] : ['remove', index], path);
        break;
      case 'add':
        this.#addition(step);
        break;
    }
    this.#reach(step);
  }

  /** The path that is written at `key`, when it is one of HL7. */
  #path(step: EditStep, key: readonly (string | number)[], text: string): Path | null {
    const place = this.#read.places.of(step, key);
    const before = this.findings.length;
    let path: Path;
    try {
      path = parsePath(text);
    } catch {
      this.#report(
        'unknown-v2-path',
        place,
        `This is no path into a message (in "${text}"); write it like PID-3[2].4.2, OBX[*]-5 or NTE`,
      );
      return null;
    }
    if (path.field > 0) checkPath(text, { datatypes: null }, place, this.findings);
    else if (!isSegment(path.segment)) this.#segment(place, path.segment, text);
    return this.findings.length === before ? path : null;
  }

  #segment(place: Source, name: string, text: string): void {
    const next = didYouMean(name, allSegments(), 'correct it');
    this.#report('unknown-v2-path', place, `HL7 v2 has no segment ${name} (in "${text}")${next}`);
  }

  #source(step: EditStep, key: string, text: string): void {
    const path = this.#path(step, [key], text);
    if (path?.field === 0) this.#wrongTarget(step, [key], `A segment is no value (in "${text}")`, 'write a field, such as PID-3');
  }

  #target(step: EditStep, key: readonly (string | number)[], text: string): void {
    const path = this.#path(step, key, text);
    if (path === null) return;
    if (path.field === 0) this.#wrongTarget(step, key, `A segment holds no value (in "${text}")`, 'write a field, such as PID-3');
    else this.#delimiters(step, key, path, text);
  }

  #removal(step: EditStep, key: readonly (string | number)[], text: string): void {
    const path = this.#path(step, key, text);
    if (path === null) return;
    if (path.field === 0 && path.segment === 'MSH')
      this.#wrongTarget(step, key, 'MSH cannot be removed (a message begins with it)', 'remove fields of it');
    else this.#delimiters(step, key, path, text);
  }

  #delimiters(step: EditStep, key: readonly (string | number)[], { segment, field }: Path, text: string): void {
    if (segment === 'MSH' && (field === 1 || field === 2))
      this.#wrongTarget(step, key, `${text} cannot be written (it holds the delimiters of the message)`, 'remove the step');
  }

  #addition(step: EditStep & { kind: 'add' }): void {
    const { places } = this.#read;
    if (!/^[A-Z][A-Z0-9]{2}$/.test(step.segment) || step.segment === 'MSH')
      this.#wrongTarget(
        step,
        ['add'],
        `${step.segment} cannot be added (it is no name of a segment, or MSH)`,
        'write a name, such as ZLI',
      );
    else if (!isSegment(step.segment)) this.#segment(places.of(step, 'add'), step.segment, step.segment);
    else
      for (const field of Object.keys(step.fields)) {
        const before = this.findings.length;
        checkPath(`${step.segment}-${field}`, { datatypes: null }, places.of(step, ['fields', field]), this.findings);
        if (this.findings.length === before) this.#template(step, ['fields', field], step.fields[field] ?? '');
      }
    if (step.beside === null) return;
    const path = this.#path(step, [step.beside.at], step.beside.segment);
    if (path !== null && path.field > 0)
      this.#wrongTarget(step, [step.beside.at], `${step.beside.segment} is no segment`, 'write its name, such as PID or OBX[*]');
    else if (path?.segment === 'MSH' && step.beside.at === 'before')
      this.#wrongTarget(step, ['before'], 'Nothing stands before MSH (a message begins with it)', 'write after: MSH');
  }

  #template(step: EditStep, key: readonly string[], text: string): void {
    for (const { path, offset } of templatePaths(text)) {
      checkPath(path, { datatypes: null }, this.#read.places.of(step, key, offset), this.findings);
    }
  }

  #table(step: EditStep & { kind: 'translate' }): void {
    const { mappings, damaged, places } = this.#read;
    if (step.by.kind === 'table' || mappings.vocabs.has(step.by.vocab) || damaged.has(step.by.vocab)) return;
    this.#report(
      'unknown-vocab',
      places.of(step, 'by'),
      `There is no vocabulary map ${step.by.vocab} (mappings/vocab has no file of that name)${didYouMean(step.by.vocab, mappings.vocabs.keys(), 'write one, or write the codes here')}`,
    );
  }

  /** A step that never changes anything. */
  #reach(step: EditStep): void {
    const why = this.#neverRuns(step);
    if (why !== null)
      this.#report('unreachable-edit', step.source, `The step never does anything (${why}); remove it, or put it elsewhere`);
    if (step.kind === 'add') this.#removed.delete(step.segment);
    if (step.kind !== 'remove' || step.when !== null) return;
    for (const path of step.paths)
      if (/^[A-Z][A-Z0-9]{2}(\[\*\])?$/.test(path)) this.#removed.set(path.slice(0, 3), step.source.line);
  }

  #neverRuns(step: EditStep): string | null {
    const { when } = step;
    if (when !== null) {
      const terms = this.#given === null ? [when] : [when, this.#given];
      if (contradicts({ kind: 'and', terms })) return 'its condition cannot hold here';
      const taken = this.#types.map((text): Condition => {
        const [type = '*', event = '*'] = text.split('^');
        return { kind: 'and', terms: [{ kind: 'type', type, event }, ...terms] };
      });
      if (taken.length > 0 && taken.every(contradicts)) return `listen.types takes ${this.#types.join(', ')} only`;
    }
    // A value that is set makes its segment anew.
    if (step.kind === 'add' || step.kind === 'set' || step.kind === 'copy')
      return this.#gone(step.kind === 'copy' ? [step.from] : []);
    return this.#gone(step.kind === 'translate' ? [step.from] : pathsWritten(step));
  }

  #gone(paths: readonly string[]): string | null {
    const lines = paths.map((path) => this.#removed.get(path.slice(0, 3)));
    const [first] = lines;
    if (first === undefined || lines.includes(undefined)) return null;
    return `the step in line ${first} has removed every ${paths[0]?.slice(0, 3)}`;
  }

  #wrongTarget(step: EditStep, key: readonly (string | number)[], what: string, next: string): void {
    const sentence = what.includes('(') ? what : `${what} (here one is needed)`;
    this.#report('edit-target', this.#read.places.of(step, key), `${sentence}; ${next}`);
  }

  #report(code: Parameters<typeof finding>[0], place: Source, text: string): void {
    this.findings.push(finding(code, place, text));
  }
}
