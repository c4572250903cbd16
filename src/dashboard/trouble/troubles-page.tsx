import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { channelsQuery, troublesQuery } from '../lib/api.ts';
import { ago, count } from '../lib/format.ts';
import { Link, overviewAddress, troublesAddress } from '../lib/router.tsx';
import { troubleWords } from '../lib/trouble.ts';
import type { Channel } from '../lib/types.ts';
import { Card } from '../parts/card.tsx';
import { Problem } from '../parts/problem.tsx';
import { usePage } from '../parts/use-page.ts';
import classes from './trouble.module.css';
import { TroubleTable } from './trouble-table.tsx';

/** What came to the listener of a channel, or of all, and was no message. */
export function TroublesPage({ address }: { readonly address: URL }) {
  const choice = { channel: address.searchParams.get('channel'), before: address.searchParams.get('before') };
  const { data, error, isPlaceholderData } = useQuery(troublesQuery(choice));
  const { data: all } = useQuery(channelsQuery);
  const title = choice.channel === null ? 'Trouble on the wire' : `Trouble on the wire of ${choice.channel}`;
  const heading = usePage(title);
  const channels = (all?.channels ?? []).filter(({ name }) => choice.channel === null || name === choice.channel);
  const next = data?.next ?? null;
  return (
    <>
      <nav aria-label="Back">
        <Link href="/">← Overview</Link>
      </nav>
      <h1 ref={heading} tabIndex={-1} className={classes.title}>
        {title}
      </h1>
      <p className={classes.help}>
        What came to a listener and was no message. Nothing of it was acknowledged. The newest thousand of a channel are kept for
        thirty days; the counts go on.
      </p>
      {all !== undefined && <Counts channels={channels} now={all.now} />}
      <Card title={choice.before === null ? 'Latest' : 'Older'}>
        <Problem error={error} />
        {data?.troubles.length === 0 && <p className={classes.none}>Nothing is recorded.</p>}
        {data !== undefined && data.troubles.length > 0 && (
          <TroubleTable troubles={data.troubles} now={data.now} faded={isPlaceholderData} />
        )}
        {(choice.before !== null || next !== null) && (
          <Group component="nav" aria-label="Pages" justify="space-between" p="md">
            {choice.before !== null && (
              <Button component={Link} href={troublesAddress({ channel: choice.channel })} variant="default">
                Newest
              </Button>
            )}
            {next !== null && (
              <Button component={Link} href={troublesAddress({ ...choice, before: next })} variant="default" ml="auto">
                Older
              </Button>
            )}
          </Group>
        )}
      </Card>
    </>
  );
}

function Counts({ channels, now }: { readonly channels: readonly Channel[]; readonly now: string }) {
  const lines = channels.flatMap(({ name, troubles }) => troubles.map((one) => ({ ...one, channel: name })));
  if (lines.length === 0) return null;
  return (
    <ul className={classes.counts} aria-label="Counts">
      {lines.map(({ channel, kind, count: times, last }) => (
        <li key={`${channel} ${kind}`}>
          <strong>{count(times)}</strong> {troubleWords({ kind, reason: null }).title}
          {channels.length > 1 && `, ${channel}`}, last {ago(last, now)}
          {kind === 'not-hl7' && (
            <>
              {' '}
              (<Link href={overviewAddress({ channel, state: 'refused' })}>the refused messages</Link>)
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
