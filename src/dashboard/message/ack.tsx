import { ackSentence } from '../lib/sentence.ts';
import type { Message } from '../lib/types.ts';
import classes from './bundle.module.css';
import { RawText } from './raw-text.tsx';

/** What the sender was answered. */
export function Ack({ message }: { readonly message: Message }) {
  return (
    <>
      <p className={classes.what}>{ackSentence(message)}.</p>
      {message.ackText !== null && <RawText text={message.ackText} label="The ACK" />}
    </>
  );
}
