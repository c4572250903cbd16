import { ackSentence, replySentence } from '../lib/sentence.ts';
import type { Message } from '../lib/types.ts';
import classes from './bundle.module.css';
import { RawText } from './raw-text.tsx';

/** What the sender was answered: when the message was stored, and when it was known what became of it. */
export function Ack({ message }: { readonly message: Message }) {
  const reply = replySentence(message);
  return (
    <>
      <p className={classes.what}>{ackSentence(message)}.</p>
      {message.ackText !== null && <RawText text={message.ackText} label="The ACK" />}
      {reply !== null && <p className={classes.what}>{reply}.</p>}
      {message.reply !== null && message.reply.text !== null && <RawText text={message.reply.text} label="The application ACK" />}
      {message.conflict !== null && (
        <p className={classes.what}>
          Another message came before with the same control id and other content: number {message.conflict}.
        </p>
      )}
    </>
  );
}
