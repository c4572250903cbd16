import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../../test/support/temp.ts';
import { lockFolder } from './folder-lock.ts';

let folder: TempFolder;
let file: string;

beforeEach(async () => {
  folder = await tempFolder('lock');
  file = join(folder.path, 'weir.lock');
});

afterEach(async () => {
  await folder.remove();
});

const holder = async () => (JSON.parse(await readFile(file, 'utf8')) as { pid: number }).pid;

describe('the lock of a data folder', () => {
  test('is held by one, names it, and can be taken again when released', async () => {
    const lock = await lockFolder(folder.path);
    await expect(lockFolder(folder.path)).rejects.toMatchObject({
      code: 'store-in-use',
      detail: `${folder.path} is used by process ${process.pid}`,
    });
    await lock.release();
    expect(await readdir(folder.path)).toEqual([]);
    await (await lockFolder(folder.path)).release();
  });

  test.each([
    ['a process that is gone', { pid: 2 ** 22 + 1, started: null, host: hostname() }],
    [
      'an earlier process of the same number, as containers give them',
      { pid: process.pid, started: 'another-boot/1', host: hostname() },
    ],
    [
      'another machine, which had this folder before it was moved',
      { pid: process.pid, started: null, host: 'elsewhere.example' },
    ],
    ['no one, as its text is damaged', '{"pid":'],
  ])('left behind by %s is taken over', async (_, left) => {
    await writeFile(file, typeof left === 'string' ? left : JSON.stringify(left));
    const lock = await lockFolder(folder.path);
    expect(await holder()).toBe(process.pid);
    await lock.release();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('of many that want it at once, over one left behind, exactly one gets it', async () => {
    await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, started: null, host: hostname() }));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder.path)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'store-in-use' });
  });

  test('of two hundred races over a dead lock each has one winner, and leaves nothing but the lock', async () => {
    for (let race = 0; race < 200; race++) {
      await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, started: `${race}`, host: hostname() }));
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder.path)));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await readdir(folder.path)).toEqual(['weir.lock']);
    }
  });

  test('is not freed by who no longer holds it', async () => {
    const lock = await lockFolder(folder.path);
    await writeFile(file, JSON.stringify({ pid: 1, started: null, host: hostname() }));
    await lock.release();
    expect(await holder()).toBe(1);
  });
});
