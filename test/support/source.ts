/** The project's own source as data, for the tests that hold its layout: files, what they import, which globals they use. */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { parseAst } from 'vite';
import { repositoryRoot } from './temp.ts';

export interface SourceFile {
  /** From the repository's root, with slashes: `src/hl7/path.ts`. */
  readonly path: string;
  /** The folder below src/, or the file's name without ending where it lies in src/ itself; `engine` for engine.ts and engine/. */
  readonly room: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** `Date.now`, `new Date()`, `setTimeout`: globals and their members, as written. */
  readonly globals: ReadonlySet<string>;
}

export interface Import {
  /** As written: `node:fs`, `pg`, `../hl7/path.ts`. */
  readonly from: string;
  /** The package or built-in module, `@fastify/static` for `@fastify/static/x`; null where it is a file of the project. */
  readonly package: string | null;
  /** The file from the repository's root; null where it is a package. */
  readonly file: string | null;
}

/** All TypeScript files below the folders, tests left out. Type-only imports count like others. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => {
    const top = join(repositoryRoot, folder);
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name))
      .map((entry) => read(join(entry.parentPath, entry.name)))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  });
}

/** What one file's text imports and uses; `path` is where it is said to lie. */
export function readSource(path: string, text: string): SourceFile {
  const imports: Import[] = [];
  const globals = new Set<string>();
  walk(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), (node) => {
    const source = literal(node.source);
    if (source !== null) imports.push(importOf(path, source));
    for (const used of usedGlobals(node)) globals.add(used);
  });
  return { path, room: roomOf(path), lines: text.split('\n').length - 1, imports, globals };
}

function read(file: string): SourceFile {
  return readSource(relative(repositoryRoot, file).replaceAll('\\', '/'), readFileSync(file, 'utf8'));
}

/** `src/hl7/path.ts` -> `hl7`; `src/errors.ts` -> `errors`. */
export function roomOf(path: string): string {
  const [, room = ''] = path.split('/');
  return room.replace(/\.tsx?$/, '');
}

function importOf(path: string, from: string): Import {
  if (from.startsWith('.')) return { from, package: null, file: join(dirname(path), from).replaceAll('\\', '/') };
  const [scope = '', name = ''] = from.split('/');
  const builtin = builtinModules.includes(from) ? `node:${from}` : null;
  return {
    from,
    package: builtin ?? (from.startsWith('@') ? `${scope}/${name}` : from.startsWith('node:') ? from : scope),
    file: null,
  };
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

function usedGlobals(node: Node): string[] {
  const name = (value: unknown) => (isNode(value) && value.type === 'Identifier' ? String(value.name) : null);
  if (node.type === 'MemberExpression' && node.computed === false) {
    const object = name(node.object);
    return object === null ? [] : [`${object}.${name(node.property)}`];
  }
  if (node.type === 'NewExpression' && Array.isArray(node.arguments) && node.arguments.length === 0)
    return [`new ${name(node.callee)}()`];
  if (node.type === 'CallExpression') {
    const callee = name(node.callee);
    return callee === null ? [] : [`${callee}()`];
  }
  return [];
}

function literal(value: unknown): string | null {
  return isNode(value) && value.type === 'Literal' && typeof value.value === 'string' ? value.value : null;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) walk(one, visit);
  else if (isNode(value)) {
    visit(value);
    for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) walk(child, visit);
  }
}
