import { useQuery } from '@tanstack/react-query';
import { troubleQuery } from '../lib/api.ts';
import { bytes } from '../lib/format.ts';
import { Link, troublesAddress } from '../lib/router.tsx';
import { decodeBytes, troubleWords } from '../lib/trouble.ts';
import { Card } from '../parts/card.tsx';
import { Problem } from '../parts/problem.tsx';
import { Time } from '../parts/time.tsx';
import { usePage } from '../parts/use-page.ts';
import { HexView } from './hex-view.tsx';
import classes from './trouble.module.css';

/** One that came and was no message, with its bytes: they may be those of a patient. */
export function TroublePage({ id }: { readonly id: string }) {
  const { data, error } = useQuery(troubleQuery(id));
  const words = data && troubleWords(data);
  const heading = usePage(words?.title ?? `Trouble ${id}`);
  return (
    <>
      <nav aria-label="Back">
        <Link href={troublesAddress({ channel: data?.channel ?? null })}>← All trouble{data && ` of ${data.channel}`}</Link>
      </nav>
      <h1 ref={heading} tabIndex={-1} className={classes.title}>
        {words?.title ?? `Trouble ${id}`}
      </h1>
      <Problem error={error} />
      {data !== undefined && (
        <>
          <p className={classes.help}>{words?.help}</p>
          <ul className={classes.counts} aria-label="Facts">
            <li>
              <Time time={data.at} now={data.now} />, channel {data.channel}
            </li>
            <li>From {data.peer}</li>
            {data.detail !== null && <li>OpenSSL says {data.detail}</li>}
            <li>
              {bytes(data.size)}
              {data.kept < data.size && `, the first ${bytes(data.kept)} are kept`}
            </li>
          </ul>
          {data.kept > 0 && (
            <Card title="Bytes">
              <HexView bytes={decodeBytes(data.bytes)} />
            </Card>
          )}
        </>
      )}
    </>
  );
}
