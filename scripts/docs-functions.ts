/** Writes docs/functions.md from the table in src/map/functions.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functions } from '../src/map/functions.ts';
import { packageRoot } from '../src/settings.ts';

/** The page as it should stand in the repository. */
export function functionsPage(): string {
  const rows = Object.entries(functions).map(([name, { text }]) => `| \`${name}\` | ${text.replaceAll('|', '\\|')} |`);
  return [
    '# The function library',
    '',
    'Written by `node scripts/docs-functions.ts` from `src/map/functions.ts`; change it there.',
    '',
    'What tables cannot say: a row with `use: NAME` gives its value to the function of that name ([mapping-language.md](mapping-language.md),',
    '"Functions"). Every function is pure, and gives nothing for what it cannot read; then the row does nothing.',
    '',
    '| function | gives |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(packageRoot, 'docs', 'functions.md'), functionsPage());
