import { VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { channelsQuery } from '../lib/api.ts';
import { type MessageState, states } from '../lib/types.ts';
import { usePage } from '../parts/use-page.ts';
import { ChannelTable } from './channel-table.tsx';
import { MessageList } from './message-list.tsx';
import { VerdictBanner } from './verdict-banner.tsx';

/** How the engine stands, its channels, and the latest messages. */
export function OverviewPage({ address }: { readonly address: URL }) {
  const { data, error } = useQuery(channelsQuery);
  const heading = usePage(error === null ? (data?.verdict.text ?? 'Overview') : 'The engine does not answer');
  const state = address.searchParams.get('state');
  const choice = {
    channel: address.searchParams.get('channel'),
    state: states.find((known) => known === state) ?? (null as MessageState | null),
    before: address.searchParams.get('before'),
  };
  return (
    <>
      <VisuallyHidden>
        <h1 ref={heading} tabIndex={-1}>
          Overview
        </h1>
      </VisuallyHidden>
      <VerdictBanner data={data} error={error} />
      {data !== undefined && data.channels.length > 0 && (
        <ChannelTable channels={data.channels} now={data.now} stale={error !== null} />
      )}
      <MessageList choice={choice} channels={data?.channels ?? []} />
    </>
  );
}
