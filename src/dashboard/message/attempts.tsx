import { until } from '../lib/format.ts';
import type { Delivery, Message } from '../lib/types.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { AttemptTable } from './attempt-table.tsx';
import classes from './attempts.module.css';

/** Each destination, and each time that it was tried. */
export function Attempts({ message }: { readonly message: Message }) {
  if (message.deliveries.length === 0) return <p className={classes.none}>Nothing was to be delivered.</p>;
  return message.deliveries.map((delivery) => (
    <DestinationAttempts key={delivery.destination} delivery={delivery} now={message.now} />
  ));
}

function DestinationAttempts({ delivery, now }: { readonly delivery: Delivery; readonly now: string }) {
  const { destination, state, cause, attempts, due } = delivery;
  return (
    <section className={classes.destination} aria-label={destination}>
      <h3 className={classes.head}>
        {destination} <StateBadge state={state} />
      </h3>
      {cause !== null && <p className={classes.cause}>{cause.text}.</p>}
      {due !== null && <p className={classes.cause}>The next attempt is due {until(due, now)}.</p>}
      {attempts.length === 0 ? (
        <p className={classes.cause}>It has not been tried yet.</p>
      ) : (
        <AttemptTable attempts={attempts} now={now} />
      )}
    </section>
  );
}
