import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { authority, writeAll } from '../../test/support/certificates.ts';
import { type TempFolder, tempFolder } from '../../test/support/temp.ts';
import { keepTls, type TlsKeeper } from './keeper.ts';
import type { TlsFiles } from './types.ts';

const one = await authority();
const [before, after] = [await one.issue({ cn: 'before' }), await one.issue({ cn: 'after' })];
const open: { keeper?: TlsKeeper; folder?: TempFolder } = {};
afterEach(async () => {
  open.keeper?.close();
  await open.folder?.remove();
});

/** A keeper of `before`, with what it told. */
async function kept(): Promise<{ keeper: TlsKeeper; cert: string; key: string; told: string[] }> {
  open.folder = await tempFolder('keeper');
  const { cert, key } = writeAll(open.folder.path, { cert: before.cert, key: before.key });
  const files: TlsFiles = { cert, key, passphrase: null, ca: null, min: '1.2', postQuantum: 'preferred' };
  const told: string[] = [];
  const keeper = await keepTls(files, {
    interval: 3_600_000,
    changed: () => told.push('changed'),
    problem: (text) => told.push(text ?? 'good'),
  });
  open.keeper = keeper;
  return { keeper, cert, key, told };
}

test('files that do not change are told of to nobody', async () => {
  const { keeper, told } = await kept();
  await keeper.refresh();
  expect([told, keeper.status.problem]).toEqual([[], null]);
  expect(keeper.status.expires?.getTime()).toBeGreaterThan(Date.now());
});

test('a new pair is taken when both of its files are there, and not before', async () => {
  const { keeper, cert, key, told } = await kept();
  writeFileSync(cert, after.cert);
  await keeper.refresh();
  await keeper.refresh();
  expect(keeper.credentials.cert?.toString()).toBe(before.cert);
  expect(keeper.status.problem).toMatch(/does not belong to the certificate/);
  writeFileSync(key, after.key);
  await keeper.refresh();
  expect(keeper.credentials.cert?.toString()).toBe(after.cert);
  expect(told).toEqual([expect.stringMatching(/does not belong/), 'changed', 'good']);
});

test.each([
  ['cut off', after.cert.slice(0, 200)],
  ['with a second certificate cut off', before.cert + one.cert.slice(0, 200)],
  ['empty', ''],
])('a file that is still being written changes nothing: %s', async (_, text) => {
  const { keeper, cert, told } = await kept();
  writeFileSync(cert, text);
  await keeper.refresh();
  expect(keeper.credentials.cert?.toString()).toBe(before.cert);
  expect(told).toEqual([expect.stringMatching(/^.+ \(.+\); .+$/)]);
});

test('what is told holds nothing of the key', async () => {
  const { keeper, key, told } = await kept();
  writeFileSync(key, before.key.replace('END', 'DNE'));
  await keeper.refresh();
  const body = before.key.split('\n')[1] ?? '';
  expect(told.join()).not.toContain(body.slice(0, 16));
});

test('files that are no good from the start are an error with the sentence of what is wrong', async () => {
  const { cert } = await kept();
  const files: TlsFiles = { cert, key: `${cert}.nowhere`, passphrase: null, ca: null, min: '1.2', postQuantum: 'preferred' };
  await expect(keepTls(files)).rejects.toMatchObject({ code: 'tls-files', detail: expect.stringMatching(/cannot be read/) });
});
