/** The package node-hl7-client behind the questions of the suite. It reads text: bytes are given to it as its own connection does, as UTF-8. */
import { Batch, FileBatch, Message } from 'node-hl7-client';
import { parsePath } from '../../src/hl7/path.ts';
import type { Adapter } from './adapter.ts';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const parse = (bytes: Uint8Array): Message => new Message({ text: textOf(bytes) });

function values(bytes: Uint8Array, text: string): string[] {
  const { segment, occurrence, field, repetition, component, subcomponent } = parsePath(text);
  const message = parse(bytes);
  const rest = [component, subcomponent].filter((part) => part > 0);
  if (occurrence === 1 && repetition === 1) return filled(message.get([segment, field, ...rest].join('.')).toString());
  const named = message.toArray().filter(({ name }) => name === segment);
  const segments = occurrence === 0 ? named : named.slice(occurrence - 1, occurrence);
  return segments.flatMap((one) => {
    const all = one.get(segment === 'MSH' ? field - 1 : field).toArray();
    const wanted = repetition === 0 ? all : all.slice(repetition - 1, repetition);
    return wanted.flatMap((part) => filled(rest.reduce((node, at) => node.get(at - 1), part).toString()));
  });
}

function filled(value: string): string[] {
  return value === '' ? [] : [value];
}

export const nodeHl7Client: Adapter = {
  name: 'node-hl7-client 4.0.0',
  parse,
  get: (bytes, path) => values(bytes, path)[0] ?? null,
  all: values,
  segments: (bytes) =>
    parse(bytes)
      .toArray()
      .map(({ name }) => name),
  write: (bytes) => Buffer.from(parse(bytes).toString()),
  messages(bytes) {
    const text = textOf(bytes);
    if (text.startsWith('FHS')) return new FileBatch({ text }).messages().length;
    return text.startsWith('BHS') || text.split(/^MSH/m).length > 2
      ? new Batch({ text }).messages().length
      : [parse(bytes)].length;
  },
  set(bytes, path, value) {
    const message = parse(bytes);
    const { segment, field, component } = parsePath(path);
    message.set([segment, field, ...(component > 0 ? [component] : [])].join('.'), value);
    return message.toString();
  },
};
