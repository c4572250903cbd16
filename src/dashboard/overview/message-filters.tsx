import { NativeSelect } from '@mantine/core';
import type { Choice } from '../lib/api.ts';
import { go, overviewAddress } from '../lib/router.tsx';
import { type Channel, states } from '../lib/types.ts';
import classes from './message-filters.module.css';

interface MessageFiltersProps {
  readonly choice: Choice;
  readonly channels: readonly Channel[];
}

/** Channel and state. The choice stands in the address, so that it can be sent to a colleague. */
export function MessageFilters({ choice, channels }: MessageFiltersProps) {
  const { channel, state } = choice;
  const names = channels.map((line) => line.name);
  // A channel of the address that the engine does not know (any more) stays chosen, and can be left.
  const known = channel === null || names.includes(channel) ? names : [...names, channel];
  return (
    <div className={classes.filters}>
      <NativeSelect
        aria-label="Channel"
        value={channel ?? ''}
        data={[{ value: '', label: 'Every channel' }, ...known]}
        onChange={(event) => go(overviewAddress({ channel: event.currentTarget.value, state }))}
      />
      <NativeSelect
        aria-label="State"
        value={state ?? ''}
        data={[{ value: '', label: 'Every state' }, ...states]}
        onChange={(event) => go(overviewAddress({ channel, state: event.currentTarget.value }))}
      />
    </div>
  );
}
