/** Paths as rows write them, read when a mapping is compiled. */
import { WeirError } from '../errors.ts';

/** What `from` and conditions name. */
export type SourcePath = { readonly kind: 'value' } | SegmentPath | FieldPath | PartPath;

/** `RXA` */
export interface SegmentPath {
  readonly kind: 'segment';
  readonly segment: string;
}

/** `PID-3`, `PID-3[2].4.2`. `repetition` is null where the path names none, 0 for `[*]`; so is `occurrence`. */
export interface FieldPath {
  readonly kind: 'field';
  readonly segment: string;
  readonly occurrence: number | null;
  readonly field: number;
  readonly repetition: number | null;
  readonly component: number;
  readonly subcomponent: number;
}

/** `CX.4.2` */
export interface PartPath {
  readonly kind: 'part';
  readonly datatype: string;
  readonly component: number;
  readonly subcomponent: number;
}

const fieldShape = /^([A-Z][A-Z0-9]{2})(?:\[(\*|\d+)\])?-(\d+)(?:\[(\*|\d+)\])?(?:\.(\d+)(?:\.(\d+))?)?$/;
const partShape = /^([A-Z][A-Z0-9]{1,2})\.(\d+)(?:\.(\d+))?$/;
const segmentShape = /^[A-Z][A-Z0-9]{2}$/;

/** Throws `map-failed` where the text is no path: `weir check` finds that. */
export function parseSource(text: string): SourcePath {
  if (text === '$value') return { kind: 'value' };
  const field = fieldShape.exec(text);
  if (field) {
    const [, segment = '', occurrence, number, repetition, component, subcomponent] = field;
    return {
      kind: 'field',
      segment,
      occurrence: ordinal(occurrence),
      field: Number(number),
      repetition: ordinal(repetition),
      component: Number(component ?? 0),
      subcomponent: Number(subcomponent ?? 0),
    };
  }
  const part = partShape.exec(text);
  if (part) return { kind: 'part', datatype: part[1] as string, component: Number(part[2]), subcomponent: Number(part[3] ?? 0) };
  if (segmentShape.test(text)) return { kind: 'segment', segment: text };
  throw new WeirError('map-failed', `"${text}" is no path into a message`);
}

function ordinal(text: string | undefined): number | null {
  if (text === undefined) return null;
  return text === '*' ? 0 : Number(text);
}

/** `to` of a row whose `with` fills the resource that the reference around it refers to. */
export const resourceOfReference = '$resource';

/** `to` of a datatype map's row whose `with` fills one more item of the list that the value goes into: a name by which someone is called. */
export const nextItem = '$next';

/** One step of `to`. */
export type TargetStep =
  | { readonly kind: 'name'; readonly name: string; readonly label: string }
  | { readonly kind: 'extension'; readonly name: 'extension' | 'modifierExtension'; readonly url: string };

/** Splits `coding[local].code`, `birthDate.extension(patient-birthTime).valueDateTime`. The URL of an extension may hold dots. */
export function parseTarget(text: string): TargetStep[] {
  const steps: TargetStep[] = [];
  const shape = /(?:^|\.)(?:(extension|modifierExtension)\(([^)]+)\)|(\$?[A-Za-z]\w*)(?:\[([^\]]*)\])?)/y;
  while (shape.lastIndex < text.length) {
    const match = shape.exec(text);
    if (match === null) throw new WeirError('map-failed', `"${text}" is no path to a FHIR element`);
    const [, extension, url = '', name = '', label = ''] = match;
    if (extension === undefined) steps.push({ kind: 'name', name, label });
    else steps.push({ kind: 'extension', name: extension as 'extension' | 'modifierExtension', url });
  }
  return steps;
}

/** An extension's name, as a URL. Within an extension the names are the outer one's own (FHIR R4, 2.5.1.1). */
export function extensionUrl(name: string, nested: boolean): string {
  return nested || name.includes(':') ? name : `http://hl7.org/fhir/StructureDefinition/${name}`;
}
