/**
 * Whether a message conforms: to the standard of its own version (structure, required fields, repetitions, lengths, datatypes, tables) and to a site's
 * profile. A deviation is told, never mended. Pure.
 */
import type { Message } from '../message.ts';
import { compileProfile } from './check-profile.ts';
import { checkFields } from './fields.ts';
import { type ConformanceFinding, Notebook } from './finding.ts';
import type { Profile } from './profile.ts';
import { checkStructure, structured } from './structure.ts';

export type { ConformanceFinding, ConformanceSeverity } from './finding.ts';

export interface ConformanceOptions {
  /** Whether the standard is checked beside the profile. */
  readonly standard: boolean;
  readonly profile: Profile | null;
}

/** Gives every deviation, the gravest first and then in the order of the message; at most a thousand. Never throws for what a message holds. */
export type ConformanceCheck = (message: Message) => ConformanceFinding[];

/** Prepares a check: once where many messages are checked. */
export function compileConformance({ standard, profile }: ConformanceOptions): ConformanceCheck {
  const checkProfile = profile && compileProfile(profile);
  return (message) => {
    const notes = new Notebook(message.segments);
    const found = structured(message);
    if (standard) {
      checkStructure(message, found, notes);
      checkFields(message, message.version, notes);
    }
    checkProfile?.(message, found, notes);
    return notes.findings.sort((a, b) => grave[a.severity] - grave[b.severity]);
  };
}

const grave = { error: 0, warning: 1, information: 2 };
