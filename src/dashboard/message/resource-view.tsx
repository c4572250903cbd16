import classes from './bundle.module.css';
import { JsonView } from './json-view.tsx';

interface ResourceViewProps {
  readonly title: string;
  /** `PUT Patient?identifier=…` */
  readonly request: string;
  readonly json: unknown;
  readonly open: boolean;
}

/** One resource: its type and request, and its JSON to open and close. */
export function ResourceView({ title, request, json, open }: ResourceViewProps) {
  return (
    <details className={classes.resource} open={open}>
      <summary className={classes.summary}>
        <span className={classes.type}>{title}</span>
        <code className={classes.request}>{request}</code>
      </summary>
      <JsonView json={json} />
    </details>
  );
}
