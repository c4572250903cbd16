import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { messageQuery } from '../lib/api.ts';
import { Link } from '../lib/router.tsx';
import { Problem } from '../parts/problem.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { usePage } from '../parts/use-page.ts';
import { MessageActions } from './message-actions.tsx';
import { MessageFacts } from './message-facts.tsx';
import classes from './message-page.module.css';
import { MessageTabs } from './message-tabs.tsx';
import { StateSentence } from './state-sentence.tsx';

/** One message: the only place where content is shown. */
export function MessagePage({ id }: { readonly id: string }) {
  const { data, error } = useQuery(messageQuery(id));
  const heading = usePage(`Message ${id}`);
  return (
    <>
      <nav aria-label="Back">
        <Link href="/">← All messages</Link>
      </nav>
      <div className={classes.head}>
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {data === undefined ? `Message ${id}` : data.type || 'Not a message'}
          {data !== undefined && data.controlId !== '' && <span className={classes.id}>{data.controlId}</span>}
        </h1>
        {data !== undefined && <StateBadge state={data.state} />}
        {data !== undefined && <MessageActions message={data} />}
      </div>
      <Problem error={error} />
      {data === undefined && error === null && (
        <Stack mt="md">
          <Skeleton height={60} />
          <Skeleton height={320} />
        </Stack>
      )}
      {data !== undefined && (
        <>
          <StateSentence message={data} />
          <MessageFacts message={data} />
          <MessageTabs message={data} />
        </>
      )}
    </>
  );
}
