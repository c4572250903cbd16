/**
 * `edit:` steps compiled into functions over messages: what a destination is sent where that is not the message as received. Each step touches the bytes
 * at its place and no others.
 */
import { type ErrorCode, errorEntry, WeirError } from '../errors.ts';
import { messageCondition } from '../hl7/condition-message.ts';
import { Draft } from '../hl7/draft.ts';
import type { Message, Segment } from '../hl7/message.ts';
import { type AimedPath, aim, type Focus, focusOf } from './edit-path.ts';
import { compileTemplate, type Template } from './edit-template.ts';
import type { EditStep } from './edits.ts';
import type { Mappings } from './mapping.ts';
import { Vocabulary } from './vocab.ts';

/** What a step changed. */
export interface EditChange {
  /** The step's place among those that were compiled together, from 0. */
  readonly step: number;
  readonly kind: EditStep['kind'];
  /** Where, `OBX[2]-3.1`. */
  readonly path: string;
}

export interface Edited {
  readonly message: Message;
  readonly changes: readonly EditChange[];
  /** Why the message must not leave; null where it may. Codes and paths, never content. */
  readonly fault: { readonly code: ErrorCode; readonly text: string; readonly step: number } | null;
}

/** Does the steps in their order. Never throws for what a message holds. */
export type Edits = (message: Message) => Edited;

/** A message on its way through the steps. */
interface Work {
  readonly draft: Draft;
  /** Notes that a step wrote at a path. */
  readonly wrote: (path: string) => void;
}

type Deed = (work: Work, focus: Focus | null) => void;

/**
 * Compiles steps that `weir check` has no findings for.
 * @throws WeirError `hl7-bad-path`, `map-failed` for what the lints would have found
 */
export function compileEdits(steps: readonly EditStep[], vocabs: Mappings['vocabs']): Edits {
  const compiled = steps.map((step) => ({ step, ...compileStep(step, vocabs) }));
  return (message) => {
    const draft = Draft.of(message);
    const changes: EditChange[] = [];
    for (const [index, { step, each, run }] of compiled.entries()) {
      const work: Work = { draft, wrote: (path) => changes.push({ step: index, kind: step.kind, path }) };
      try {
        for (const focus of each(draft.message)) run(work, focus);
      } catch (error) {
        if (!(error instanceof WeirError)) throw error;
        const text = `${errorEntry(error.code).text} (step ${index + 1} of the edits${error.detail === undefined ? '' : `, ${error.detail}`})`;
        return { message, changes, fault: { code: error.code, text, step: index } };
      }
    }
    return { message: draft.message, changes, fault: null };
  };
}

interface Compiled {
  /** What the step is done for: the message as a whole (null), or one segment after the other. */
  readonly each: (message: Message) => readonly (Focus | null)[];
  readonly run: Deed;
}

function compileStep(step: EditStep, vocabs: Mappings['vocabs']): Compiled {
  const deed = compileDeed(step, vocabs);
  const segment = focusOf(step);
  const holds = compileWhen(step);
  return {
    // From the last to the first: what is added or removed moves only what is done already.
    each: segment === null ? () => [null] : (message) => fociOf(message, segment).reverse(),
    run: (work, focus) => {
      if (holds(work.draft.message, focus)) deed(work, focus);
    },
  };
}

function fociOf(message: Message, name: string): Focus[] {
  return message.segments.filter((segment) => segment.name === name).map((_, index) => ({ name, occurrence: index + 1 }));
}

/** In a step that is done for each segment of a name, that name alone means the one in hand. */
function compileWhen({ when }: EditStep): (message: Message, focus: Focus | null) => boolean {
  if (when === null) return () => true;
  const holds = messageCondition(when);
  return (message, focus) => holds(message, focus === null ? undefined : segmentAt(message, focus));
}

function segmentAt(message: Message, { name, occurrence }: Focus): Segment | undefined {
  return message.segments.filter((segment) => segment.name === name)[occurrence - 1];
}

function compileDeed(step: EditStep, vocabs: Mappings['vocabs']): Deed {
  switch (step.kind) {
    case 'set': {
      const [value, to] = [compileTemplate(step.value), aim(step.to)];
      return (work, focus) => {
        const text = value(work.draft.message, focus);
        if (text !== null) write(work, to(focus), (path) => work.draft.set(path, text));
      };
    }
    case 'copy': {
      const [from, to] = [aim(step.from), aim(step.to)];
      return (work, focus) => write(work, to(focus), (path) => work.draft.copy(from(focus), path));
    }
    case 'translate':
      return compileTranslate(step, vocabs);
    case 'remove': {
      const paths = step.paths.map((path) => aim(path, true));
      return (work, focus) => {
        for (const path of paths) write(work, path(focus), (at) => work.draft.remove(at));
      };
    }
    case 'add':
      return compileAdd(step);
  }
}

