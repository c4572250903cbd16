// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import type { ConformanceFinding } from '../lib/types.ts';
import classes from './attempts.module.css';

/** Where the message is not what the standard, or the channel's profile, has. */
export function Findings({ findings }: { readonly findings: readonly ConformanceFinding[] }) {
  return (
    <section className={classes.destination} aria-label="Conformance">
      <table role="table" className={classes.table} aria-label="Findings">
        <thead role="rowgroup">
          <tr role="row">
            {['Place', 'How grave', 'Condition', 'What'].map((title) => (
              <th role="columnheader" scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {findings.map(({ location, severity, code, text }) => (
            <tr role="row" key={`${location} ${code} ${text}`}>
              <td role="cell">{location}</td>
              <td role="cell">{severity}</td>
              <td role="cell">{code}</td>
              <td role="cell" className={classes.outcome}>
                {text}.
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
