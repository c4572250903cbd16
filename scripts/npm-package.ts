/** Reads an npm package that was fetched with `npm pack`, without installing it: the `.tgz`, or the folder that it was unpacked to. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The JSON files of the package whose names begin with `prefix`. */
export function* packageFiles(path: string, prefix: string): Generator<unknown> {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort())
      if (name.startsWith(prefix)) yield JSON.parse(readFileSync(join(path, name), 'utf8'));
    return;
  }
  const tar = gunzipSync(readFileSync(path));
  const text = (from: number, length: number) => tar.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    if (basename(text(at, 100)).startsWith(prefix)) yield JSON.parse(tar.toString('utf8', at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
