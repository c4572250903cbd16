/**
 * Writes what is made from the declarations of `src/channel`: schemas/, docs/channels.md, docs/findings.md, docs/conformance-checking.md.
 * `node scripts/docs.ts`
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asSentence, type FindingEntry, findingTable } from '../src/channel/findings.ts';
import { packageRoot } from '../src/settings.ts';
import { baseFiles, faultFiles, findingsIn, withFile } from '../test/support/faults.ts';
import { conformanceCheckingPage } from './docs-conformance-checking.ts';
import { channelDeclaration, type JsonSchema, jsonSchemas, profileDeclaration } from './json-schemas.ts';

/** Path below the repository -> what should stand there. */
export function pages(): Record<string, string> {
  const schemas = jsonSchemas();
  const files = Object.entries(schemas).map(([name, schema]) => [`schemas/${name}`, `${JSON.stringify(schema, null, 2)}\n`]);
  return {
    ...Object.fromEntries(files),
    'docs/channels.md': channelsPage(channelDeclaration()),
    'docs/findings.md': findingsPage(),
    'docs/conformance-checking.md': conformanceCheckingPage(
      readFileSync(join(packageRoot, 'docs', 'examples', 'lab-profile.yaml'), 'utf8').trimEnd(),
      // The rules of some message types are those of all.
      sections('', profileDeclaration())
        .filter((section) => !section.startsWith('### messages[].rules[]'))
        .join('\n'),
    ),
  };
}

const made = 'Made by `node scripts/docs.ts` from `src/channel`; change it there.';

function channelsPage(schema: JsonSchema): string {
  const example = readFileSync(join(packageRoot, 'channels', 'adt.yaml'), 'utf8').trimEnd();
  return `# Channel files

${made}

A channel is one interface: where messages come in, what becomes of each, and where the result goes. One file, one channel, in the
folder \`channels/\` (\`WEIR_CHANNELS\`). \`weir check\` finds everything that can be wrong before a message arrives
([findings.md](findings.md)); a configuration with an error changes nothing.

\`\`\`yaml
${example}
\`\`\`

## How values are written

| what | how |
|---|---|
| duration | a whole number and a unit: \`500ms\`, \`30s\`, \`5m\`, \`72h\`, \`7d\`; \`0\` alone |
| size | a whole number and a unit: \`512B\`, \`64KiB\`, \`16MiB\`, \`1GiB\` |
| from the environment | \`\${NAME}\`, or \`\${NAME:-default}\` where it may be unset, in any text. Inside \`{…}\` or \`[…]\` YAML wants quotes around it |
| condition | the language of mapping rows ([mapping-language.md](mapping-language.md), "Conditions"), and message types: \`ADT^A08\`, \`ADT^*\`. A path without \`[n]\` means every such segment and every repetition; of a value with components its first is compared |
| path | \`PID-3.1\`, \`PID-3[2].4.2\`, \`OBX[*]-3.1\` |

Secrets stand in the environment only: a header such as \`Authorization\` with its value in the file is a finding.

## Order

Messages with the same value at \`order-by\` share a lane: they are mapped and delivered in the order received, across retries and
restarts. Messages of other lanes never wait for them. A message that merges two patients (MRG, or two PIDs in ADT^A17, A24, A37), or
names several records of a master file (\`order-by: MFE-4.1\`), waits for the lanes of all.

## Keys

${sections('', schema).join('\n')}`;
}

