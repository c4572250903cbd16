import type { Delivery, Explained } from '../lib/types.ts';
import { RawText } from './raw-text.tsx';
import classes from './sent-messages.module.css';

interface SentMessagesProps {
  readonly sent: readonly Delivery[];
  readonly edits: Explained['edits'];
}

/** The message as each destination that takes messages gets it, and what its edits change. */
export function SentMessages({ sent, edits }: SentMessagesProps) {
  return sent.map(({ destination, sent: text }) => {
    const changes = edits.find((one) => one.destination === destination)?.changes ?? [];
    return (
      <section key={destination} className={classes.destination} aria-label={`Message for ${destination}`}>
        <h3 className={classes.head}>{destination}</h3>
        {changes.length === 0 ? (
          <p className={classes.what}>As received: today's edits change nothing in it.</p>
        ) : (
          <ul className={classes.changes} aria-label="What today's edits change">
            {changes.map(({ step, kind, path }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a change's place is its identity
              <li key={index}>
                <code>{path}</code> {kind} <span className={classes.step}>{step}</span>
              </li>
            ))}
          </ul>
        )}
        <RawText text={text ?? ''} label={`The message as sent to ${destination}`} />
      </section>
    );
  });
}
