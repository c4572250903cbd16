/**
 * The `when` language: conditions over a message, used by routes and mapping rows alike. Grammar in docs/mapping-language.md.
 */

/** A value that a condition compares: a path, a constant, or a measure of a path. */
export type Operand =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'length'; readonly path: string }
  | { readonly kind: 'count'; readonly path: string };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Condition[] }
  | { readonly kind: 'not'; readonly term: Condition }
  | { readonly kind: 'valued'; readonly path: string }
  | {
      readonly kind: 'compare';
      readonly left: Operand;
      readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
      readonly right: Operand;
    }
  | { readonly kind: 'in'; readonly left: Operand; readonly values: readonly string[] }
  /** `*` in the pattern stands for any text, also none. */
  | { readonly kind: 'like'; readonly left: Operand; readonly pattern: string }
  /** `ADT^A08`, `ADT^*`: the message's type and event (MSH-9.1, MSH-9.2). Routes only. */
  | { readonly kind: 'type'; readonly type: string; readonly event: string };
