// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as blocks, on a narrow screen, loses its roles unless they are written
import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { count } from '../lib/format.ts';
import type { ExplainedField } from '../lib/types.ts';
import { FieldRow } from './field-row.tsx';
import classes from './fields-table.module.css';

const first = 200;
const kinds = ['dropped', 'mapped', 'skipped'] as const;
type Kind = (typeof kinds)[number];

/** What today's mapping does with each populated field: where it goes by which row, or why it goes nowhere. */
export function FieldsTable({ fields }: { readonly fields: readonly ExplainedField[] }) {
  const [kind, setKind] = useState<Kind | 'all'>('all');
  const [shown, setShown] = useState(first);
  const chosen = kind === 'all' ? fields : fields.filter((field) => field.state === kind);
  const number = (of: Kind) => fields.filter((field) => field.state === of).length;
  return (
    <>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label="Which fields"
          value={kind}
          onChange={(value) => setKind(value as Kind | 'all')}
          data={[
            { value: 'all', label: `All ${count(fields.length)}` },
            ...kinds.map((of) => ({ value: of, label: `${of} ${count(number(of))}` })),
          ]}
        />
      </div>
      <table role="table" className={classes.table} aria-label="Fields">
        <thead role="rowgroup">
          <tr role="row">
            {['Field', 'Value', 'Went to', 'By row'].map((title) => (
              <th role="columnheader" scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {chosen.slice(0, shown).map((field, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a path may be listed more than once
            <FieldRow key={index} field={field} />
          ))}
        </tbody>
      </table>
      {chosen.length > shown && (
        <div className={classes.tools}>
          <Button variant="default" onClick={() => setShown(shown + 1000)}>
            Show more of {count(chosen.length)} fields
          </Button>
        </div>
      )}
    </>
  );
}
