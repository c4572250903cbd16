/** Paths of `edit:` steps. A step with `OBX[*]` is done for each OBX, and `OBX` in it then means the one in hand. */
import { parsePath } from '../hl7/path.ts';
import type { EditStep } from './edits.ts';

/** The segment in hand: the nth of its name. */
export interface Focus {
  readonly name: string;
  readonly occurrence: number;
}

/** A path with the segment in hand put in. */
export type AimedPath = (focus: Focus | null) => string;

/** The name of the segments that a step is done for, one after the other; null where it is done once. */
export function focusOf(step: EditStep): string | null {
  const [path = ''] = pathsWritten(step).filter((written) => /^...\[\*\]/.test(written));
  return path === '' ? null : path.slice(0, 3);
}

/** The paths by which a step says where it works. */
export function pathsWritten(step: EditStep): readonly string[] {
  switch (step.kind) {
    case 'set':
    case 'copy':
    case 'translate':
      return [step.to];
    case 'remove':
      return step.paths;
    case 'add':
      return step.beside === null ? [] : [step.beside.segment];
  }
}

/**
 * Compiles a path.
 * @param all a segment without a number means all of its name: what is removed
 * @throws WeirError `hl7-bad-path`
 */
export function aim(text: string, all = false): AimedPath {
  const { segment, field } = parsePath(text);
  const [, index = '', rest = ''] = /^...(\[[^\]]*\])?(.*)$/.exec(text) ?? [];
  const alone = all && field === 0 && index === '' ? `${segment}[*]` : text;
  if (index !== '' && index !== '[*]') return () => text;
  return (focus) => (focus !== null && focus.name === segment ? `${segment}[${focus.occurrence}]${rest}` : alone);
}
