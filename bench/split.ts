/** The plain reference: a lazy parser by `split`, as one would write it in an hour. It knows MSH's numbering and the standard escapes. */
import type { Place } from './readers.ts';

const escapes: Readonly<Record<string, string>> = { F: '|', S: '^', T: '&', R: '~', E: '\\' };

/** Parses a message with the recommended delimiters and reads the first repetition's component at each place. */
export function splitRead(text: string, places: readonly Place[]): string[] {
  const lines = text.split('\r');
  const segments = new Map<string, string[]>();
  return places.map(([name, field, component]) => {
    let fields = segments.get(name);
    if (fields === undefined) {
      fields = lines.find((line) => line.startsWith(name))?.split('|') ?? [];
      // MSH-1 is the separator itself.
      if (name === 'MSH') fields.splice(1, 0, '|');
      segments.set(name, fields);
    }
    const value = fields[field]?.split('~')[0]?.split('^')[component - 1] ?? '';
    return value.includes('\\') ? value.replace(/\\([FSTRE])\\/g, (_, letter: string) => escapes[letter] ?? '') : value;
  });
}
