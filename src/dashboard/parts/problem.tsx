import classes from './problem.module.css';

/** A sentence on what could not be done: what happened, what to do next. */
export function Problem({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  return (
    <p role="alert" className={classes.problem}>
      {error.message}.
    </p>
  );
}
