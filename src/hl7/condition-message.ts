/** Conditions over a message, as routes and profiles have them. */
import type { Condition } from './condition.ts';
import { compileCondition } from './condition-compile.ts';
import type { Message, Segment } from './message.ts';
import { parsePath } from './path.ts';
import type { Path } from './types.ts';

interface Scope {
  readonly message: Message;
  readonly own: Segment | null;
}

/**
 * Whether a condition holds for a message. `own`: a segment of it that paths with its name and without `[n]` are read from, `OBX-2 = "NM"` of this
 * very OBX.
 * @throws WeirError `hl7-bad-path` for a path that the lints would have found
 */
export function messageCondition(condition: Condition): (message: Message, own?: Segment) => boolean {
  const holds = compileCondition<Scope>(condition, reader, ({ message }) => [message.type, message.event]);
  return (message, own) => holds({ message, own: own ?? null });
}

/**
 * All valued values in the message at a path; one without `[n]` means every segment of the name and every repetition. Of a value with
 * components it is the first, the code of a CWE, as in mappings: `PV1-2 = "P"` holds for `P^Preadmit`.
 */
function reader(text: string): (scope: Scope) => readonly string[] {
  const path = parsePath(text);
  const [name = '', rest = ''] = text.split('-');
  const occurrence = name.includes('[') ? path.occurrence : 0;
  const repetition = rest.includes('[') ? path.repetition : 0;
  return ({ message, own }) => {
    const values: string[] = [];
    let nth = 0;
    const segments = occurrence === 0 && own?.name === path.segment ? [own] : message.segments;
    for (const segment of segments) {
      if (segment.name !== path.segment) continue;
      nth += 1;
      if (occurrence !== 0 && nth !== occurrence) continue;
      if (path.field === 0) values.push(segment.text);
      else addCodes(segment, path, repetition, values);
    }
    return values;
  };
}

function addCodes(segment: Segment, { field, component, subcomponent }: Path, repetition: number, values: string[]): void {
  const last = repetition === 0 ? segment.count(field) : repetition;
  for (let at = repetition === 0 ? 1 : repetition; at <= last; at += 1) {
    const code = segment.value(field, at, component || 1, subcomponent || 1);
    // Without a first component the value as a whole is at least valued.
    const value = code === '' ? segment.value(field, at, component, subcomponent) : code;
    if (value !== '') values.push(value);
  }
}
