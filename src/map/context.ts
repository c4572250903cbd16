/** What the compiler knows at a row: the map, the values being worked around it, and the element its targets start from. */
import { componentType, fieldRepeats, fieldType, newestVersion } from '../hl7/dictionary.ts';
import type { Compiler } from './compiler.ts';
import type { LocalFields, Row } from './mapping.ts';
import type { ScopePlan } from './scope.ts';
import type { SkipRule } from './skips.ts';

/** What a frame holds, as far as it is known before a message is there. Level and frame correspond: each row with a value adds one. */
export interface Level {
  /** The segment read; null in a datatype map, which any segment may use. */
  readonly segment: string | null;
  /** 0 for the segment as a whole. */
  readonly field: number;
  /** The v2 datatype; `VARIES` where another field says; empty where it is not known. */
  readonly datatype: string;
}

export interface Context {
  readonly compiler: Compiler;
  /** The map's name, for the names of its rows. */
  readonly map: string;
  /** Outermost first; the last is the frame that the row is called with. */
  readonly levels: readonly Level[];
  /** The FHIR type that `to` starts from: `Patient`, `Encounter.participant`. */
  readonly type: string;
  readonly plan: ScopePlan;
  /** Whether a condition holds where the row runs, so that its constants are chosen by the message. */
  readonly conditional: boolean;
  /** Collects the map's skip rows. */
  readonly skips: SkipRule[];
}

/** `PID[Patient]#5`, `PID[Patient]#11,12`; for a row that stands for none of the guide's its own name, else its line (of a site: `@mercy:14`). */
export function rowName(map: string, row: Pick<Row, 'ids' | 'name' | 'site' | 'source'>): string {
  if (row.ids.length > 0) return `${map}#${row.ids.join(',')}`;
  if (row.name !== undefined) return `${map}#${row.name}`;
  return row.site === undefined ? `${map}@${row.source.line}` : `${map}@${row.site}:${row.source.line}`;
}

export function within(context: Context, level: Level): Context {
  return { ...context, levels: [...context.levels, level] };
}

/** Versions to ask for what the newest has withdrawn, such as PID-2. */
const versions = [newestVersion, '2.8', '2.5.1', '2.3.1'];

/** The v2 datatype of a field, a site's own first; empty where nobody declares it. */
export function datatypeOf(segment: string, field: number, local?: LocalFields): string {
  const declared = local?.get(segment)?.get(field);
  if (declared !== undefined) return declared.datatype;
  for (const version of versions) {
    const type = fieldType(segment, field, version);
    if (type !== undefined && type !== '') return type;
  }
  return '';
}

/** Whether a field may stand more than once; one that nobody declares may. */
export function repeats(segment: string, field: number, local?: LocalFields): boolean {
  const declared = local?.get(segment)?.get(field);
  if (declared !== undefined) return declared.repeats;
  return fieldRepeats(segment, field) || datatypeOf(segment, field) === '';
}

/** The v2 datatype of a component; of a simple type's first component, the type itself. */
export function datatypeOfPart(datatype: string, component: number): string {
  if (component === 0) return datatype;
  for (const version of versions) {
    const type = componentType(datatype, component, version);
    if (type !== undefined && type !== '') return type;
  }
  return component === 1 ? datatype : '';
}
