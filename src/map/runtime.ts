/**
 * What a message is mapped with: the run, and the frames and scopes that compiled rows are called with. A frame says where a value is
 * read, a scope where elements are written.
 */
import type { Message, Segment } from '../hl7/message.ts';
import type { Delimiters } from '../hl7/types.ts';
import type { GroupScope } from './groups.ts';
import type { IdCache } from './identity.ts';
import { Items } from './items.ts';
import type { Made } from './made.ts';
import type { SkipRule } from './skips.ts';
import { TraceLog } from './trace.ts';
import type { MapIssue, MapSettings, UnmappedCode } from './types.ts';

/** A FHIR object that is being written. */
export type FhirObject = { [name: string]: unknown };
export type Primitive = string | number | boolean | object;

/**
 * What a row did, as bits. Constants alone do not make an element where rows with data could have: `set: home, to: use` without a
 * number is no telecom.
 */
export const nothing = 0;
/** A constant without a condition. */
export const constant = 1;
/** A constant whose condition the message met. */
export const chosen = 2;
/** A value of the message, or a reference. */
export const data = 4;

/** A value's place in the message, and the row that reads it. Frames hang together: the outer ones are the rows and maps around it. */
export class Frame {
  readonly run: Run;
  readonly group: GroupScope;
  readonly segment: Segment;
  /** 0 where the frame is a whole segment. */
  readonly field: number;
  readonly repetition: number;
  /** 0 where the frame is a whole repetition. */
  readonly component: number;
  /** 0 where the frame is a whole component. */
  readonly subcomponent: number;
  readonly outer: Frame | null;
  /** `PID[Patient]#5`; empty for a segment. */
  readonly row: string;
  /** The value as `Segment.value` gives it. */
  readonly text: string;
  /** The components as sent, once one was asked for. */
  parts: readonly string[] | null = null;
  /** Whether a component as sent is its value: no escapes and no subcomponents. */
  plain = false;
  /** Whether the text is a leaf's value already: nothing in it divides or escapes. */
  simple = false;

  constructor(
    run: Run,
    group: GroupScope,
    segment: Segment,
    field: number,
    repetition: number,
    component: number,
    subcomponent: number,
    outer: Frame | null,
    row: string,
    text: string,
  ) {
    this.run = run;
    this.group = group;
    this.segment = segment;
    this.field = field;
    this.repetition = repetition;
    this.component = component;
    this.subcomponent = subcomponent;
    this.outer = outer;
    this.row = row;
    this.text = text;
  }
}

/** The frame of a step: one occurrence of a segment. */
export function segmentFrame(run: Run, group: GroupScope, segment: Segment): Frame {
  return new Frame(run, group, segment, 0, 0, 0, 0, null, '', '');
}

/** The frame `depth` rows further out. */
export function outward(frame: Frame, depth: number): Frame {
  let at = frame;
  for (let left = depth; left > 0 && at.outer !== null; left -= 1) at = at.outer;
  return at;
}

/** An element that is written by the rows of one map, and those elements below it that they share. */
export interface Scope {
  /** How many times the plan had filled the object before. */
  readonly filling: number;
  readonly object: FhirObject;
  /** By target node: the element, where a row has opened it. */
  readonly slots: (FhirObject | undefined)[];
  /** By target node: what was written into it. */
  readonly levels: number[];
}

/** Does what a row says. Gives what it wrote, as bits. */
export type RowFn = (frame: Frame, scope: Scope) => number;
/** Reads a primitive, and leaves in the run where it came from. */
export type ValueFn = (frame: Frame) => Primitive | undefined;
/** Writes a value's parts into an element. */
export type ElementFn = (frame: Frame, object: FhirObject) => number;
/** Makes a resource of a value. */
export type ResourceFn = (frame: Frame) => Made | null;

/** What is to be done when every segment was read. */
export type Late = () => void;

