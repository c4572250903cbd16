import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { heads } from './heads.ts';

it('each channel and mapping file begins with a line that points an editor to its schema (else run: node scripts/heads.ts)', () => {
  const all = heads();
  expect(all.length).toBeGreaterThan(100);
  for (const { file, text, line } of all) {
    expect(text.split('\n', 1)[0], file).toBe(line);
    expect(existsSync(join(dirname(file), line.replace(/^.*=/, ''))), file).toBe(true);
  }
});
