import { finding } from './findings.ts';
import type { Finding } from './types.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

const secretName = /^(proxy-)?authorization$|^cookie$|api-?key|token|secret|password/i;

/** A secret is what an Authorization header and its like hold, a password in an address, a key's passphrase. Looked for in the file as written. */
export function lintSecrets(written: YamlFile): Finding[] {
  return [
    ...passphrase(written, ['listen', 'tls', 'passphrase']),
    ...passphrase(written, ['acknowledge', 'tls', 'passphrase']),
    ...items(child(written.data, 'deliver')).flatMap((deliver, index) => [
      ...headers(written, child(deliver, 'headers'), index),
      ...address(written, child(deliver, 'fhir'), index),
      ...passphrase(written, ['deliver', index, 'tls', 'passphrase']),
    ]),
  ];
}

function passphrase(written: YamlFile, path: YamlPath): Finding[] {
  const text = path.reduce<unknown>((at, step) => child(at, step), written.data);
  if (typeof text !== 'string' || text.includes('${')) return [];
  const what = 'The passphrase of the private key stands in the file (whoever reads the file has it)';
  return [finding('literal-secret', written.place(path), `${what}; write \${NAME} and set NAME in the environment`)];
}

function headers(written: YamlFile, all: unknown, index: number): Finding[] {
  if (all === null || typeof all !== 'object') return [];
  return Object.entries(all).flatMap(([name, value]) => {
    if (!secretName.test(name) || typeof value !== 'string' || value.includes('${')) return [];
    const what = `The header ${name} holds its secret in the file (whoever reads the file has it)`;
    return [
      finding(
        'literal-secret',
        written.place(['deliver', index, 'headers', name]),
        `${what}; write \${NAME} and set NAME in the environment`,
      ),
    ];
  });
}

function address(written: YamlFile, fhir: unknown, index: number): Finding[] {
  const password = typeof fhir === 'string' ? /^[a-z]+:\/\/[^/@]*:([^/@]+)@/i.exec(fhir)?.[1] : undefined;
  if (password === undefined || password.includes('${')) return [];
  const what = 'The address holds a password (whoever reads the file has it)';
  return [
    finding(
      'literal-secret',
      written.place(['deliver', index, 'fhir']),
      `${what}; write \${NAME} in its place and set NAME in the environment`,
    ),
  ];
}

function items(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

function child(owner: unknown, key: string | number): unknown {
  return owner !== null && typeof owner === 'object' ? (owner as Record<string | number, unknown>)[key] : undefined;
}
