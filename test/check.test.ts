/** Seeded faults (test/support/faults.ts): `weir check` finds each of them at its place, and nothing else. */
import { describe, expect, it } from 'vitest';
import { findingTable } from '../src/channel/findings.ts';
import { baseFiles, faultFiles, findingsIn, withFile } from './support/faults.ts';

describe('weir check finds what is wrong, where it is wrong, and nothing else', () => {
  it('gives no finding for the good files', () => {
    expect(findingsIn(baseFiles())).toEqual([]);
    expect(findingsIn(baseFiles(true))).toEqual([]);
  });

  it.each(faultFiles)('$name', ({ file, text, expected }) => {
    const found = findingsIn(withFile(baseFiles(file.startsWith('sites/')), file, text));
    expect(found.map((one) => `${one.file}:${one.line}:${one.column} ${one.code}`)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
    for (const { text: sentence } of found) expect(sentence).toMatch(/^.+ \(.+\).*[;?].*[^.]$|\?$/s);
  });

  it('has a seeded fault for every code', () => {
    // These are about other files that a channel names; the loader's test and that of certificates have them.
    const elsewhere = ['unreadable-file', 'missing-fixture', 'tls-unreadable', 'tls-not-pem', 'tls-passphrase'];
    elsewhere.push('tls-key-mismatch', 'tls-unusable', 'tls-expiry');
    const seeded = new Set([...elsewhere, ...faultFiles.flatMap(({ expected }) => expected.map((one) => one.split(' ')[1]))]);
    expect(Object.keys(findingTable).filter((code) => !seeded.has(code))).toEqual([]);
  });
});
