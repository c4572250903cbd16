// Runs after `npm ci` in a clone, and before `npm pack`: builds the page. Plain JavaScript, as npm may run it on an older Node.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
const source = join(root, 'src', 'dashboard');

if (!existsSync(vite) || !existsSync(join(source, 'index.html'))) {
  console.log('The page is not built: the development packages are left out.');
} else {
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
  const node = existsSync(pinned) ? pinned : process.execPath;
  const { status } = spawnSync(node, [vite, 'build', source, '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  process.exit(status ?? 1);
}
