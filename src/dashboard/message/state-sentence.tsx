import { stateSentence } from '../lib/sentence.ts';
import type { Message } from '../lib/types.ts';
import classes from './state-sentence.module.css';

export function StateSentence({ message }: { readonly message: Message }) {
  const { text, tone } = stateSentence(message);
  return (
    <p className={classes.sentence} data-tone={tone} role="status">
      {text.endsWith('.') ? text : `${text}.`}
    </p>
  );
}
