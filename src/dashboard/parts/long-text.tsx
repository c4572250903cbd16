import { useState } from 'react';
import { count } from '../lib/format.ts';
import { runs } from '../lib/hl7.ts';
import classes from './long-text.module.css';

const most = 400;
/** So much of a long value is shown before it is opened. */
const head = 240;

/** A value with its line breaks and highlights; a long one is cut until it is asked for. */
export function LongText({ value }: { readonly value: string }) {
  const [whole, setWhole] = useState(false);
  if (value.length <= most) return <Formatted value={value} />;
  return (
    <span data-long className={whole ? classes.whole : undefined}>
      <Formatted value={whole ? value : `${value.slice(0, head)}…`} />
      <button type="button" className={classes.toggle} aria-expanded={whole} onClick={() => setWhole(!whole)}>
        {whole ? 'Show less' : `Show all ${count(value.length)} characters`}
      </button>
    </span>
  );
}

function Formatted({ value }: { readonly value: string }) {
  // Most values hold no escape: they need no runs.
  if (!value.includes('\\')) return <span className={classes.text}>{value}</span>;
  return (
    <span className={classes.text}>
      {runs(value).map(({ text, highlighted }, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: runs are told apart by their place
        highlighted ? <mark key={index}>{text}</mark> : text,
      )}
    </span>
  );
}
