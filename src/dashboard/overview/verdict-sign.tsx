import type { Verdict } from '../lib/types.ts';

const paths: Record<Verdict['level'], string> = { well: 'M9 16.5l5 5 9.5-11', watch: 'M16 9v7l5 3', act: 'M16 8.5v9M16 22.6v.4' };

export function VerdictSign({ level }: { readonly level: Verdict['level'] }) {
  return (
    <svg viewBox="0 0 32 32" width="40" height="40" aria-hidden="true">
      <circle cx="16" cy="16" r="15" fill="currentColor" />
      <path d={paths[level]} fill="none" stroke="var(--weir-card)" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
