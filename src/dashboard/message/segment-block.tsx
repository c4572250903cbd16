import { memo } from 'react';
import type { Field, Segment } from '../lib/types.ts';
import { FieldValue } from './field-value.tsx';
import classes from './segments.module.css';

interface SegmentBlockProps {
  readonly segment: Segment;
  /** 0 where it is the only one of its name. */
  readonly occurrence: number;
  /** The first of the message: its first value takes the focus by Tab. */
  readonly first: boolean;
}

/** A segment: its name, and its populated fields in a grid. Drawn once: a message never changes. */
export const SegmentBlock = memo(
  function SegmentBlock({ segment, occurrence, first }: SegmentBlockProps) {
    return (
      <section className={classes.segment} aria-label={`${segment.name}${occurrence === 0 ? '' : ` ${occurrence}`}`}>
        <h3 className={classes.name}>
          {segment.name}
          {occurrence !== 0 && <span className={classes.occurrence}>{occurrence}</span>}
        </h3>
        <dl className={classes.fields}>
          {segment.fields.map((field, index) => (
            <div key={field.position} className={classes.field} data-width={width(field)}>
              <dt>{field.position}</dt>
              <dd>
                <FieldValue field={field} occurrence={occurrence} first={first && index === 0} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
    );
  },
  (before, after) => before.first === after.first && before.occurrence === after.occurrence && before.segment === after.segment,
);

/** How many columns of the grid a field takes, by its longest repetition. */
function width(field: Field): '1' | '2' | '3' | 'all' {
  const lengths = field.repetitions.map((components) => components.reduce((sum, parts) => sum + parts.join('&').length + 1, 0));
  const longest = Math.max(...lengths);
  if (longest > 60) return 'all';
  if (longest > 30) return '3';
  return longest > 12 ? '2' : '1';
}
