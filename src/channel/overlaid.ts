/** The mappings as channels see them: the base with their overlays over it, made once for all channels with the same ones. */
import type { Mappings } from '../map/mapping.ts';
import type { ReadMappings } from './mappings.ts';
import { overlay } from './overlay-merge.ts';
import type { Finding } from './types.ts';

export interface Overlaid {
  readonly overlays: readonly string[];
  readonly mappings: Mappings;
}

/**
 * The base under each of these lists of overlays. An overlay that is in none of them is laid over the base alone, so that what is wrong in it
 * is found before a channel names it. Names without an overlay are left out.
 */
export function layOver(read: ReadMappings, lists: readonly (readonly string[])[], findings: Finding[]): Overlaid[] {
  const used = new Set(lists.flat());
  const alone = [...read.overlays.keys()].filter((name) => !used.has(name)).map((name) => [name]);
  const distinct = new Map([...lists, ...alone].map((names) => [keyOf(names), names]));
  distinct.delete('');
  return [...distinct.values()].map((overlays) => {
    let { mappings } = read;
    for (const name of overlays) {
      const laid = read.overlays.get(name);
      if (laid) mappings = overlay(mappings, laid, read.places, read.damaged, findings);
    }
    return { overlays, mappings };
  });
}

/** What lists of overlays are told apart by: their order counts. */
export function keyOf(overlays: readonly string[]): string {
  return overlays.join(' ');
}
