/** Writes docs/settings.md from the table in src/settings.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, settingsTable } from '../src/settings.ts';

/** The page as it should stand in the repository. */
export function settingsPage(): string {
  const parts = settingsTable.map((setting) =>
    [
      `## ${setting.name}`,
      '',
      setting.sentence,
      '',
      `- Value: ${setting.type}`,
      `- Unset: ${setting.default.replace(/^unset: /, '')}`,
      `- Example: \`${setting.name}=${setting.example}\``,
      '',
    ].join('\n'),
  );
  const head = [
    '# Settings of a process',
    '',
    'Written by `npm run docs` from `src/settings.ts`; change it there.',
    '',
    'A Weir process takes its settings from the environment, and nothing else. An empty variable counts as unset. What is wrong is',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how channel files name a variable
    'reported at the start, all of it at once, and nothing is started. Channel files read the environment too, as `${NAME}`.',
    '',
  ].join('\n');
  return `${head}\n${parts.join('\n')}`;
}

if (import.meta.main) writeFileSync(join(packageRoot, 'docs', 'settings.md'), settingsPage());
