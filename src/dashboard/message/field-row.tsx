// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import type { ExplainedField } from '../lib/types.ts';
import { LongText } from '../parts/long-text.tsx';
import classes from './fields-table.module.css';

/** One populated field: its value, where it went and by which row, or why nowhere. */
export function FieldRow({ field }: { readonly field: ExplainedField }) {
  const { path, value, state, rows, why, to } = field;
  return (
    <tr role="row" data-state={state}>
      <th role="rowheader" scope="row">
        {path}
      </th>
      <td role="cell" className={classes.value}>
        <LongText value={value} />
      </td>
      <td role="cell" className={classes.went}>
        {state !== 'mapped' && <span className={classes.state}>{state}</span>}
        {state === 'mapped' ? to.join(', ') || 'mapped' : (why ?? '')}
      </td>
      <td role="cell" className={classes.rows}>
        {rows.join(' › ')}
      </td>
    </tr>
  );
}
