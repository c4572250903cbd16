/** Lint of required elements: what R4 requires of a resource that is made, some row must set. */
import { element, elements, isResource, isType } from '../fhir/elements.ts';
import { allSteps } from '../map/like.ts';
import type { BuildStep, MessageMap } from '../map/mapping.ts';
import { finding } from './findings.ts';
import { stepsWithin } from './lint-heads.ts';
import { addTo, type RowLint } from './lint-rows.ts';
import type { ReadMappings } from './mappings.ts';
import type { Finding } from './types.ts';

export function lintRequired(read: ReadMappings, rows: RowLint): Finding[] {
  return [...read.mappings.messages.values()].flatMap((message) => lintMessage(message, read, rows));
}

function lintMessage(message: MessageMap, { mappings, places, damaged }: ReadMappings, rows: RowLint): Finding[] {
  const steps = allSteps(mappings, message);
  return stepsWithin(message.build).flatMap((step) => {
    if (step.make === undefined || !isResource(step.make)) return [];
    const parts = step.as === undefined ? [step] : [step, ...steps.filter(({ fill }) => fill === step.as)];
    if (parts.some(({ map }) => map !== undefined && (damaged.has(map) || !mappings.segments.has(map)))) return [];
    const written = writtenBy(parts, rows);
    // References to it are made by the steps of others.
    for (const { into } of steps)
      if (into?.startsWith(`${step.as}.`)) addTo(written, step.make, into.slice(into.indexOf('.') + 1));
    const paths = written.get(step.make) ?? new Set<string>();
    return missing(step.make, paths).map((name) =>
      finding(
        'required-unset',
        places.of(step, 'make'),
        `Nothing sets ${step.make}.${name} (R4 requires it, and ${mapsOf(parts)} does not write it); add a row`,
      ),
    );
  });
}

/** Element names that the steps of one resource write, joined by dots. */
function writtenBy(parts: readonly BuildStep[], rows: RowLint): Map<string, Set<string>> {
  const written = new Map<string, Set<string>>();
  const make = parts[0]?.make ?? '';
  for (const part of parts) {
    for (const path of rows.written.get(part.map ?? '') ?? []) addTo(written, make, path);
    for (const path of rows.stepWritten.get(part) ?? []) addTo(written, make, path);
    for (const name of Object.keys(part.refs ?? {})) addTo(written, make, name.replace(/\[[^\]]*\]/g, ''));
  }
  return written;
}

/** Required elements of a type, and of each backbone element that something is written into, that no path begins with. */
function missing(type: string, paths: ReadonlySet<string>, prefix = ''): string[] {
  if (paths.size === 0 && prefix !== '') return [];
  const heads = new Map<string, Set<string>>();
  for (const path of paths) {
    const [head = '', ...rest] = path.split('.');
    const below = heads.get(head) ?? new Set();
    heads.set(head, below);
    if (rest.length > 0) below.add(rest.join('.'));
  }
  return [...elements(type)].flatMap(([name, info]) => {
    const below = heads.get(name);
    if (!below) return info.required ? [prefix + name] : [];
    // Only a backbone element is filled by these rows alone; datatypes have maps of their own, and are checked when a bundle is.
    const inner = element(type, name)?.path ?? '';
    return inner.includes('.') && isType(inner) && below.size > 0 ? missing(inner, below, `${prefix}${name}.`) : [];
  });
}

function mapsOf(parts: readonly BuildStep[]): string {
  return parts.flatMap(({ map }) => map ?? []).join(' or ') || 'the step';
}
