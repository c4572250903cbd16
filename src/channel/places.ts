import type { Source } from '../map/mapping.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

/** Where the parts of what was read from YAML stand. Kept beside the data, so that the data stays plain. */
export class Places {
  readonly #known = new WeakMap<object, { yaml: YamlFile; path: YamlPath }>();

  /** Remembers that `node` was read at `path`; gives it back. */
  keep<T extends object>(node: T, yaml: YamlFile, path: YamlPath): T {
    this.#known.set(node, { yaml, path });
    return node;
  }

  /** `copy` stands where `original` was read. */
  copy(original: object, copy: object): void {
    const known = this.#known.get(original);
    if (known) this.#known.set(copy, known);
  }

  /** The place of a value below `node`; `offset` counts characters into a one-line text. */
  of(node: { readonly source: Source }, below: YamlPath | string = [], offset?: number): Source {
    const known = this.#known.get(node);
    if (!known) return node.source;
    return known.yaml.place([...known.path, ...(typeof below === 'string' ? [below] : below)], offset);
  }

  /** The text that is written below `node`; undefined where that is no text. */
  text(node: { readonly source: Source }, key: string): string | undefined {
    const known = this.#known.get(node);
    return known?.yaml.written([...known.path, key]);
  }
}
