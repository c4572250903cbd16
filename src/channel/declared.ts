/**
 * YAML data against its Zod declaration. What is wrong becomes findings with places; what is right is kept, so that one
 * mistake does not hide the others.
 */
import type { z } from 'zod';
import type { FindingCode } from './findings.ts';
import { finding } from './findings.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { Finding } from './types.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

export interface Checked<T> {
  /** What is left after leaving out what is wrong; null where that is nothing. */
  readonly value: T | null;
  readonly findings: Finding[];
  /** The file, seen by paths into `value`: what was left out of a list does not shift the places of what follows. */
  readonly yaml: YamlFile;
}

type Issue = z.core.$ZodIssue;
type Index = Record<string | number, unknown>;

/**
 * Checks `yaml.data` (or `data` in its place) by a schema. Never throws.
 * @param stand a text that many declarations take for a value to come; tried in place of a wrong one before it is left out
 */
export function checkBy<S extends z.ZodType>(
  schema: S,
  yaml: YamlFile,
  data: unknown = yaml.data,
  stand?: string,
): Checked<z.output<S>> {
  const first = schema.safeParse(data, { reportInput: true });
  if (first.success) return { value: first.data, findings: [], yaml };
  const findings = first.error.issues
    .filter((issue) => !isMistyped(issue, first.error.issues, schema))
    .flatMap((issue) => findingsOf(issue, schema, yaml, issue.path as YamlPath));
  const pruned = new Pruned(structuredClone(data), schema);
  let { issues } = first.error;
  // Leaving a part out can bring up what it hid, such as a key that is now missing; each round removes at least one part.
  for (let round = 0; round < 20 && pruned.data !== undefined; round++) {
    // From the back, so that the indexes of the issues still to come stay right.
    for (const issue of issues.toReversed()) pruned.leaveOut(issue, round === 0 ? stand : undefined);
    const again = schema.safeParse(pruned.data, { reportInput: true });
    if (again.success) return { value: again.data, findings, yaml: pruned.view(yaml) };
    issues = again.error.issues;
  }
  return { value: null, findings, yaml };
}

/** Data with parts left out, that remembers where the rest stood. */
class Pruned {
  data: unknown;
  readonly #indexes = new Map<unknown[], number[]>();

  readonly #schema: z.ZodType;

  constructor(data: unknown, schema: z.ZodType) {
    this.data = data;
    this.#schema = schema;
  }

