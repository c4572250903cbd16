import type { MapSettings } from '../../src/map/types.ts';

/** A message and the bundle that it must become. */
export interface Golden {
  /** `NAME.json` is the bundle. */
  readonly name: string;
  /** `MESSAGE.hl7`, where it is not the name's. */
  readonly message?: string;
  readonly settings?: Partial<MapSettings>;
  readonly mapping: string;
  /** Chosen by a route, not by the message's type. */
  readonly routed?: true;
  /** Code and path of each issue. */
  readonly issues?: readonly string[];
  /** Element of each deletion. */
  readonly deletes?: readonly string[];
  /** Leaves that no row reads or skips. */
  readonly dropped?: readonly string[];
}
