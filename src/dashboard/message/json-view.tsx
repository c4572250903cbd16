import { useMemo, useState } from 'react';
import { count } from '../lib/format.ts';
import classes from './bundle.module.css';

const longest = 400;

/** JSON, indented, with its keys told apart. Long strings (attachments) are cut until they are asked for. */
export function JsonView({ json }: { readonly json: unknown }) {
  const [whole, setWhole] = useState(false);
  const { text, cut } = useMemo(() => format(json, whole), [json, whole]);
  return (
    <div className={classes.json}>
      {(cut > 0 || whole) && (
        <button type="button" className={classes.toggle} aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Shorten long values' : `Show ${cut === 1 ? 'a long value' : `${count(cut)} long values`} whole`}
        </button>
      )}
      <pre>
        <code>{whole ? text : colour(text)}</code>
      </pre>
    </div>
  );
}

function format(json: unknown, whole: boolean): { readonly text: string; readonly cut: number } {
  let cut = 0;
  const shorten = (_key: string, value: unknown) => {
    if (whole || typeof value !== 'string' || value.length <= longest) return value;
    cut += 1;
    return `${value.slice(0, 120)}… (${count(value.length)} characters)`;
  };
  return { text: JSON.stringify(json, shorten, 2), cut };
}

/** Wraps keys and strings; numbers, words and punctuation stay plain. */
function colour(text: string) {
  return text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?)/).map((piece, index) => {
    if (!piece.startsWith('"')) return piece;
    const kind = piece.endsWith(':') ? classes.key : classes.string;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces are told apart by their place
      <span key={index} className={kind}>
        {piece}
      </span>
    );
  });
}
