/**
 * Mends package-lock.json after a change of dependencies: `npm run lock`.
 *
 * A registry that lacks a package for another platform makes npm leave that optional package out of the lock file, and `npm ci`
 * then calls the lock file incomplete, on every platform. An entry with the version that the parent names is enough: only a
 * machine of that platform ever fetches it. Download addresses are dropped, so that the file holds for any registry.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/settings.ts';

interface Entry {
  version?: string;
  resolved?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Lock {
  packages: Record<string, Entry>;
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** The lock file with the missing entries, in npm's order, and the names that were added. */
export function mend(lock: Lock): { lock: Lock; added: string[] } {
  const packages: Record<string, Entry> = {};
  for (const [path, { resolved: _, ...entry }] of Object.entries(lock.packages)) packages[path] = entry;
  const added: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isThere(packages, path, name)) continue;
      // An exact version is what such a package always has: a range would need the registry to be settled.
      if (!/^\d/.test(version)) throw new Error(`${path} wants ${name}@${version}, a range; add the entry by hand`);
      packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(entry.dev ? { dev: true } : {}), optional: true };
      added.push(name);
    }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added };
}

/** Whether `require(name)` from the package at `path` has an entry: its own, its parent's, up to the root's. */
function isThere(packages: Record<string, Entry>, path: string, name: string): boolean {
  for (let from = path; ; from = from.slice(0, Math.max(from.lastIndexOf('node_modules/') - 1, 0))) {
    if (`${from === '' ? '' : `${from}/`}node_modules/${name}` in packages) return true;
    if (from === '') return false;
  }
}

function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.replace('windows', 'win32').split(/[-/]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (os === undefined || cpu === undefined) throw new Error(`${name} does not tell its platform; add the entry by hand`);
  return { cpu: [cpu], os: [os], ...(words.includes('musl') ? { libc: ['musl'] } : {}) };
}

if (import.meta.main) {
  const file = join(packageRoot, 'package-lock.json');
  const { lock, added } = mend(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length === 0 ? 'package-lock.json was complete.' : `Added to package-lock.json: ${added.join(', ')}.`);
}