  /** Leaves out the unknown keys, or takes them for the ones they are mistyped from; or else the list item that the issue is in, or the key, or what a missing key belongs to. */
  leaveOut(issue: Issue, stand?: string): void {
    const path = issue.path as YamlPath;
    if (issue.code === 'unrecognized_keys') {
      const owner = this.#at(path) as Index | undefined;
      for (const key of owner ? issue.keys : []) {
        const meant = nearest(key, knownKeys(this.#schema, path));
        if (owner && meant !== undefined && !Object.hasOwn(owner, meant)) owner[meant] = owner[key];
        delete owner?.[key];
      }
      return;
    }
    const key = path.at(-1);
    if (stand !== undefined && typeof key === 'string' && (typeof issue.input === 'string' || typeof issue.input === 'number')) {
      const owner = this.#at(path.slice(0, -1)) as Index | undefined;
      if (owner) owner[key] = stand;
      return;
    }
    const lastIndex = path.findLastIndex((step) => typeof step === 'number');
    const cut = lastIndex >= 0 ? path.slice(0, lastIndex + 1) : issue.input === undefined ? path.slice(0, -1) : path;
    const last = cut.at(-1);
    if (last === undefined) {
      this.data = undefined;
      return;
    }
    const owner = this.#at(cut.slice(0, -1));
    if (Array.isArray(owner)) {
      const indexes = this.#indexes.get(owner) ?? owner.map((_, index) => index);
      this.#indexes.set(owner, indexes);
      owner.splice(Number(last), 1);
      indexes.splice(Number(last), 1);
    } else if (owner && typeof owner === 'object') delete (owner as Index)[last];
  }

  view(yaml: YamlFile): YamlFile {
    const original = (path: YamlPath) => {
      let at: unknown = this.data;
      return path.map((step) => {
        const was = Array.isArray(at) ? (this.#indexes.get(at)?.[Number(step)] ?? step) : step;
        at = (at as Index | null | undefined)?.[step];
        return was;
      });
    };
    return {
      ...yaml,
      place: (path, offset) => yaml.place(original(path), offset),
      keyPlace: (path) => yaml.keyPlace(original(path)),
      written: (path) => yaml.written(original(path)),
    };
  }

  #at(path: YamlPath): unknown {
    return path.reduce<unknown>((at, step) => (at as Index | null | undefined)?.[step], this.data);
  }
}

function findingsOf(issue: Issue, schema: z.ZodType, yaml: YamlFile, path: YamlPath): Finding[] {
  const key = path.length === 0 ? 'The file' : `"${path.filter((step) => typeof step === 'string').at(-1) ?? path.at(-1)}"`;
  const within = path.length === 0 ? '' : ` of ${key}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((unknown) => {
        const known = knownKeys(schema, path);
        const where = known.length === 0 ? '' : ` (known${within}: ${known.join(', ')})`;
        return finding(
          'unknown-key',
          yaml.keyPlace([...path, unknown]),
          `"${unknown}" is no key here${where}${didYouMean(unknown, known, 'remove it')}`,
        );
      });
    case 'invalid_type':
    case 'invalid_union':
    case 'invalid_value': {
      if (issue.input === undefined) return [missing(yaml, path)];
      const wanted =
        issue.code === 'invalid_value'
          ? issue.values.map(String).join(' or ')
          : issue.code === 'invalid_union'
            ? issue.message
            : (names[issue.expected] ?? issue.expected);
      const code: FindingCode = issue.code === 'invalid_value' && typeof issue.input === 'string' ? 'bad-value' : 'wrong-type';
      return [
        finding(
          code,
          yaml.place(path),
          `${key} is ${shown(issue.input)} (expected: ${wanted}); ${nextStep(issue, wanted, yaml, path)}`,
        ),
      ];
    }
    case 'custom': {
      const code = (issue.params?.code as FindingCode | undefined) ?? 'bad-value';
      return [finding(code, yaml.place(path), issue.message)];
    }
    default:
      return [finding('bad-value', yaml.place(path), `${key} cannot be ${shown(issue.input)} (${sentence(issue)}); correct it`)];
  }
}

function knownKeys(schema: z.ZodType, path: YamlPath): string[] {
  return Object.keys(shapeOf(schemaAt(schema, path)) ?? {});
}

/** Whether a key is missing because it stands there mistyped: that is one finding, not two. */
function isMistyped(issue: Issue, issues: readonly Issue[], schema: z.ZodType): boolean {
  if (issue.input !== undefined) return false;
  const owner = issue.path.slice(0, -1);
  return issues.some(
    (other) =>
      other.code === 'unrecognized_keys' &&
      other.path.join('/') === owner.join('/') &&
      other.keys.some((key) => nearest(key, knownKeys(schema, owner as YamlPath)) === issue.path.at(-1)),
  );
}

function missing(yaml: YamlFile, path: YamlPath): Finding {
  const parent = path.slice(0, -1);
  const owner = parent.filter((step) => typeof step === 'string').at(-1);
  const where = path.length === 0 ? 'the file is empty' : owner === undefined ? 'at the top of the file' : `in "${owner}"`;
  return finding(
    'missing-key',
    yaml.place(parent),
    `${path.length === 0 ? 'Everything' : `"${path.at(-1)}"`} is missing (${where}); add it`,
  );
}

const names: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
};

/** Says of a value what it is; its text only where it is short. */
function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  if (typeof value === 'string') return value.length > 40 ? 'a long text' : `"${value}"`;
  return `the ${typeof value} ${String(value)}`;
}

function nextStep(issue: Issue, wanted: string, yaml: YamlFile, path: YamlPath): string {
  const { input } = issue;
  const scalar = typeof input === 'number' || typeof input === 'boolean';
  if (scalar && /text|code|path/.test(wanted)) return `write "${yaml.written(path) ?? String(input)}" in quotes`;
  if (wanted === 'a list' && (scalar || typeof input === 'string')) return `write [${String(input)}]`;
  if (issue.code === 'invalid_value' && typeof input === 'string')
    return didYouMean(input, issue.values.map(String), 'write one of those').slice(2);
  return 'correct it';
}

function sentence(issue: Issue): string {
  if (issue.code === 'too_small')
    return issue.origin === 'array'
      ? 'the list is empty'
      : issue.origin === 'string'
        ? 'the text is empty'
        : `at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return issue.message;
}

/** The schema at a path, looking through optional, default and the like; undefined where there is none. */
function schemaAt(schema: z.ZodType, path: YamlPath): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const step of path) {
    const def = at?.def as { type: string; element?: z.ZodType; valueType?: z.ZodType; options?: z.ZodType[] } | undefined;
    const options: z.ZodType[] = def?.type === 'union' ? (def.options ?? []).map(unwrap) : at ? [at] : [];
    at = undefined;
    for (const option of options) {
      const inner = option.def as { element?: z.ZodType; valueType?: z.ZodType };
      const next = typeof step === 'number' ? inner.element : (shapeOf(option)?.[step] ?? inner.valueType);
      if (next) at = unwrap(next);
    }
  }
  return at;
}

function unwrap(schema: z.ZodType): z.ZodType {
  const def = schema.def as { type: string; innerType?: z.ZodType; in?: z.ZodType; getter?: () => z.ZodType };
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined) ?? def.getter?.();
  return inner ? unwrap(inner) : schema;
}

function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  if (!schema) return undefined;
  const def = unwrap(schema).def as { type: string; shape?: Record<string, z.ZodType>; options?: z.ZodType[] };
  if (def.type === 'union') return Object.assign({}, ...(def.options ?? []).map((option) => shapeOf(option) ?? {}));
  return def.shape;
}
