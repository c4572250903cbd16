/** How a value becomes what the element holds: a datatype map, a vocabulary, a function, or a built-in conversion. */
import { WeirError } from '../errors.ts';
import { baseType, isPrimitive } from '../fhir/elements.ts';
import { isRawNumber } from '../fhir/json.ts';
import type { CompiledDatatype } from './compile-datatype.ts';
import type { Compiler } from './compiler.ts';
import { bad, compileConversion, conversion, textReader } from './convert.ts';
import { functions, type LibraryFunction, type Surroundings, type Value } from './functions.ts';
import { report } from './issue.ts';
import type { Row } from './mapping.ts';
import { keepOwnWords } from './own-words.ts';
import {
  data,
  type ElementFn,
  type FhirObject,
  type Frame,
  leaf,
  nothing,
  type Primitive,
  part,
  type ResourceFn,
  type ValueFn,
} from './runtime.ts';
import type { Target } from './target.ts';
import { vocabElement, vocabValue } from './vocab.ts';

/** One of the three ways, or `none` where rows of `with` do it all. */
export type Converter =
  | { readonly kind: 'value'; readonly read: ValueFn }
  /** `map` where it is a datatype map's element, which may have further items. */
  | { readonly kind: 'element'; readonly fill: ElementFn; readonly map?: CompiledDatatype }
  | { readonly kind: 'resource'; readonly type: string; readonly make: ResourceFn }
  | { readonly kind: 'none' };

type Wanted = Pick<Row, 'as' | 'vocab' | 'use'>;

/** Chooses the conversion of a v2 type (`VARIES`: by each message) to what a target holds. */
export function converterFor(
  compiler: Compiler,
  row: Wanted,
  datatype: string,
  target: Pick<Target, 'type' | 'info'>,
): Converter {
  if (datatype !== 'VARIES' || row.as !== undefined) return fixedConverter(compiler, row, datatype, target);
  if (isPrimitive(target.type)) {
    const choose = byMessage(compiler, row, target, 'value');
    return { kind: 'value', read: (frame) => choose(frame)?.read(frame) };
  }
  const fixed = fixedConverter(compiler, row, 'ST', target);
  if (fixed.kind === 'resource') return fixed;
  // An element that no datatype is mapped to is filled by the rows of `with`.
  if (row.vocab === undefined && row.use === undefined && !hasMap(compiler, target.type)) return { kind: 'none' };
  const choose = byMessage(compiler, row, target, 'element');
  return { kind: 'element', fill: (frame, object) => choose(frame)?.fill(frame, object) ?? nothing };
}

function hasMap(compiler: Compiler, type: string): boolean {
  for (const map of compiler.mappings.datatypes.values()) if (map.type === type) return true;
  return false;
}

/** OBX-5 is of the type that OBX-2 names. Each type's conversion is compiled when the first message has it. */
function byMessage<K extends 'value' | 'element'>(
  compiler: Compiler,
  row: Wanted,
  target: Pick<Target, 'type' | 'info'>,
  kind: K,
): (frame: Frame) => Extract<Converter, { kind: K }> | null {
  const known = new Map<string, Extract<Converter, { kind: K }> | null>();
  const choose = (datatype: string): Extract<Converter, { kind: K }> | null => {
    const found = fixedConverter(compiler, row, datatype, target);
    return found.kind === kind ? (found as Extract<Converter, { kind: K }>) : null;
  };
  return (frame) => {
    const { segment } = frame;
    const named = segment.name === 'OBX' ? segment.value(2, 1, 1, 0) : '';
    const datatype = named === '' ? 'ST' : named;
    const seen = known.get(datatype);
    const converter = seen === undefined ? choose(datatype) : seen;
    // What senders write in OBX-2 must not make this grow.
    if (seen === undefined && known.size < 200) known.set(datatype, converter);
    if (converter === null)
      report(
        frame.run,
        frame,
        'error',
        'bad-value',
        `The value was left out (${frame.row}: its type has no way into ${target.type}); correct OBX-2, or map it otherwise`,
      );
    return converter;
  };
}

