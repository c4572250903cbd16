import { clock } from '../lib/format.ts';

/** A time of day in the reader's zone; the whole of it, with its zone, on hover. */
export function Time({ time, now }: { readonly time: string; readonly now: string }) {
  return (
    <time dateTime={time} title={new Date(time).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'long' })}>
      {clock(time, now)}
    </time>
  );
}
