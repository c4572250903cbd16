// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import { ago, count, span } from '../lib/format.ts';
import { Link, overviewAddress, troublesAddress } from '../lib/router.tsx';
import type { Channel, MessageState } from '../lib/types.ts';
import classes from './channel-table.module.css';

/** One channel: a figure leads to the messages it counts. */
export function ChannelRow({ channel, now }: { readonly channel: Channel; readonly now: string }) {
  const { name, oldestWaiting, lastHeard } = channel;
  const age = oldestWaiting === null ? 0 : Date.parse(now) - Date.parse(oldestWaiting);
  return (
    <tr role="row">
      <th role="rowheader" scope="row" className={classes.channel}>
        <Link href={overviewAddress({ channel: name })} className={classes.name}>
          {name}
        </Link>
        <span className={classes.description}>{channel.running ? channel.description : 'no longer configured'}</span>
        {channel.destinations.length > 0 && (
          <span className={classes.description}>to {channel.destinations.map((destination) => destination.name).join(', ')}</span>
        )}
      </th>
      <Cell title="Port" alarm={channel.tls !== null && channel.tls.problem !== null}>
        {channel.port ?? '–'}
        {channel.tls !== null && ' TLS'}
      </Cell>
      <Figure channel={name} title="Received" value={channel.received} />
      <Figure channel={name} title="Delivered" value={channel.delivered} state="delivered" />
      <Figure channel={name} title="Filtered" value={channel.filtered} state="filtered" />
      <Figure channel={name} title="Waiting" value={channel.waiting} state="waiting" />
      <Figure channel={name} title="Parked" value={channel.parked} state="parked" alarm />
      <Figure channel={name} title="Refused" value={channel.refused} state="refused" />
      <Cell title="Wire trouble">
        <TroubleFigure channel={channel} />
      </Cell>
      <Cell title="Oldest waits" alarm={age > 60_000}>
        {oldestWaiting === null ? '–' : span(age)}
      </Cell>
      <Cell title="Last heard">{lastHeard === null ? 'never' : ago(lastHeard, now)}</Cell>
    </tr>
  );
}

/** What came and was no message: the count leads to it. */
function TroubleFigure({ channel: { name, troubles } }: { readonly channel: Channel }) {
  const sum = troubles.reduce((total, { count: times }) => total + times, 0);
  if (sum === 0) return <span className={classes.none}>0</span>;
  return (
    <Link href={troublesAddress({ channel: name })} aria-label={`${count(sum)} times trouble on the wire of ${name}`}>
      {count(sum)}
    </Link>
  );
}

interface CellProps {
  readonly title: string;
  readonly alarm?: boolean;
  readonly children: React.ReactNode;
}

function Cell({ title, alarm = false, children }: CellProps) {
  return (
    <td role="cell" data-title={title} data-alarm={alarm}>
      {children}
    </td>
  );
}

interface FigureProps {
  readonly channel: string;
  readonly title: string;
  readonly value: number;
  readonly state?: MessageState;
  readonly alarm?: boolean;
}

function Figure({ channel, title, value, state, alarm = false }: FigureProps) {
  return (
    <Cell title={title} alarm={alarm && value > 0}>
      {value === 0 || state === undefined ? (
        <span className={value === 0 ? classes.none : undefined}>{count(value)}</span>
      ) : (
        <Link href={overviewAddress({ channel, state })} aria-label={`${count(value)} ${state} of ${channel}`}>
          {count(value)}
        </Link>
      )}
    </Cell>
  );
}