function fixedConverter(compiler: Compiler, row: Wanted, datatype: string, target: Pick<Target, 'type' | 'info'>): Converter {
  const { type } = target;
  if (isPrimitive(type)) return { kind: 'value', read: primitive(compiler, row, datatype, type) };
  if (row.use !== undefined) return { kind: 'element', fill: functionElement(compiler, row.use, datatype) };
  const map = datatypeMap(compiler, row.as, datatype, type === 'Reference' ? (target.info.targets ?? []) : [type]);
  if (row.vocab !== undefined) {
    const sent: ElementFn | null = map?.kind === 'element' ? (frame, object) => map.element(frame, object) : null;
    return { kind: 'element', fill: vocabElement(compiler.vocabulary(row.vocab), datatype, type, sent, compiler.codeSystems) };
  }
  if (map === undefined) return { kind: 'none' };
  if (map.kind === 'resource' && type === 'Reference')
    return { kind: 'resource', type: map.type, make: (frame) => map.resource(frame) };
  if (map.kind === 'element' && type === 'CodeableConcept') return { kind: 'element', fill: conceptAsSent(map) };
  if (map.kind === 'element') return { kind: 'element', fill: (frame, object) => map.element(frame, object), map };
  throw new WeirError('map-failed', `${map.name} makes a ${map.type}, not a ${type}`);
}

function conceptAsSent(map: CompiledDatatype): ElementFn {
  return (frame, object) => {
    const level = map.element(frame, object);
    keepOwnWords(frame.run, object);
    return level;
  };
}

/** The conversion to a primitive. */
export function primitive(compiler: Compiler, row: Wanted, datatype: string, type: string): ValueFn {
  if (row.use !== undefined) {
    const read = functionValue(compiler, row.use, datatype, type);
    return row.vocab === undefined ? read : vocabValue(compiler.vocabulary(row.vocab), datatype, type, read);
  }
  const map = datatypeMap(compiler, row.as, datatype, [type]);
  if (map !== undefined && map.kind !== 'value')
    throw new WeirError('map-failed', `${map.name} makes a ${map.type}, not a ${type}`);
  const mapped: ValueFn | null = map === undefined ? null : (frame) => map.value(frame);
  // The vocabulary itself makes a boolean of the code: the map's would be none of its codes any more.
  if (row.vocab !== undefined)
    return vocabValue(compiler.vocabulary(row.vocab), datatype, type, type === 'boolean' ? null : mapped);
  const read = mapped ?? compileConversion(datatype, type, compiler.zone);
  if (read === null) throw new WeirError('map-failed', `a ${datatype} has no way into a ${type}`);
  return read;
}

/** A datatype map by its name; else one from this v2 type, or from a type that it is a form of, to one of these FHIR types. */
function datatypeMap(
  compiler: Compiler,
  name: string | undefined,
  datatype: string,
  types: readonly string[],
): CompiledDatatype | undefined {
  if (name !== undefined) {
    const map = compiler.datatype(name);
    if (map === undefined) throw new WeirError('map-failed', `there is no datatype map ${name}`);
    return map;
  }
  for (const type of types) {
    for (let at: string | undefined = type; at !== undefined; at = baseType(at)) {
      for (const one of [datatype, ...(forms[datatype] ?? [])]) {
        const map = compiler.datatype(`${one}[${at}]`);
        if (map !== undefined) return map;
      }
    }
  }
  return undefined;
}

/** v2 types that can be read as another one: older forms, and narrower ones (HL7 2.9, 2A). */
const forms: Readonly<Record<string, readonly string[]>> = {
  CE: ['CWE'],
  CF: ['CWE'],
  CNE: ['CWE'],
  CWE: ['CE'],
  IS: ['ID', 'CWE'],
  ID: ['IS', 'CWE'],
  TS: ['DTM'],
  DTM: ['TS'],
  DT: ['DTM', 'TS'],
  PN: ['XPN'],
  CN: ['XCN'],
  PPN: ['XCN'],
  AD: ['XAD'],
  TN: ['XTN'],
  CK: ['CX'],
  SI: ['NM'],
};

