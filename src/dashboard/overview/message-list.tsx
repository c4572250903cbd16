import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { type Choice, messagesQuery } from '../lib/api.ts';
import { Link, overviewAddress } from '../lib/router.tsx';
import type { Channel } from '../lib/types.ts';
import { Card } from '../parts/card.tsx';
import { Problem } from '../parts/problem.tsx';
import { Empty } from './empty.tsx';
import { MessageFilters } from './message-filters.tsx';
import { MessageTable } from './message-table.tsx';

interface MessageListProps {
  readonly choice: Choice;
  readonly channels: readonly Channel[];
}

/** The latest messages, newest first, by channel and state, a page at a time. */
export function MessageList({ choice, channels }: MessageListProps) {
  const { data, error, isPlaceholderData } = useQuery(messagesQuery(choice));
  const top = useRef<HTMLDivElement>(null);
  const chosen = `${choice.channel}|${choice.state}|${choice.before}`;
  const shown = useRef(chosen);
  // A figure or a page link changes what the list shows, perhaps out of sight: bring it into view, but not at the first drawing.
  useEffect(() => {
    if (shown.current !== chosen) top.current?.scrollIntoView({ block: 'nearest' });
    shown.current = chosen;
  }, [chosen]);
  const { before: _, ...first } = choice;
  const next = data?.next ?? null;
  return (
    <div ref={top}>
      <Card
        title={choice.before === null ? 'Latest messages' : 'Older messages'}
        tools={<MessageFilters choice={choice} channels={channels} />}
      >
        <Problem error={error} />
        {data !== undefined && data.messages.length === 0 && <Empty choice={choice} />}
        {data !== undefined && data.messages.length > 0 && (
          <MessageTable messages={data.messages} now={data.now} faded={isPlaceholderData} />
        )}
        {(choice.before !== null || next !== null) && (
          <Group component="nav" aria-label="Pages" justify="space-between" p="md">
            {choice.before !== null && (
              <Button component={Link} href={overviewAddress(first)} variant="default">
                Newest
              </Button>
            )}
            {next !== null && (
              <Button component={Link} href={overviewAddress({ ...choice, before: next })} variant="default" ml="auto">
                Older
              </Button>
            )}
          </Group>
        )}
      </Card>
    </div>
  );
}
