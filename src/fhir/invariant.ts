import type { Node, Scope } from './issue.ts';

/** A constraint of the standard: what it demands, in a sentence, and whether an element meets it. */
export interface Invariant {
  readonly says: string;
  readonly holds: (node: Node, scope: Scope) => boolean;
}

export function rule(says: string, holds: (node: Node, scope: Scope) => boolean): Invariant {
  return { says, holds };
}
