/** One YAML file as plain data, and the way back from a value to its place in the text. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { Source } from '../map/mapping.ts';
import { finding } from './findings.ts';
import type { Finding } from './types.ts';

/** From the top of a file down: keys of maps and indexes of lists. */
export type YamlPath = readonly (string | number)[];

export interface YamlFile {
  readonly file: string;
  /** Plain data; null where the YAML cannot be read. */
  readonly data: unknown;
  readonly findings: readonly Finding[];
  /** Where the value at `path` begins, or its nearest ancestor that is there. `offset` counts characters into a one-line text. */
  place(path: YamlPath, offset?: number): Source;
  /** Where the last key of `path` stands. */
  keyPlace(path: YamlPath): Source;
  /** How the scalar at `path` is written in the file, quotes removed; undefined where it is none. */
  written(path: YamlPath): string | undefined;
}

/**
 * Reads YAML 1.2 text. Never throws: what is wrong is in `findings`.
 * @param file the name that findings carry
 */
export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const source = (offset: number): Source => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const findings = document.errors.map((error) =>
    finding(
      'yaml',
      source(error.pos[0]),
      `The YAML cannot be read (${reasons[error.code] ?? firstLine(error.message)}); correct the file`,
    ),
  );
  let data: unknown = null;
  if (findings.length === 0) {
    try {
      data = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      // The library throws at aliases that would unfold without end.
      findings.push(
        finding('yaml', source(0), `The YAML cannot be read (${firstLine(String((error as Error).message))}); correct the file`),
      );
    }
  }
  return {
    file,
    data,
    findings,
    place(path, offset) {
      const node = locate(document, path, true).value;
      return source((node?.range?.[0] ?? 0) + (offset === undefined ? 0 : offset + quoteWidth(node)));
    },
    keyPlace(path) {
      const found = locate(document, path, false);
      return source(found.key?.range?.[0] ?? locate(document, path, true).value?.range?.[0] ?? 0);
    },
    written(path) {
      const node = locate(document, path, false).value;
      return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
  };
}

/** Where the library's own words speak to programmers. */
const reasons: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'another document begins here, and a file holds one',
  DUPLICATE_KEY: 'this key stands here a second time',
};

interface Located {
  readonly key?: Node | undefined;
  readonly value?: Node | undefined;
}

/** The node at a path; `nearest`: where the path breaks off, the last node on it. */
function locate(document: Document.Parsed, path: YamlPath, nearest: boolean): Located {
  let found: Located = { value: document.contents ?? undefined };
  for (const step of path) {
    const at = isAlias(found.value) ? found.value.resolve(document) : found.value;
    const next = child(at, step);
    if (!next?.value) return nearest ? found : {};
    found = next;
  }
  return found;
}

function child(node: Node | undefined, step: string | number): Located | undefined {
  if (isSeq(node)) return { value: node.items[Number(step)] as Node | undefined };
  if (!isMap(node)) return undefined;
  const pair = (node.items as Pair<Node, Node | null>[]).find(
    (item) => isScalar(item.key) && String(item.key.value) === String(step),
  );
  return pair && { key: pair.key, value: pair.value ?? pair.key };
}

function quoteWidth(node: Node | undefined): number {
  return isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? 1 : 0;
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/[.:]$/, '');
}
