/**
 * What was read from unchanged files, kept between starts: parsing and checking the guide's tables takes longer than everything else a start
 * does. An entry is found by the digest of all that went in, so that a stale one is never found; whatever is wrong with the folder or the
 * entry, the files are read again.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';

export interface Cache {
  /** The value that was made of the same parts; else the one that `make` gives, kept where `keep` says so. */
  of<T>(name: string, parts: readonly string[], make: () => T, keep: (value: T) => boolean): Promise<T>;
}

/** Entries of a name that are kept: of this configuration, and of the one before. */
const kept = 2;

/** @param folder where entries lie, made when the folder around it is there; null: nothing is kept */
export function openCache(folder: string | null): Cache {
  return {
    async of(name, parts, make, keep) {
      if (folder === null) return make();
      const hash = createHash('sha256').update(`${process.version}\0${await ownFiles()}`);
      for (const part of parts) hash.update(`\0${part.length}\0${part}`);
      const file = join(folder, `${name}-${hash.digest('hex').slice(0, 40)}.bin`);
      const known = await read<ReturnType<typeof make>>(file);
      if (known !== undefined) return known.value;
      const value = make();
      if (keep(value)) await write(folder, name, file, value);
      return value;
    },
  };
}

async function read<T>(file: string): Promise<{ value: T } | undefined> {
  try {
    return { value: deserialize(await readFile(file)) as T };
  } catch {
    return undefined;
  }
}

/** Written beside and put in place in one step. That it could not be written is no fault: the next start reads the files again. */
async function write(folder: string, name: string, file: string, value: unknown): Promise<void> {
  const beside = `${file}.${process.pid}`;
  try {
    // Only within a data folder that is there: a command that maps a file leaves nothing behind elsewhere.
    await mkdir(folder, { mode: 0o700 }).catch(() => undefined);
    await writeFile(beside, serialize(value), { mode: 0o600 });
    await rename(beside, file);
    const entries = (await readdir(folder)).filter((one) => one.startsWith(`${name}-`) && one.endsWith('.bin'));
    const times = await Promise.all(entries.map(async (one) => ({ one, at: (await stat(join(folder, one))).mtimeMs })));
    const old = times.sort((a, b) => b.at - a.at).slice(kept);
    await Promise.all(old.map(({ one }) => rm(join(folder, one), { force: true })));
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** The reader's own files: another version of Weir reads anew. */
async function ownFiles(): Promise<string> {
  const names = (await readdir(import.meta.dirname)).filter((name) => /\.[jt]s$/.test(name)).sort();
  const files = await Promise.all(names.map(async (name) => ({ name, is: await stat(join(import.meta.dirname, name)) })));
  return files.map(({ name, is }) => `${name} ${is.size} ${is.mtimeMs}`).join('\n');
}
