import type { MessageState } from '../lib/types.ts';
import classes from './state-badge.module.css';

/** A sign beside the word, so that no state is told by its colour alone. */
const signs: Record<MessageState, string> = {
  delivered: 'M4 10.5l4 4 8-9',
  filtered: 'M3 5h14l-5.5 6.5V16l-3 1v-5.5z',
  waiting: 'M10 2.5a7.5 7.5 0 1 0 .01 0M10 6.5V10l2.5 2',
  parked: 'M10 4v8M10 15.2v.3',
  refused: 'M5 5l10 10M15 5L5 15',
  duplicate: 'M3.5 7.5h9v9h-9zM8 4h8.5v8.5',
};

export function StateBadge({ state }: { readonly state: MessageState }) {
  return (
    <span className={classes.badge} data-state={state}>
      <svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">
        <path d={signs[state]} fill="none" stroke="currentColor" strokeWidth="2.3" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      {state}
    </span>
  );
}
