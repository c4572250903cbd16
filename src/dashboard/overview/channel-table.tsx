// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import type { Channel } from '../lib/types.ts';
import { Card } from '../parts/card.tsx';
import { ChannelRow } from './channel-row.tsx';
import classes from './channel-table.module.css';

interface ChannelTableProps {
  readonly channels: readonly Channel[];
  readonly now: string;
  /** Whether the figures are old because the engine does not answer. */
  readonly stale: boolean;
}

/** Every channel in a line. On a narrow screen a line becomes a block; the roles keep it a table for those who listen to it. */
export function ChannelTable({ channels, now, stale }: ChannelTableProps) {
  return (
    <Card title="Channels">
      <table role="table" className={classes.table} data-stale={stale} aria-label="Channels">
        <thead role="rowgroup">
          <tr role="row">
            {[
              'Channel',
              'Port',
              'Received',
              'Delivered',
              'Filtered',
              'Waiting',
              'Parked',
              'Refused',
              'Wire trouble',
              'Oldest waits',
              'Last heard',
            ].map((title) => (
              <th role="columnheader" scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {channels.map((channel) => (
            <ChannelRow key={channel.name} channel={channel} now={now} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}