/** A frame as functions see it. */
class FrameValue implements Value {
  readonly #frame: Frame;
  readonly #read: (frame: Frame) => string;

  constructor(frame: Frame, read: (frame: Frame) => string) {
    this.#frame = frame;
    this.#read = read;
  }

  get text(): string {
    const text = this.#read(this.#frame);
    return text === '""' ? '' : text;
  }

  get escape(): string {
    return this.#frame.run.delimiters.escape;
  }

  get count(): number {
    const { segment, field, repetition, component, subcomponent, text } = this.#frame;
    if (field === 0 || text === '') return 0;
    if (component === 0) return segment.componentCount(field, repetition);
    return subcomponent === 0 ? segment.subcomponentCount(field, repetition, component) : 1;
  }

  part(component: number, subcomponent = 0): string {
    if (this.#frame.field === 0) return '';
    const text = part(this.#frame, component, subcomponent);
    return text === '""' ? '' : text;
  }
}

function library(compiler: Compiler, name: string): LibraryFunction {
  const ofSite = compiler.siteFunction(name);
  if (ofSite !== undefined) return ofSite;
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined) throw new WeirError('map-failed', `there is no function ${name} in the library`);
  return found;
}

function about({ codeSystems, authorities, settings }: Compiler, { run }: Frame): Surroundings {
  const { receivedAt, message } = run;
  return { codeSystems, authorities, receivedAt, message, messageCopy: settings.messageCopy };
}

/** A function applied to a text that a template made. */
export function overText(
  compiler: Compiler,
  name: string,
  read: (frame: Frame) => string | undefined,
  row: string,
): (frame: Frame) => string | undefined {
  const found = library(compiler, name);
  return (frame) => {
    const text = read(frame);
    if (text === undefined) return undefined;
    const value: Value = {
      text,
      escape: frame.run.delimiters.escape,
      count: 1,
      part: (component) => (component === 1 ? text : ''),
    };
    const result = found.run(value, about(compiler, frame));
    if (result === undefined && found.fails !== undefined) bad(frame, found.fails.code, found.fails.why, row);
    return result === undefined || result === '' ? undefined : String(result);
  };
}

function caller(compiler: Compiler, name: string, datatype: string): (frame: Frame) => Primitive | undefined {
  const found = library(compiler, name);
  const read = textReader(datatype);
  return (frame) => {
    const value = new FrameValue(frame, read);
    const result = found.run(value, about(compiler, frame));
    if (result === undefined && found.fails !== undefined) bad(frame, found.fails.code, found.fails.why);
    // A function may read any part of the value: the whole of it is the source. Of one without a value there is none.
    frame.run.mark(frame, frame.field === 0 ? -1 : frame.component, frame.field === 0 ? 0 : frame.subcomponent);
    return result === '' ? undefined : result;
  };
}

function functionValue(compiler: Compiler, name: string, datatype: string, type: string): ValueFn {
  const call = caller(compiler, name, datatype);
  const convert = conversion(type, compiler.zone);
  return (frame) => {
    const result = call(frame);
    return typeof result === 'string' && convert !== null ? convert(result, frame) : result;
  };
}

/** A function that gives an element: its parts are written as they are. */
export function functionElement(compiler: Compiler, name: string, datatype: string): ElementFn {
  const call = caller(compiler, name, datatype);
  return (frame, object) => {
    const result = call(frame);
    if (typeof result !== 'object' || isRawNumber(result)) return nothing;
    copy(result as FhirObject, object, frame);
    return data;
  };
}

function copy(from: FhirObject, to: FhirObject, frame: Frame): void {
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) {
      const list = [...value];
      to[name] = list;
      for (const at of list.keys()) frame.run.trace.wrote(list, at, frame.run);
    } else if (typeof value === 'object' && !isRawNumber(value)) {
      to[name] = {};
      copy(value as FhirObject, to[name] as FhirObject, frame);
    } else {
      to[name] = value;
      frame.run.trace.wrote(to, name, frame.run);
    }
  }
}

/** Reads a value as a code or text, whatever its type: for templates. */
export function plainText(frame: Frame): string {
  const text = leaf(frame);
  return text === '""' ? '' : text;
}
