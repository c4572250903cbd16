// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import { answerSentence } from '../lib/sentence.ts';
import type { Delivery } from '../lib/types.ts';
import { Time } from '../parts/time.tsx';
import classes from './attempts.module.css';

interface AttemptTableProps {
  readonly attempts: Delivery['attempts'];
  readonly now: string;
}

/** Each time that a destination was tried, and what came of it. */
export function AttemptTable({ attempts, now }: AttemptTableProps) {
  return (
    <table role="table" className={classes.table} aria-label="Attempts">
      <thead role="rowgroup">
        <tr role="row">
          {['#', 'At', 'Answer', 'Took', 'Outcome'].map((title) => (
            <th role="columnheader" scope="col" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {attempts.map((attempt, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an attempt's number is its identity
          <tr role="row" key={index}>
            <td role="cell">{index + 1}</td>
            <td role="cell">
              <Time time={attempt.at} now={now} />
            </td>
            <td role="cell">{answerSentence(attempt)}</td>
            <td role="cell">{Math.round(attempt.milliseconds)} ms</td>
            <td role="cell" className={classes.outcome}>
              {attempt.error === null ? 'taken' : attempt.error.text}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
