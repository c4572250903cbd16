/**
 * The package hl7v2 behind the questions of the suite. It has no reader of batches and no framing of its own; whether an ACK is owed, and whether it is
 * of enhanced mode, it leaves to whoever calls it.
 */
import { HL7Message } from 'hl7v2';
import { parsePath } from '../../src/hl7/path.ts';
import type { Adapter } from './adapter.ts';

const parse = (bytes: Uint8Array): HL7Message => HL7Message.parse(Buffer.from(bytes));

function segmentsOf(message: HL7Message, name: string, occurrence: number) {
  const named = message.segments.filter(({ segmentType }) => segmentType === name);
  return occurrence === 0 ? named : named.slice(occurrence - 1, occurrence);
}

/** It holds the delimiters as its own properties. */
function encodingOf(message: HL7Message): string {
  const { componentSeparator, repetitionSeparator, escapeCharacter, subComponentSeparator } = message;
  return componentSeparator + repetitionSeparator + escapeCharacter + subComponentSeparator;
}

function values(bytes: Uint8Array, text: string): string[] {
  if (text === 'MSH-1') return [parse(bytes).fieldSeparator];
  if (text === 'MSH-2') return [encodingOf(parse(bytes))];
  const { segment, occurrence, field, repetition, component, subcomponent } = parsePath(text);
  return segmentsOf(parse(bytes), segment, occurrence).flatMap((one) => {
    const all = one.field(field).repetitions;
    const wanted = repetition === 0 ? all : all.slice(repetition - 1, repetition);
    return wanted.flatMap((part) => {
      const value: unknown = part.getValue(component || undefined, subcomponent || undefined);
      return value === undefined || value === null || value === '' ? [] : [String(value)];
    });
  });
}

export const hl7v2: Adapter = {
  name: 'hl7v2 1.9.0',
  parse,
  get: (bytes, path) => values(bytes, path)[0] ?? null,
  all: values,
  segments: (bytes) => parse(bytes).segments.map(({ segmentType }) => segmentType),
  write: (bytes) => Buffer.from(parse(bytes).toHL7String()),
  ack(bytes, verdict) {
    const message = parse(bytes);
    const leaves = message.segments.some(({ segmentType }) => segmentType === 'MSA') || values(bytes, 'MSH-15').length > 0;
    if (leaves || values(bytes, 'MSH-16').length > 0) return undefined;
    const ack = verdict === 'taken' ? message.createAck('AA') : message.createNak(['The type is not taken']);
    return Buffer.from(ack.toHL7String());
  },
  set(bytes, path, value) {
    const message = parse(bytes);
    const { segment, occurrence, field, repetition, component } = parsePath(path);
    const target = segmentsOf(message, segment, occurrence)[0]?.field(field);
    (target?.repetitions[repetition - 1] ?? target?.add())?.setValue(value, component || undefined);
    return message.toHL7String();
  },
};
