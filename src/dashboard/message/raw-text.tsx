import { useState } from 'react';
import { count } from '../lib/format.ts';
import classes from './raw-text.module.css';

const most = 20_000;

/** Text as it is, a segment a line. A long one is cut until it is asked for. */
export function RawText({ text, label }: { readonly text: string; readonly label: string }) {
  const [whole, setWhole] = useState(false);
  const lines = (whole ? text : text.slice(0, most)).trimEnd().split('\n');
  return (
    <section className={classes.raw} aria-label={label}>
      <ol className={classes.lines}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line's place is its identity
          <li key={index}>{line}</li>
        ))}
      </ol>
      {text.length > most && (
        <button type="button" className={classes.toggle} aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : `Show all ${count(text.length)} characters`}
        </button>
      )}
    </section>
  );
}
