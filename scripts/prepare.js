// Runs after `npm ci` in a clone, and before `npm pack`: builds the page. Plain JavaScript, as npm may run it on an older Node.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

process.exitCode = buildPage();

/** Exit code of the build; 0 where there is nothing to build with. */
function buildPage() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(vite)) {
    console.log('The page is not built: the development packages are left out.');
    return 0;
  }
  // The first `npx weir` in a clone links the clone into npx's cache, which runs this too: the page is there by then.
  if (process.env.npm_command === 'exec' && existsSync(join(root, 'dist', 'dashboard', 'index.html'))) return 0;
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
  const node = existsSync(pinned) ? pinned : process.execPath;
  const source = join(root, 'src', 'dashboard');
  return spawnSync(node, [vite, 'build', source, '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' }).status ?? 1;
}
