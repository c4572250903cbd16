import { type ReactNode, useId } from 'react';
import classes from './card.module.css';

interface CardProps {
  readonly title: string;
  /** Beside the title: filters, buttons. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** A part of the page with a heading: a landmark of its own. */
export function Card({ title, tools, children }: CardProps) {
  const id = useId();
  return (
    <section className={classes.card} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {tools}
      </div>
      {children}
    </section>
  );
}