/** All that one message's mapping gathers. */
export class Run {
  readonly message: Message;
  readonly settings: MapSettings;
  readonly receivedAt: Date;
  readonly sender: string;
  readonly delimiters: Delimiters;
  /** The escape character's code; -1 where the message has none. */
  readonly escapeCode: number;
  readonly ids: IdCache;
  readonly trace = new TraceLog();
  readonly bundle: FhirObject;
  readonly issues: MapIssue[] = [];
  readonly unmapped: UnmappedCode[] = [];
  /** In the order made; identity, merging and entries follow at the end. */
  readonly made: Made[] = [];
  /** Items of lists by what tells them apart in the message. */
  readonly items = new Items();
  /** Reference elements, and what they refer to. */
  readonly links = new Map<object, Made>();
  /** Fills and references that wait for a resource made later in the message. */
  readonly late: Late[] = [];
  /** Elements with a reference to what was never made. One that was to hold nothing else is empty. */
  readonly unresolved: FhirObject[] = [];
  /** Flat: the skip rules of a map that ran, then the frame it ran on. */
  readonly skipped: (readonly SkipRule[] | Frame)[] = [];
  /** Objects merged into others; and what was lost in doing so, as object and name. */
  readonly merged = new Map<object, object>();
  readonly lost: (object | string)[] = [];

  /** Where the last value came from: its frame, and the part of it that was read. */
  from: Frame | null = null;
  fromComponent = 0;
  fromSubcomponent = 0;

  constructor(message: Message, settings: MapSettings, receivedAt: Date, sender: string, ids: IdCache) {
    this.message = message;
    this.settings = settings;
    this.receivedAt = receivedAt;
    this.sender = sender;
    this.delimiters = message.delimiters;
    this.escapeCode = message.delimiters.escape === '' ? -1 : message.delimiters.escape.charCodeAt(0);
    this.ids = ids;
    this.bundle = { resourceType: 'Bundle', type: settings.bundle };
  }

  /** Remembers that the last value is this part of this frame. */
  mark(frame: Frame, component: number, subcomponent: number): void {
    this.from = frame;
    this.fromComponent = component;
    this.fromSubcomponent = subcomponent;
  }
}

/** The first leaf of what the frame holds: the code of a CWE, the time of a TS. Marks it as read. */
export function leaf(frame: Frame): string {
  const { run, text } = frame;
  if (frame.simple) {
    run.mark(frame, frame.component, frame.subcomponent);
    return text;
  }
  const { component, subcomponent } = run.delimiters;
  if (!text.includes(component) && !text.includes(subcomponent)) {
    run.mark(frame, frame.component, frame.subcomponent);
    return text;
  }
  const c = frame.component === 0 ? 1 : frame.component;
  const s = frame.subcomponent === 0 ? 1 : frame.subcomponent;
  run.mark(frame, c, s);
  return frame.segment.value(frame.field, frame.repetition, c, s);
}

/**
 * A component of what the frame holds. The components of a component are its subcomponents (HL7 2.9, 2.5.3.4); below those there is
 * nothing.
 */
export function part(frame: Frame, component: number, subcomponent: number): string {
  if (frame.component === 0) {
    const sent = partsOf(frame)[component - 1];
    if (sent === undefined || sent === '') return '';
    if (frame.plain) return subcomponent > 1 ? '' : sent;
    return frame.segment.value(frame.field, frame.repetition, component, subcomponent);
  }
  if (subcomponent > 1) return '';
  const { segment, field, repetition } = frame;
  if (frame.subcomponent === 0) return segment.value(field, repetition, frame.component, component);
  return component === 1 ? frame.text : '';
}

/** The components of a whole repetition, as sent. */
export function partsOf(frame: Frame): readonly string[] {
  return frame.parts ?? split(frame);
}

/** Maps read most components of a value: it is divided once. */
function split(frame: Frame): readonly string[] {
  const { run, segment, field, repetition, text } = frame;
  const { component, subcomponent, escape: mark } = run.delimiters;
  if (component === '' || !text.includes(component)) {
    // Undivided it is its own first component, escapes resolved.
    frame.parts = [text];
    frame.plain = subcomponent === '' || !text.includes(subcomponent);
  } else if (!segment.isEscaped || !segment.field(field).includes(mark)) {
    frame.parts = text.split(component);
    frame.plain = subcomponent === '' || !text.includes(subcomponent);
  } else {
    // With escapes about, a delimiter in the text may be one that was escaped.
    frame.parts = segment.componentCount(field, repetition) > 1 ? text.split(component) : [text];
  }
  return frame.parts;
}
