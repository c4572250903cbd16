import type { SiteFunction } from '../types.ts';

/** The number on a badge: "B-00123-X" is 123. */
export const badgeNumber: SiteFunction = ({ text }) => /^B-0*(\d+)-\w$/.exec(text)?.[1] ?? null;
