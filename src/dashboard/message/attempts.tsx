import { clock, span } from '../lib/format.ts';
import type { Delivery, Message } from '../lib/types.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
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
      {due !== null && (
        <p className={classes.cause}>
          The next attempt is due at {clock(due, now)}, in {span(Math.max(0, Date.parse(due) - Date.parse(now)))}.
        </p>
      )}
      {attempts.length === 0 ? (
        <p className={classes.cause}>It has not been tried yet.</p>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">At</th>
              <th scope="col">Answer</th>
              <th scope="col">Took</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt, index) => (
              <tr key={attempt.at}>
                <td>{index + 1}</td>
                <td>
                  <Time time={attempt.at} now={now} />
                </td>
                <td>{attempt.status === null ? 'none' : `HTTP ${attempt.status}`}</td>
                <td>{Math.round(attempt.milliseconds)} ms</td>
                <td className={classes.outcome}>{attempt.error === null ? 'taken' : attempt.error.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
