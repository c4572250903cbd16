// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import { Link } from '../lib/router.tsx';
import type { MessageLine } from '../lib/types.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import classes from './message-table.module.css';

interface MessageTableProps {
  readonly messages: readonly MessageLine[];
  readonly now: string;
  /** Whether these are still the lines of the choice before. */
  readonly faded: boolean;
}

/** Messages, one a line, without content. The whole line leads to the message. */
export function MessageTable({ messages, now, faded }: MessageTableProps) {
  return (
    <table role="table" className={classes.table} data-faded={faded} aria-label="Messages">
      <thead role="rowgroup">
        <tr role="row">
          {['Received', 'Message', 'Control id', 'Channel', 'Sender', 'State'].map((title) => (
            <th role="columnheader" scope="col" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {messages.map((line) => (
          <tr role="row" key={line.id}>
            <td role="cell" className={classes.time}>
              <Time time={line.received} now={now} />
            </td>
            <td role="cell" className={classes.type}>
              <Link
                className={classes.link}
                href={`/messages/${line.id}`}
                aria-label={`${line.type || 'message'} ${line.controlId}, ${line.state}`}
              >
                {line.type || 'not a message'}
              </Link>
            </td>
            <td role="cell" className={classes.id}>
              {line.controlId}
            </td>
            <td role="cell" className={classes.channel}>
              {line.channel}
            </td>
            <td role="cell" className={classes.sender}>
              {line.sender}
            </td>
            <td role="cell" className={classes.state}>
              <StateBadge state={line.state} />
              {line.cause !== null && (
                <span className={classes.cause} title={line.cause.text}>
                  {whatHappened(line.cause.text)}
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The first half of a cause: what happened. What to do next stands on the message's own page. */
function whatHappened(text: string): string {
  return text.split(/[;(]/, 1)[0]?.trim() ?? text;
}