/** A table of an object's keys, then those of the objects in it. */
function sections(path: string, schema: JsonSchema): string[] {
  const keys = Object.entries(schema.properties ?? {});
  const rows = keys.map(
    ([key, inner]) => `| \`${key}\` | ${typeOf(inner)} | ${defaultOf(key, schema, inner)} | ${meaning(inner)} |`,
  );
  const title = path === '' ? '### At the top' : `### ${path}`;
  const below = keys.flatMap(([key, inner]) => {
    const object = inner.properties ? inner : inner.items?.properties ? inner.items : undefined;
    const name = `${path === '' ? '' : `${path}.`}${key}${inner.items ? '[]' : ''}`;
    return object ? sections(name, object) : [];
  });
  return [`${title}\n\n| key | value | default | means |\n|---|---|---|---|\n${rows.join('\n')}\n`, ...below];
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.anyOf?.some(({ pattern }) => pattern?.includes('\\.\\.'))) return 'range';
  if (schema.anyOf)
    return [...new Set(schema.anyOf.filter(({ type }) => type !== 'null').map(typeOf))]
      .filter((type, _, all) => type !== 'text' || all.length === 1)
      .join(' or ');
  if (schema.pattern?.includes('ms|s')) return 'duration';
  if (schema.pattern?.includes('KiB')) return 'size';
  if (schema.type === 'array') return schema.items?.properties ? 'list' : `list of ${typeOf(schema.items ?? {})}s`;
  if (schema.type === 'object') return 'keys and values';
  return { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false' }[schema.type ?? ''] ?? 'anything';
}

const inWords = new Set(['see below', 'off', 'always', 'the whole message', 'empty', 'by MSH-18']);

function defaultOf(key: string, owner: JsonSchema, schema: JsonSchema): string {
  if (owner.required?.includes(key)) return 'required';
  const { shownDefault, default: value } = schema;
  if (shownDefault !== undefined) return inWords.has(shownDefault) ? shownDefault : `\`${shownDefault}\``;
  if (value === undefined) return 'none';
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0) || value === '') return 'empty';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function meaning(schema: JsonSchema): string {
  const example = schema.examples?.[0];
  const text = (schema.description ?? '').replaceAll('|', '\\|');
  if (example === undefined) return text;
  return `${text}. Example: \`${(typeof example === 'string' ? example : flow(example)).replaceAll('|', '\\|')}\``;
}

/** A value as YAML writes it on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, inner]) => `${key}: ${flow(inner)}`)
      .join(', ')}}`;
  return typeof value === 'string' && /[{}[\],]|: /.test(value) ? JSON.stringify(value) : String(value);
}

function findingsPage(): string {
  const entries = Object.entries(findingTable) as [string, FindingEntry][];
  const parts = entries.map(
    ([code, { severity, text, example }]) =>
      `## ${code}\n\n${severity === 'warning' ? 'A warning. ' : ''}${text}\n\n${exampleOf(code) ?? block(example)}`,
  );
  return `# Findings of \`weir check\`

${made}

\`weir check\` reads every channel and mapping and prints everything that is wrong, each with file, line, column, a code from this page,
and a sentence: what is wrong (where, why); what to do. The examples are files of \`test/check/faults\`, with what \`weir check\` says of them. Errors keep a configuration from being taken; warnings do not. \`--json\` prints
\`{"findings": [{"file", "line", "column", "severity", "code", "text"}]}\`.

${parts.join('\n')}`;
}

const heads = /^(?:#|\/\/) (?:file|expect): .*\n/gm;

/** The shortest seeded fault that has the finding alone, as `weir check` sees it; undefined where none does. */
function exampleOf(code: string): string | undefined {
  const alone = faultFiles.filter(({ expected }) => expected.length === 1 && expected[0]?.endsWith(` ${code}`));
  const [shortest] = alone.toSorted((a, b) => a.text.length - b.text.length);
  if (shortest === undefined) return undefined;
  const { file } = shortest;
  const text = shortest.text.replace(heads, '');
  const [found] = findingsIn(withFile(baseFiles(file.startsWith('sites/')), file, text));
  if (found?.code !== code) return undefined;
  const sentence = `${found.file}:${found.line}:${found.column} ${found.severity} ${found.code} ${asSentence(found.text)}`;
  return `${block(text.trimEnd(), file.endsWith('.ts') ? 'ts' : 'yaml')}\n\`\`\`\n${sentence}\n\`\`\`\n`;
}

function block(text: string, language = 'yaml'): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(pages())) {
    const file = join(packageRoot, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
