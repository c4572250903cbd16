/** Edits of a message as data: what `channel/` reads from YAML and `compileEdits` turns into functions. docs/routing-v2.md describes them. */
import type { Condition } from '../hl7/condition.ts';
import type { Source } from './mapping.ts';

/** What a code becomes: by a vocabulary map of mappings/vocab, or by a table of the channel's own. */
export type EditTable =
  | { readonly kind: 'vocab'; readonly vocab: string }
  | { readonly kind: 'table'; readonly codes: Readonly<Record<string, string>> };

/** What becomes of a code that the table does not have. */
export type Unlisted = 'keep' | 'empty' | 'park';

export type EditStep = {
  /** Null: always. */
  readonly when: Condition | null;
  /** The condition as written. */
  readonly text: string;
  readonly source: Source;
} & (
  | { readonly kind: 'set'; readonly value: string; readonly to: string }
  | { readonly kind: 'copy'; readonly from: string; readonly to: string }
  | {
      readonly kind: 'translate';
      readonly from: string;
      readonly to: string;
      readonly by: EditTable;
      readonly unlisted: Unlisted;
    }
  | { readonly kind: 'remove'; readonly paths: readonly string[] }
  | {
      readonly kind: 'add';
      readonly segment: string;
      /** By `3` or `3.1`; texts as in `set`. */
      readonly fields: Readonly<Record<string, string>>;
      /** Null: the last. */
      readonly beside: { readonly at: 'after' | 'before'; readonly segment: string } | null;
    }
);
