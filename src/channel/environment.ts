/** `${NAME}` and `${NAME:-default}` in the texts of a channel file, filled from the environment. */
import { finding } from './findings.ts';
import type { Finding } from './types.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const placeholder = /\$\{([^}]*)\}/g;

/** The data with every text filled in; one that is not set (or empty) and has no default is a finding, and stays as it is. */
export function fillIn(yaml: YamlFile, env: Environment, findings: Finding[]): unknown {
  const fill = (value: unknown, path: YamlPath): unknown => {
    if (typeof value === 'string') return value.includes('${') ? fillText(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index]));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, [...path, key])]));
  };
  const fillText = (text: string, path: YamlPath): string =>
    text.replace(placeholder, (whole, inside: string, offset: number) => {
      const [, name, otherwise] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? [];
      const set = name === undefined ? undefined : env[name];
      if (set !== undefined && set !== '') return set;
      if (otherwise !== undefined) return otherwise;
      findings.push(
        finding(
          'unset-variable',
          yaml.place(path, offset),
          name === undefined
            ? `${whole} names no environment variable (a name is letters, digits and underscores); correct it`
            : `The environment variable ${name} is not set (the channel file needs it here); set it, or write \${${name}:-default}`,
        ),
      );
      return whole;
    });
  return fill(yaml.data, []);
}
