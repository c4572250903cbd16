// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import { bytes } from '../lib/format.ts';
import { Link } from '../lib/router.tsx';
import { troubleWords } from '../lib/trouble.ts';
import type { TroubleLine } from '../lib/types.ts';
import classes from '../overview/message-table.module.css';
import { Time } from '../parts/time.tsx';

interface TroubleTableProps {
  readonly troubles: readonly TroubleLine[];
  readonly now: string;
  /** Whether these are still the lines of the choice before. */
  readonly faded: boolean;
}

/** One a line, without its bytes. The whole line leads to them. */
export function TroubleTable({ troubles, now, faded }: TroubleTableProps) {
  return (
    <table role="table" className={classes.table} data-faded={faded} aria-label="Trouble">
      <thead role="rowgroup">
        <tr role="row">
          {['When', 'What', 'From address', 'Channel', 'Size'].map((title) => (
            <th role="columnheader" scope="col" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {troubles.map((line) => (
          <tr role="row" key={line.id}>
            <td role="cell" className={classes.time}>
              <Time time={line.at} now={now} />
            </td>
            <td role="cell">
              <Link className={classes.link} href={`/troubles/${line.id}`}>
                {troubleWords(line).title}
              </Link>
            </td>
            <td role="cell" className={classes.sender}>
              {line.peer}
            </td>
            <td role="cell" className={classes.channel}>
              {line.channel}
            </td>
            <td role="cell" className={classes.time}>
              {bytes(line.size)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
