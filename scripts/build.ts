/** Compiles src/ into dist/ for the packed package: TypeScript by tsc, tables and other files copied. The dashboard there is kept. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/settings.ts';

const source = join(packageRoot, 'src');
const target = join(packageRoot, 'dist');

for (const name of existsSync(target) ? readdirSync(target) : []) {
  if (name !== 'dashboard') rmSync(join(target, name), { recursive: true });
}

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', join(packageRoot, 'tsconfig.build.json')], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  const from = join(entry.parentPath, entry.name);
  const path = from.slice(source.length + 1);
  if (!entry.isFile() || /\.(ts|tsx)$/.test(entry.name) || path.startsWith('dashboard/')) continue;
  const to = join(target, path);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
