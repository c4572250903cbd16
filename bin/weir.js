#!/usr/bin/env node
// Starts Weir on Node 24, whatever Node runs this file. Plain JavaScript, as older Nodes must read it.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const wanted = 24;
const self = realpathSync(fileURLToPath(import.meta.url));
const root = dirname(dirname(self));
// Left to itself V8 lets the young generation of an engine under load grow to 128 MB, all of it garbage.
// An engine also frees more of what its threads allocate in turns when the C library keeps two arenas, not eight a core.
const env = { MALLOC_ARENA_MAX: '2', ...process.env };
const flags = (process.argv[2] === 'run' ? ['--max-semi-space-size=8'] : []).filter((flag) => !process.execArgv.includes(flag));

if (Number.parseInt(process.versions.node, 10) >= wanted) {
  // The same process goes on with the flags, where the platform can do that.
  if (flags.length > 0 && process.platform !== 'win32') {
    process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...flags, self, ...process.argv.slice(2)], env);
  }
  // A clone runs its TypeScript as it stands; a packed package holds compiled code only.
  const source = join(root, 'src', 'cli', 'main.ts');
  // Stripped and compiled code is kept for the next start, where it is as safe as the code itself; not at all where that is read-only.
  module.enableCompileCache?.(join(root, 'node_modules', '.cache', 'weir'));
  const main = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js');
  await import(pathToFileURL(main).href);
} else {
  restart(pinnedNode());
}

/** The Node 24 that npm installed with Weir, or null where its install script was not allowed to run. */
function pinnedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const program = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

function restart(node) {
  if (node === null) {
    console.error(
      `Weir needs Node ${wanted} (this is ${process.versions.node}, and the npm package "node" that brings it was not allowed to run its install script); ` +
        `run "npm install-scripts approve node" and "npm rebuild node", or start Weir with a Node ${wanted} of yours.`,
    );
    process.exit(2);
  }
  const child = spawn(node, [...process.execArgv, ...flags, self, ...process.argv.slice(2)], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => {
      // Ctrl-C reaches the child by itself, as both hold the terminal: sent on, it would arrive twice.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`${node} could not be started (${error.message}); run "npm rebuild node".`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}
