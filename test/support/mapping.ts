/** Small mappings written in a test, run on a message written in it. */
import type { MappingKind } from '../../src/channel/mapping-schema.ts';
import { readMappingTexts } from '../../src/channel/mappings.ts';
import { Message } from '../../src/hl7/message.ts';
import { compile, type Mapper } from '../../src/map/compile.ts';
import { defaultSettings } from '../../src/map/defaults.ts';
import type { AnyResource, MapResult, MapSettings } from '../../src/map/types.ts';

const kindOf: Readonly<Record<string, MappingKind>> = {
  message: 'messages',
  segment: 'segments',
  datatype: 'datatypes',
  vocab: 'vocab',
};

/** Compiles mapping files given as text, in any order; what kind each is follows from its keys. Throws where one cannot be read. */
export function mapperOf(files: readonly string[], settings: Partial<MapSettings> = {}): Mapper {
  const texts = files.map((text) => {
    const key = Object.keys(kindOf).find((one) => new RegExp(`^${one}:`, 'm').test(text));
    const kind = kindOf[key ?? ''] ?? 'segments';
    const name = /^(?:map|message|vocab): *"?([^"\n]+?)"?$/m.exec(text)?.[1] ?? 'unnamed';
    return { kind, file: `${kind}/${name}.yaml`, text };
  });
  const { mappings, findings } = readMappingTexts(texts);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ file, line, text }) => `${file}:${line} ${text}`).join('\n'));
  return compile(mappings, { ...defaultSettings, ...settings });
}

/** A message of segments, with an MSH before them. */
export function messageOf(...segments: string[]): Message {
  return Message.fromText([String.raw`MSH|^~\&|LAB|MAIN|||20240102030405||ADT^A01^ADT_A01|C1|P|2.5.1`, ...segments].join('\r'));
}

export const received = new Date('2024-01-02T03:04:05Z');

/** Rows over PID -> Patient, run on one PID: the rows as YAML list items, further maps as they are. */
export function mapPatient(rows: string, pid: string, ...others: string[]): MapResult {
  return mapSegment('PID', 'Patient', rows, pid, ...others);
}

/** Rows over one segment into one resource. */
export function mapSegment(segment: string, resource: string, rows: string, text: string, ...others: string[]): MapResult {
  const map = `map: "${segment}[${resource}]"\nsegment: ${segment}\nresource: ${resource}\nrows:\n${indent(rows)}`;
  const message = `message: ADT_A01\nfor: [ADT^A01]\nbuild:\n  - {skip: MSH, why: not of interest}\n  - {segment: ${segment}, make: ${resource}, as: it, map: "${segment}[${resource}]"}`;
  return mapperOf([map, message, ...others]).map('ADT_A01', messageOf(text), { receivedAt: received });
}

function indent(rows: string): string {
  return rows
    .replace(/^\n+|\s+$/g, '')
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** The resources of a result, without the ids and types that every test would repeat. */
export function resourcesOf(result: MapResult): AnyResource[] {
  return (result.bundle.entry ?? []).map((entry) => entry.resource as AnyResource);
}

/** The first resource of a type, as JSON writes it, without its type and id. */
export function contentOf(result: MapResult, type: string): Record<string, unknown> | undefined {
  const found = resourcesOf(result).find((resource) => resource.resourceType === type);
  if (found === undefined) return undefined;
  const { resourceType: _type, id: _id, ...content } = JSON.parse(JSON.stringify(found)) as Record<string, unknown>;
  return content;
}
