import { useState } from 'react';
import { count } from '../lib/format.ts';
import { hexLines } from '../lib/trouble.ts';
import classes from './trouble.module.css';

const most = 4096;

/** Bytes in hexadecimal and as text. Many are cut until they are asked for. */
export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const [whole, setWhole] = useState(false);
  return (
    <div className={classes.hex}>
      <section aria-label="Bytes, hexadecimal and as text" className={classes.scroll}>
        {hexLines(whole ? bytes : bytes.subarray(0, most)).map(({ offset, hex, text }) => (
          <div key={offset} className={classes.line}>
            <span className={classes.offset}>{offset}</span>
            <span className={classes.codes}>{hex}</span>
            <span>{text}</span>
          </div>
        ))}
      </section>
      {bytes.length > most && (
        <button type="button" className={classes.toggle} aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : `Show all ${count(bytes.length)} bytes`}
        </button>
      )}
    </div>
  );
}
