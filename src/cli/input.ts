import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** The bytes of a file, or of standard input for `-`. Null where it cannot be read: then a sentence went to standard error, and the exit code is 2. */
export async function readInput(file: string): Promise<Uint8Array | null> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    misuse(`The file ${file} could not be read (${reasons[reason] ?? reason}); check its name`);
    return null;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'it is not readable for this user',
  EISDIR: 'it is a folder',
};

/** Says what is wrong with the command line, exit code 2. */
export function misuse(sentence: string): void {
  process.stderr.write(`${sentence}.\n`);
  process.exitCode = 2;
}

/** Says what is wrong with what was looked at, exit code 1 (2 stands). */
export function fault(sentence: string): void {
  process.stderr.write(`${sentence}.\n`);
  process.exitCode = process.exitCode === 2 ? 2 : 1;
}
