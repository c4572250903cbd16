/** What HL7 v2 says of a path: whether it exists, and of which datatypes it can be. All versions count: senders are of all of them. */
import { componentCount, componentType, datatypeNames, fieldCount, fieldType, segmentNames } from '../hl7/dictionary.ts';
import type { LocalFields } from '../map/mapping.ts';
import type { FieldPath, PartPath } from '../map/paths.ts';

// Newest first: the first type found is the one that a mapping is written for. Those between them add nothing.
const versions = ['2.9', '2.8', '2.6', '2.5.1', '2.4', '2.3.1', '2.2', '2.1'] as const;
/** Segments whose last field stands for any number of successive ones, which the query or the table itself defines (HL7 2.9, 5.5.4 and 5.5.8). */
const successive: Readonly<Record<string, number>> = { QPD: 3, RDT: 1 };
/** Types whose content another field names: their components cannot be known here. */
const open = new Set(['VARIES', 'ANY', '*']);

export function isSegment(name: string): boolean {
  return name.startsWith('Z') || versions.some((version) => fieldCount(name, version) > 0);
}

export function isDatatype(name: string): boolean {
  return versions.some((version) => datatypeNames(version).includes(name));
}

export function allSegments(): string[] {
  return segmentNames();
}

export function allDatatypes(): string[] {
  return [...new Set(versions.flatMap((version) => datatypeNames(version)))];
}

/** Whether the type has components in every version that has it. */
export function isComposite(datatype: string): boolean {
  return !open.has(datatype) && versions.some((version) => componentCount(datatype, version) > 0);
}

/** What is wrong with a path, or the datatypes of its value (empty: they cannot be known). */
export type PathTypes = { readonly types: readonly string[] } | { readonly wrong: string };

/** @param local the fields that overlays declare; a Z segment of which none declares any is free */
export function fieldPathTypes(path: FieldPath, local?: LocalFields): PathTypes {
  const { segment, field, component, subcomponent } = path;
  const declared = local?.get(segment);
  const own = declared?.get(field);
  const types = distinct(versions.map((version) => fieldType(segment, field, version)));
  if (own !== undefined && types.length === 0) return below([own.datatype], `${segment}-${field}`, component, subcomponent);
  if (segment.startsWith('Z')) {
    if (declared === undefined) return { types: [] };
    return { wrong: `${segment} has the fields ${[...declared.keys()].join(', ')} by its declaration, and no field ${field}` };
  }
  if (!isSegment(segment)) return { wrong: `HL7 v2 has no segment ${segment}` };
  if (field < 1) return { wrong: `Fields count from 1` };
  if (types.length === 0 && field > (successive[segment] ?? Number.POSITIVE_INFINITY)) return { types: [] };
  if (types.length === 0)
    return {
      wrong: `${segment} has ${Math.max(...versions.map((version) => fieldCount(segment, version)))} fields, and no field ${field}`,
    };
  return below(types, `${segment}-${field}`, component, subcomponent);
}

export function partPathTypes(path: PartPath): PathTypes {
  if (!isDatatype(path.datatype)) return { wrong: `HL7 v2 has no datatype ${path.datatype}` };
  return below([path.datatype], path.datatype, path.component, path.subcomponent);
}

function below(types: readonly string[], where: string, component: number, subcomponent: number): PathTypes {
  if (component === 0) return { types };
  const parts = step(types, component);
  if (parts === null) return { wrong: `${where} (${types[0]}) has no component ${component}` };
  if (subcomponent === 0) return { types: parts };
  const subparts = step(parts, subcomponent);
  if (subparts === null)
    return { wrong: `${where}.${component} (${parts[0] ?? 'a simple type'}) has no subcomponent ${subcomponent}` };
  return { types: subparts };
}

/** The types of a part of a value of one of these types; null where none of them has it. */
function step(types: readonly string[], part: number): string[] | null {
  if (types.length === 0 || types.some((type) => open.has(type))) return [];
  const found = distinct(types.flatMap((type) => versions.map((version) => componentType(type, part, version))));
  if (found.length > 0) return found;
  // What has no components is its own first one (HL7 2.9, 2.6).
  return part === 1 && types.some((type) => !isComposite(type)) ? [...types] : null;
}

function distinct(types: readonly (string | undefined)[]): string[] {
  return [...new Set(types.flatMap((type) => type ?? []))];
}
