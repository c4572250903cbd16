/** Certificates and keys that a channel names: what is wrong with them is found before anything starts, at the key that names them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/channel/load.ts';
import { type Authority, authority, encrypted, type Pair, writeAll } from './support/certificates.ts';
import { repositoryRoot, tempFolder } from './support/temp.ts';

const day = 86_400_000;
const one: Authority = await authority();
const good: Pair = await one.issue({ cn: 'weir' });
const other: Pair = await one.issue({ cn: 'other' });

/** `weir check` on a channel with this `tls:` key: `line:column severity code`, and the sentences. */
async function check(tls: string, files: Record<string, string>, rest = ''): Promise<{ places: string[]; texts: string[] }> {
  await using folder = await tempFolder('tls');
  mkdirSync(join(folder.path, 'tls'));
  writeAll(join(folder.path, 'tls'), files);
  const text = `channel: adt
listen:
  mllp: {port: 2575}
${tls === '' ? '' : `  tls:\n${tls}`}
route: [{when: ADT^A01, map: ADT_A01}]
deliver:
  - to: cdr
    fhir: https://cdr.example/fhir
${rest}`;
  writeFileSync(join(folder.path, 'adt.yaml'), text);
  const { findings, config } = await loadConfig({
    channels: folder.path,
    mappings: join(repositoryRoot, 'test', 'check', 'base'),
    env: { PASSPHRASE: 'right', WRONG: 'wrong' },
  });
  const ours = findings.filter(({ file }) => file === join(folder.path, 'adt.yaml'));
  expect(config === null).toBe(ours.some(({ severity }) => severity === 'error'));
  return {
    places: ours.map(({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`),
    texts: ours.map(({ text: sentence }) => sentence),
  };
}

const pair = '    cert: tls/weir.crt\n    key: tls/weir.key\n';
const files = { 'weir.crt': good.cert, 'weir.key': good.key, 'ca.crt': one.cert };

describe('a certificate and its key', () => {
  test('that fit together, with the authority of the senders: nothing to say', async () => {
    expect((await check(`${pair}    ca: tls/ca.crt\n    clients: required\n`, files)).places).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no such file', { 'weir.key': good.key }, '5:11 error tls-unreadable'],
    ['no PEM', { ...files, 'weir.crt': 'hello' }, '5:11 error tls-not-pem'],
    ['an empty file', { ...files, 'weir.key': '' }, '6:10 error tls-not-pem'],
    ['the key in the place of the certificate', { ...files, 'weir.crt': good.key }, '5:11 error tls-not-pem'],
    ['a certificate cut off', { ...files, 'weir.crt': good.cert.slice(0, 300) }, '5:11 error tls-not-pem'],
    ['a second certificate cut off', { ...files, 'weir.crt': good.cert + one.cert.slice(0, 300) }, '5:11 error tls-not-pem'],
    ['a damaged key', { ...files, 'weir.key': good.key.replace(/\n..../, '\n????') }, '6:10 error tls-not-pem'],
    ['the key of another', { ...files, 'weir.key': other.key }, '6:10 error tls-key-mismatch'],
    ['an encrypted key', { ...files, 'weir.key': encrypted(good, 'right') }, '6:10 error tls-passphrase'],
  ])('%s', async (_, written, expected) => {
    const { places, texts } = await check(pair, written);
    expect(places).toEqual([expected]);
    for (const sentence of texts) expect(sentence).toMatch(/^[A-Z].+ \(.+\); .+[^.]$/);
  });

  test('where the authority stands before it, the place of the right one is told', async () => {
    const { texts } = await check(pair, { ...files, 'weir.crt': one.cert + good.cert });
    expect(texts).toEqual([expect.stringContaining('number 2 in the file')]);
  });

  test('an encrypted key opens with the passphrase of the environment, and with no other', async () => {
    const written = { ...files, 'weir.key': encrypted(good, 'right') };
    expect((await check(`${pair}    passphrase: "\${PASSPHRASE}"\n`, written)).places).toEqual([]);
    expect((await check(`${pair}    passphrase: "\${WRONG}"\n`, written)).places).toEqual(['7:17 error tls-passphrase']);
  });

  test('expired, or soon: a warning, for an engine must start at night with what there is', async () => {
    const expired = await one.issue({ cn: 'weir', to: new Date(Date.now() - day) });
    const soon = await one.issue({ cn: 'weir', to: new Date(Date.now() + 7 * day) });
    const at = (made: Pair) => check(pair, { 'weir.crt': made.cert, 'weir.key': made.key });
    expect(await at(expired)).toMatchObject({ places: ['5:11 warning tls-expiry'], texts: [/has expired/] });
    expect(await at(soon)).toMatchObject({ places: ['5:11 warning tls-expiry'], texts: [/expires soon/] });
  });

  test('what OpenSSL does not take is found too', async () => {
    const tls = `${pair}    min: "1.3"\n`;
    const weak = await one.issue({ cn: 'weir', bits: 1024 });
    expect((await check(tls, { 'weir.crt': weak.cert, 'weir.key': weak.key })).places).toEqual(['5:11 error tls-unusable']);
  });

  test('of a destination are checked alike', async () => {
    const deliver = '    tls: {ca: tls/nowhere.crt, cert: tls/weir.crt, key: tls/other.key}\n';
    const { places } = await check('', { ...files, 'other.key': other.key }, deliver);
    expect(places).toEqual(['9:15 error tls-unreadable', '9:57 error tls-key-mismatch']);
  });

  test('of the address of application ACKs are checked alike', async () => {
    const acknowledge =
      'acknowledge:\n  to: ehr.example:2576\n  tls: {ca: tls/nowhere.crt, cert: tls/weir.crt, key: tls/other.key}\n';
    const { places } = await check('', { ...files, 'other.key': other.key }, acknowledge);
    expect(places).toEqual(['11:13 error tls-unreadable', '11:55 error tls-key-mismatch']);
  });

  test('of the address of application ACKs, damaged or expired', async () => {
    const expired = await one.issue({ cn: 'weir', to: new Date(Date.now() - day) });
    const acknowledge = (cert: string) => `acknowledge:\n  to: ehr.example:2576\n  tls: {cert: tls/${cert}, key: tls/weir.key}\n`;
    const old = { 'weir.crt': expired.cert, 'weir.key': expired.key };
    expect((await check('', old, acknowledge('weir.crt'))).places).toEqual(['11:15 warning tls-expiry']);
    const damaged = { ...files, 'damaged.crt': good.cert.slice(0, 300) };
    expect((await check('', damaged, acknowledge('damaged.crt'))).places).toEqual(['11:15 error tls-not-pem']);
  });

  test('whose path waits for the environment: one finding, not two', async () => {
    const { places } = await check(`    cert: "\${NOWHERE}"\n    key: tls/weir.key\n`, files);
    expect(places).toEqual(['5:12 error unset-variable']);
  });
});
