import type { Choice } from '../lib/api.ts';
import { Link, overviewAddress } from '../lib/router.tsx';
import classes from './empty.module.css';

/** What stands in place of a list that is empty: why, and the next thing to do. */
export function Empty({ choice }: { readonly choice: Choice }) {
  if (choice.before !== null)
    return (
      <p className={classes.empty}>
        There are no older messages. <Link href={overviewAddress({ ...choice, before: null })}>Show the newest</Link>
      </p>
    );
  if (choice.channel !== null || choice.state !== null)
    return (
      <p className={classes.empty}>
        No message {choice.state !== null && `is ${choice.state === 'duplicate' ? 'a duplicate' : choice.state}`}
        {choice.channel !== null && ` in ${choice.channel}`}. <Link href="/">Show all messages</Link>
      </p>
    );
  return (
    <div className={classes.empty}>
      <p>No message has come yet. Send one:</p>
      <pre className={classes.command}>npx weir send test/fixtures/adt-a01.hl7</pre>
    </div>
  );
}
