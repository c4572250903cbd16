import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../src/settings.ts';
import { pages } from './docs.ts';

it.each(Object.entries(pages()))('%s is what the declarations say (else run: node scripts/docs.ts)', (path, text) => {
  expect(readFileSync(join(packageRoot, path), 'utf8')).toBe(text);
});