/** Writes, and notes the place where that changed anything. */
function write({ draft, wrote }: Work, path: string, act: (path: string) => unknown): void {
  const before = draft.message;
  act(path);
  if (draft.message !== before && draft.text !== before.text) wrote(path);
}

function compileTranslate(step: EditStep & { kind: 'translate' }, vocabs: Mappings['vocabs']): Deed {
  const [from, to] = [aim(step.from), aim(step.to)];
  const inPlace = step.from === step.to;
  const target = tableOf(step, vocabs);
  return (work, focus) => {
    for (const [read, at] of pairsOf(work.draft.message, from(focus), to(focus), inPlace)) {
      const code = work.draft.message.get(read);
      // `""` asks the receiver to delete, and is no code.
      if (code === null || code === '""') continue;
      const known = target(code);
      if (known === undefined && step.unlisted === 'park') throw new WeirError('edit-unlisted', `at ${read}`);
      const written = known ?? (known === undefined && step.unlisted === 'keep' ? code : '');
      write(work, at, (path) => work.draft.set(path, written));
    }
  };
}

/** The code that a code becomes; undefined where the table has none, '' where the vocabulary leaves it out. */
function tableOf({ by }: EditStep & { kind: 'translate' }, vocabs: Mappings['vocabs']): (code: string) => string | undefined {
  if (by.kind === 'table') {
    const codes = new Map(Object.entries(by.codes));
    return (code) => codes.get(code);
  }
  const map = vocabs.get(by.vocab);
  if (map === undefined) throw new WeirError('map-failed', `there is no vocabulary ${by.vocab}`);
  const vocabulary = new Vocabulary(map);
  return (code) => {
    const target = vocabulary.target(code);
    return target === undefined ? undefined : (target?.code ?? '');
  };
}

/**
 * Where codes are read, and where what they become is written. A field's code is its first component; `[*]` takes each repetition for itself. What is
 * translated elsewhere comes there as it is.
 */
function pairsOf(message: Message, from: string, to: string, inPlace: boolean): [from: string, to: string][] {
  const { base, repetition, component } = partsOf(from);
  const code = component === '' ? '.1' : component;
  if (repetition !== '[*]') return [[`${base}${repetition}${code}`, inPlace ? `${base}${repetition || '[1]'}${code}` : to]];
  const count = message.getAll(`${base}[*]`).length === 0 ? 0 : repetitionsOf(message, base);
  const target = partsOf(to);
  return Array.from({ length: count }, (_, index) => {
    const nth = `[${index + 1}]`;
    const at = inPlace
      ? `${base}${nth}${code}`
      : `${target.base}${target.repetition === '[*]' ? nth : target.repetition}${target.component}`;
    return [`${base}${nth}${code}`, at];
  });
}

function repetitionsOf(message: Message, base: string): number {
  const [name = '', field = ''] = base.split('-');
  const occurrence = Number(/\[(\d+)\]/.exec(name)?.[1] ?? 1);
  return segmentAt(message, { name: name.slice(0, 3), occurrence })?.count(Number(field)) ?? 0;
}

/** `OBX[2]-3[*].1` -> `OBX[2]-3`, `[*]`, `.1`. */
function partsOf(path: string): { base: string; repetition: string; component: string } {
  const [, base = path, repetition = '', component = ''] = /^([^-]+-\d+)(\[[^\]]+\])?(\..+)?$/.exec(path) ?? [];
  return { base, repetition, component };
}

function compileAdd(step: EditStep & { kind: 'add' }): Deed {
  const fields = Object.entries(step.fields).map(([field, text]): [string, Template] => [field, compileTemplate(text)]);
  const beside: AimedPath | null = step.beside === null ? null : aim(step.beside.segment);
  return ({ draft, wrote }, focus) => {
    const values: Record<string, string> = {};
    for (const [field, template] of fields) {
      const value = template(draft.message, focus);
      if (value !== null) values[field] = value;
    }
    if (beside === null || step.beside === null) draft.add(step.segment, values);
    else draft.add(step.segment, values, step.beside.at === 'after' ? { after: beside(focus) } : { before: beside(focus) });
    wrote(step.segment);
  };
}
