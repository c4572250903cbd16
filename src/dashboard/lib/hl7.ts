/** What is known of v2 text where it is shown: positions, and the formatting commands that a parser leaves in place. Pure. */
import type { Segment } from './types.ts';

/** `PID-5.1`, `PID-3[2].4.2`, `OBX[3]-5`: each part is named only where it tells something apart. */
export function position(
  field: string,
  place: { readonly occurrence: number; readonly repetition: number; readonly component: number; readonly subcomponent: number },
): string {
  const [name, number] = field.split('-') as [string, string];
  const index = (value: number) => (value === 0 ? '' : `[${value}]`);
  const part = (value: number) => (value === 0 ? '' : `.${value}`);
  return `${name}${index(place.occurrence)}-${number}${index(place.repetition)}${part(place.component)}${part(place.subcomponent)}`;
}

/** For each segment, its occurrence among those of its name; 0 where it is the only one. */
export function occurrences(segments: readonly Segment[]): number[] {
  const totals = new Map<string, number>();
  for (const { name } of segments) totals.set(name, (totals.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return segments.map(({ name }) => {
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    return totals.get(name) === 1 ? 0 : occurrence;
  });
}

export interface Run {
  readonly text: string;
  readonly highlighted: boolean;
}

/**
 * A value as it is meant to look (HL7 2.9, 2.7.6): `\.br\` and `\.sp\` are line breaks, `\H\` to `\N\` is highlighted, `\.in\`, `\.ti\`, `\.ce\`,
 * `\.fi\` and `\.nf\` only lay out and are left out. Any other escape stays as sent.
 */
export function runs(value: string): Run[] {
  const found: Run[] = [];
  let highlighted = false;
  let text = '';
  const close = () => {
    if (text !== '') found.push({ text, highlighted });
    text = '';
  };
  for (const piece of value.split(/(\\(?:H|N|\.(?:br|sp|in|ti|ce|fi|nf|sk)[+-]?[0-9]*)\\)/)) {
    const command = /^\\(H|N|\.(br|sp|in|ti|ce|fi|nf|sk)([+-]?[0-9]*))\\$/.exec(piece);
    if (command === null) text += piece;
    else if (command[1] === 'H' || command[1] === 'N') {
      close();
      highlighted = command[1] === 'H';
    } else if (command[2] === 'br' || command[2] === 'ce') text += '\n';
    else if (command[2] === 'sp') text += '\n'.repeat(Math.min(20, Number(command[3] || 1)));
    else if (command[2] === 'sk') text += ' '.repeat(Math.min(80, Number(command[3] || 1)));
  }
  close();
  return found;
}
