/** What the compiler knows at a row: the map, the values being worked around it, and the element its targets start from. */
import { componentType, fieldType, newestVersion } from '../hl7/dictionary.ts';
import type { Compiler } from './compiler.ts';
import type { Row } from './mapping.ts';
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

/** `PID[Patient]#5`, `PID[Patient]#11,12`, and by its line for a row that stands for none of the guide's. */
export function rowName(map: string, row: Pick<Row, 'ids' | 'source'>): string {
  return row.ids.length > 0 ? `${map}#${row.ids.join(',')}` : `${map}@${row.source.line}`;
}

export function within(context: Context, level: Level): Context {
  return { ...context, levels: [...context.levels, level] };
}

/** Versions to ask for what the newest has withdrawn, such as PID-2. */
const versions = [newestVersion, '2.8', '2.5.1', '2.3.1'];

/** The v2 datatype of a field; empty where no version knows it (Z segments). */
export function datatypeOf(segment: string, field: number): string {
  for (const version of versions) {
    const type = fieldType(segment, field, version);
    if (type !== undefined && type !== '') return type;
  }
  return '';
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
