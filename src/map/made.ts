import type { GroupScope } from './groups.ts';
import type { Mode } from './mapping.ts';
import type { FhirObject, Frame } from './runtime.ts';

/** The values of a `key`, read when the resource was made. */
export interface KeyValues {
  readonly values: readonly string[];
  /** The resource it belongs to, the first there is of these: its name, and from where it is looked up. */
  readonly of: readonly { readonly name: number; readonly group: GroupScope; readonly made: Made | null }[] | null;
  /** A repetition within a message is another resource (a step), or the same one (a datatype map). */
  readonly counted: boolean;
  /** Whether a step made it, which may be no authority on it. */
  readonly step: boolean;
  /** Elements by whose tokens, with the identifier, a server finds it. */
  readonly search: readonly string[];
}

/** A resource that the message made. */
export interface Made {
  readonly type: string;
  readonly object: FhirObject;
  mode: Mode;
  /** Whether a step of the message map made it, and not a value. */
  step: boolean;
  /** Where in the message it was made. */
  readonly frame: Frame;
  readonly key: KeyValues | null;
  /** Filled in at the end: what makes it the same resource, and its address in the bundle. */
  identity: string;
  fullUrl: string;
  /** The place in the bundle; -1 where it was merged into another. */
  entry: number;
}

export function made(type: string, object: FhirObject, mode: Mode, frame: Frame, key: KeyValues | null): Made {
  return { type, object, mode, step: false, frame, key, identity: '', fullUrl: '', entry: -1 };
}
