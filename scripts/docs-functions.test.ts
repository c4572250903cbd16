import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../src/settings.ts';
import { functionsPage } from './docs-functions.ts';

it('docs/functions.md is what the library says (else run: node scripts/docs-functions.ts)', () => {
  expect(readFileSync(join(packageRoot, 'docs', 'functions.md'), 'utf8')).toBe(functionsPage());
});
