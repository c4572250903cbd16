import { Fragment } from 'react';
import { position } from '../lib/hl7.ts';
import type { Field } from '../lib/types.ts';
import { LongText } from '../parts/long-text.tsx';
import classes from './segments.module.css';

interface FieldValueProps {
  readonly field: Field;
  readonly occurrence: number;
  readonly first: boolean;
}

/* biome-ignore-start lint/suspicious/noArrayIndexKey: repetitions and parts are told apart by their place, which is their meaning */

/** A field's value: a repetition a line, its components apart from each other, each with its position. */
export function FieldValue({ field, occurrence, first }: FieldValueProps) {
  const many = field.repetitions.length > 1;
  let tabbed = !first;
  return field.repetitions.map((components, r) => (
    <div key={r} className={classes.repetition}>
      {components.map((subcomponents, c) => (
        <Fragment key={c}>
          {c > 0 && <span className={classes.delimiter}>^</span>}
          {subcomponents.map((value, s) => {
            if (value === '') return s === 0 ? null : <Delimiter key={s} />;
            const place = {
              occurrence,
              repetition: many ? r + 1 : 0,
              component: components.length > 1 || subcomponents.length > 1 ? c + 1 : 0,
              subcomponent: subcomponents.length > 1 ? s + 1 : 0,
            };
            const at = position(field.position, place);
            const stop = tabbed ? -1 : 0;
            tabbed = true;
            return (
              <Fragment key={s}>
                {s > 0 && <Delimiter />}
                <span className={classes.value} data-position={at} title={at} tabIndex={stop}>
                  <LongText value={value} />
                </span>
              </Fragment>
            );
          })}
        </Fragment>
      ))}
    </div>
  ));
}

/* biome-ignore-end lint/suspicious/noArrayIndexKey: see above */

function Delimiter() {
  return <span className={classes.delimiter}>&amp;</span>;
}
