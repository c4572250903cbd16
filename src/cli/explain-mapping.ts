/** A mapping as it stands after its overlays, with where each row comes from. */
import { relative } from 'node:path';
import { type ListedMap, type ListedRow, listMapping, mappingNames } from '../map/listing.ts';
import { misuse } from './input.ts';
import { openMappings } from './plan.ts';

/** Prints the map of this name as the channel sees it; without a channel the base. */
export async function explainMapping(name: string, channel: string | undefined, json: boolean): Promise<void> {
  const mappings = await openMappings(channel);
  if (mappings === null) return;
  const maps = listMapping(mappings, name);
  if (maps.length === 0) {
    const like = mappingNames(mappings).filter((one) => one.toLowerCase().includes(name.toLowerCase().slice(0, 3)));
    return misuse(`There is no map ${name} (there are ${like.slice(0, 20).join(', ') || 'none like it'}); name one of them`);
  }
  process.stdout.write(json ? `${JSON.stringify({ maps })}\n` : maps.map(textOf).join('\n'));
}

function textOf({ name, rows }: ListedMap): string {
  const width = Math.min(32, Math.max(0, ...rows.map((row) => row.row.length + 2 * row.depth)));
  const lines = rows.map((row) => `  ${`${'  '.repeat(row.depth)}${row.row}`.padEnd(width)}  ${row.does}   ${placeOf(row)}`);
  return `${[name, ...lines].join('\n')}\n`;
}

function placeOf({ file, line, overlay }: ListedRow): string {
  const near = relative(process.cwd(), file);
  return `[${overlay === null ? '' : `${overlay}: `}${near.startsWith('..') ? file : near}:${line}]`;
}
