/** A map tried alone: what inline tests run. The same functions as in a message, around one segment, value or code. */

import { group } from '../hl7/group.ts';
import { Message } from '../hl7/message.ts';
import { compile } from './compile.ts';
import { Compiler } from './compiler.ts';
import { finish } from './entries.ts';
import { GroupScope } from './groups.ts';
import type { BuildStep, Mappings, MapTest, SegmentMap, VocabTarget } from './mapping.ts';
import { type FhirObject, Frame, Run } from './runtime.ts';
import type { MapIssue, MapResult, MapSettings, UnmappedCode } from './types.ts';

/** What came of a trial: parts by type, and what could not be mapped. */
export interface Tried {
  readonly parts: ReadonlyMap<string, readonly unknown[]>;
  readonly issues: readonly MapIssue[];
  readonly unmapped: readonly UnmappedCode[];
  /** Paths that no row maps or skips; null where that cannot be asked (a value alone is no field). */
  readonly dropped: readonly string[] | null;
}

/** The time at which messages of tests are received. */
const receivedAt = new Date('2026-01-01T00:00:00Z');

/** Segments, mapped by one segment map: each of its segments makes a resource. */
export function trySegments(mappings: Mappings, settings: MapSettings, map: SegmentMap, segments: string): Tried {
  const name = 'test';
  const { segment, resource, source } = map;
  const target = resource === 'Bundle' ? { fill: 'bundle' } : { make: resource, as: 'it' };
  const step: BuildStep = { ids: [], segment, ...target, map: map.map, source };
  const messages = new Map([[name, { message: name, for: [], build: [step], source }]]);
  const message = messageOf(segments);
  const result = compile({ ...mappings, messages }, settings).map(name, message, { receivedAt });
  const tried = triedOf(result, (path) => path.startsWith(segment));
  // The other segments only stand around it: that they are of no structure is no issue.
  return { ...tried, issues: tried.issues.filter(({ code }) => code !== 'structure') };
}

/** A whole message, mapped by a message map. */
export function tryMessage(mappings: Mappings, settings: MapSettings, map: string, text: string): Tried {
  return triedOf(compile(mappings, settings).map(map, messageOf(text), { receivedAt }), () => true);
}

/** What a result says, as tests ask for it. */
export function triedOf(result: MapResult, isAsked: (path: string) => boolean = () => true): Tried {
  const parts = new Map<string, unknown[]>();
  for (const { resource } of result.bundle.entry ?? []) {
    if (resource === undefined) continue;
    parts.set(resource.resourceType, [...(parts.get(resource.resourceType) ?? []), plain(resource)]);
  }
  const { entry: _, ...bundle } = result.bundle;
  parts.set('Bundle', [plain(bundle)]);
  const dropped = result.ledger().filter(({ path, state }) => state === 'dropped' && isAsked(path));
  return { parts, issues: result.issues, unmapped: result.unmappedCodes, dropped: dropped.map(({ path }) => path) };
}

/** A value, with segments around it, mapped by a datatype map: the type's part first, then the resources that it made. Undefined parts where there is no such map. */
export function tryValue(
  mappings: Mappings,
  settings: MapSettings,
  map: string,
  { given: value, around }: Pick<MapTest, 'given' | 'around'>,
): Tried {
  const compiler = new Compiler(mappings, settings);
  const compiled = compiler.datatype(map);
  const message = messageOf(`${around}\nZZZ|${value}`);
  const run = new Run(message, settings, receivedAt, message.sender, compiler.ids);
  const parts = new Map<string, unknown[]>();
  const { root } = group(message, []);
  const scope = new GroupScope(root, { holds: new Set(), groups: [] }, null);
  const segment = message.segments.at(-1);
  if (compiled !== undefined && segment !== undefined && value !== '') {
    const frame = new Frame(run, scope, segment, 1, 1, 0, 0, null, '', segment.value(1, 1, 0, 0));
    if (compiled.kind === 'value') {
      const made = compiled.value(frame);
      if (made !== undefined) parts.set(compiled.type, [plain(made)]);
    } else if (compiled.kind === 'element') {
      const items = [compiled.element, ...compiled.next].flatMap((fill) => {
        const object: FhirObject = {};
        return fill(frame, object) === 0 ? [] : [object];
      });
      if (items.length > 0) parts.set(compiled.type, items);
    } else compiled.resource(frame);
  }
  // References are filled in when the entries are made.
  for (const { resource } of finish(run).entry ?? [])
    if (resource !== undefined) parts.set(resource.resourceType, [...(parts.get(resource.resourceType) ?? []), plain(resource)]);
  for (const [type, made] of parts) parts.set(type, made.map(plain));
  return { parts, issues: run.issues, unmapped: run.unmapped, dropped: null };
}

/** The target of a code; null where it has none. */
export function tryCode(mappings: Mappings, settings: MapSettings, vocab: string, code: string): VocabTarget | null {
  return new Compiler(mappings, settings).vocabulary(vocab).target(code) ?? null;
}

/** Segments as YAML writes them, with an MSH before them where they have none. */
export function messageOf(text: string): Message {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '');
  const head = lines[0]?.startsWith('MSH') ? [] : [String.raw`MSH|^~\&|TEST|TEST|||20260101000000||ZZZ^Z01|T1|P|2.9`];
  return Message.fromText([...head, ...lines].join('\r'));
}

/** As JSON has it: exact numbers too are numbers. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
