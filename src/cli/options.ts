/** Options that a command does not have: citty takes any, but a mistyped option that is ignored does something else than was asked. */
import type { ArgDef, ArgsDef } from 'citty';

/** A sentence about the first option in `args` that is unknown or lacks its value, or null when all are right. */
export function optionProblem(args: readonly string[], definitions: ArgsDef): string | null {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return null;
    if (!arg.startsWith('-') || arg === '-') continue;
    const [flag = '', attached] = arg.split('=', 2);
    const definition = find(flag, definitions);
    if (definition === null) return `There is no option ${flag}`;
    if (definition.type !== 'string' && definition.type !== 'enum') continue;
    if (attached !== undefined) continue;
    const value = args[++at];
    if (value === undefined || (value.startsWith('--') && value !== '--')) return `The option ${flag} lacks its value`;
  }
  return null;
}

function find(flag: string, definitions: ArgsDef): ArgDef | null {
  const name = flag.replace(/^--?/, '');
  for (const [key, definition] of Object.entries(definitions)) {
    if (definition.type === 'positional') continue;
    const aliases = 'alias' in definition ? [definition.alias ?? []].flat() : [];
    const names = [key, kebab(key), ...aliases];
    if (names.includes(name)) return definition;
    if (definition.type === 'boolean' && flag.startsWith('--no-') && names.includes(name.slice(3))) return definition;
  }
  return null;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
