/** The functions of sites: TypeScript files beside an overlay, the last resort for what neither rows nor the library can say. */
import { stripTypeScriptTypes } from 'node:module';
import { Script } from 'node:vm';
import type { SiteModule } from '../map/mapping.ts';
import { finding } from './findings.ts';
import type { Finding } from './types.ts';

/**
 * Reads a file of functions: plain JavaScript once its types are out, without imports but of types, and without a state.
 * @returns null, with a finding, where it is none
 */
export function readSiteModule(file: string, text: string, findings: Finding[]): SiteModule | null {
  const fail = (at: number, what: string): null => {
    const before = text.slice(0, at).split('\n');
    const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    findings.push(finding('bad-function', place, what));
    return null;
  };
  let code: string;
  try {
    code = stripped(text);
  } catch (error) {
    return fail(0, `The TypeScript cannot be read (${firstLine(error)}); correct the file`);
  }
  const imported = /^[ \t]*(?:import\b|export\b[^;\n]*\bfrom\b)|\b(?:import|require)\s*\(/m.exec(code);
  if (imported)
    return fail(
      imported.index,
      'A site function imports nothing but types (it has no files, no network and no packages); write it out here',
    );
  const state = /^(?:export\s+)?(?:let|var)\b/m.exec(code);
  if (state)
    return fail(
      state.index,
      'A site function keeps no state (the same value must give the same result in every message); write const, or move it into the function',
    );
  if (/^export\s+default\b/m.test(code))
    return fail(
      code.search(/^export\s+default\b/m),
      'A site function has a name (a default export has none); write export function NAME',
    );
  const names = [...code.matchAll(/^export\s+(?:function|const)\s+([A-Za-z_]\w*)/gm)].map(([, name]) => name as string);
  // As a script the declarations are its own; with their places kept, faults point to the line in the file.
  const script = code.replace(/^export(?=\s+(?:function|const|class)\b)/gm, '      ');
  try {
    new Script(script, { filename: file });
  } catch (error) {
    return fail(0, `The file is no JavaScript (${firstLine(error)}); correct it`);
  }
  return { file, code: script, names };
}

function stripped(text: string): string {
  // Node calls it experimental, which is nothing that whoever runs Weir could act on.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
