import { VisuallyHidden } from '@mantine/core';
import { stateSentence } from '../lib/sentence.ts';
import type { Message } from '../lib/types.ts';
import classes from './state-sentence.module.css';

export function StateSentence({ message }: { readonly message: Message }) {
  const { text, tone } = stateSentence(message);
  return (
    <>
      <p className={classes.sentence} data-tone={tone}>
        {text.endsWith('.') ? text : `${text}.`}
      </p>
      {/* Read out when the state changes, not with every second that the next attempt comes nearer. */}
      <VisuallyHidden role="status">{`The message is ${message.state}`}</VisuallyHidden>
    </>
  );
}
