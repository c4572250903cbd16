/** `set` and `fields` of `edit:` steps: texts in which `{PATH}` stands for a value of the message, and `{{` for a brace. */
import type { Message } from '../hl7/message.ts';
import { type AimedPath, aim, type Focus } from './edit-path.ts';

/** The text; null where one of its paths is empty. */
export type Template = (message: Message, focus: Focus | null) => string | null;

/** Throws `hl7-bad-path`. */
export function compileTemplate(text: string): Template {
  const pieces = text.split(/(\{\{|\{[^{}]*\})/).map((piece): string | AimedPath => {
    if (piece === '{{') return '{';
    return piece.startsWith('{') && piece.endsWith('}') ? aim(piece.slice(1, -1)) : piece;
  });
  return (message, focus) => {
    let filled = '';
    for (const piece of pieces) {
      const value = typeof piece === 'string' ? piece : message.get(piece(focus));
      if (value === null) return null;
      filled += value;
    }
    return filled;
  };
}
