/** Lints of v2 paths and of the conditions that hold them. */
import type { Condition, Operand } from '../hl7/condition.ts';
import type { LocalFields, Source } from '../map/mapping.ts';
import { parseSource, type SourcePath } from '../map/paths.ts';
import { finding } from './findings.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';
import { allDatatypes, allSegments, fieldPathTypes, isDatatype, isSegment, type PathTypes, partPathTypes } from './v2-types.ts';

/** Where a path stands. */
export interface PathScope {
  /** The datatypes whose components may be read here (`CX.4`); null where only segments are (a route, a segment map). */
  readonly datatypes: readonly string[] | null;
  /** The fields that overlays declare. */
  readonly local?: LocalFields | undefined;
}

/** What a path's value can be of; null, with a finding, where the path is none. */
export function checkPath(
  text: string,
  scope: PathScope,
  place: Source,
  findings: Finding[],
): { path: SourcePath; types: readonly string[] } | null {
  const fail = (what: string, next = '; correct the path'): null => {
    findings.push(finding('unknown-v2-path', place, `${what} (in "${text}")${next}`));
    return null;
  };
  let path: SourcePath;
  try {
    path = parseSource(text);
  } catch {
    return fail('This is no path into a message', '; write it like PID-3.4.2, CX.4 or $value');
  }
  switch (path.kind) {
    case 'value':
      return scope.datatypes === null ? fail('There is no value here to read') : { path, types: [] };
    case 'segment':
      if (isSegment(path.segment)) return { path, types: [] };
      return fail(`HL7 v2 has no segment ${path.segment}`, didYouMean(path.segment, allSegments(), 'correct it'));
    case 'field': {
      if (!isSegment(path.segment))
        return fail(`HL7 v2 has no segment ${path.segment}`, didYouMean(path.segment, allSegments(), 'correct it'));
      return typed(path, fieldPathTypes(path, scope.local));
    }
    case 'part': {
      if (!isDatatype(path.datatype))
        return fail(`HL7 v2 has no datatype ${path.datatype}`, didYouMean(path.datatype, allDatatypes(), 'correct it'));
      if (scope.datatypes === null) return fail('A path here begins with a segment', '; write it like PID-3.4');
      if (scope.datatypes.length > 0 && !scope.datatypes.includes(path.datatype)) {
        return fail(
          `The value here is no ${path.datatype} but ${scope.datatypes.join(' or ')}`,
          `; write ${scope.datatypes[0]}.${path.component}, or another path`,
        );
      }
      return typed(path, partPathTypes(path));
    }
  }
  function typed(found: SourcePath, types: PathTypes): { path: SourcePath; types: readonly string[] } | null {
    return 'wrong' in types ? fail(types.wrong) : { path: found, types: types.types };
  }
}

/** The paths in a condition, each once. */
export function pathsOf(condition: Condition): string[] {
  return [...new Set(allPaths(condition))];
}

function allPaths(condition: Condition): string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.terms.flatMap(allPaths);
    case 'not':
      return allPaths(condition.term);
    case 'valued':
      return [condition.path];
    case 'in':
    case 'like':
      return operandPaths(condition.left);
    case 'compare':
      return [...operandPaths(condition.left), ...operandPaths(condition.right)];
    case 'type':
      return [];
  }
}

function operandPaths(side: Operand): string[] {
  return side.kind === 'constant' ? [] : [side.path];
}

/** Whether a condition names a message type (`ADT^A01`), which only routes may. */
export function namesType(condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.terms.some(namesType);
    case 'not':
      return namesType(condition.term);
    default:
      return condition.kind === 'type';
  }
}

/** Every path of a condition; each finding points at the path inside the text. */
export function checkCondition(
  condition: Condition,
  text: string,
  scope: PathScope,
  place: (offset: number) => Source,
  findings: Finding[],
): void {
  for (const path of pathsOf(condition)) checkPath(path, scope, place(Math.max(0, text.indexOf(path))), findings);
}
