import { Button, Skeleton, VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { replayParked } from '../lib/api.ts';
import { clock, plural } from '../lib/format.ts';
import { Link, overviewAddress } from '../lib/router.tsx';
import type { Channels, Verdict } from '../lib/types.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import classes from './verdict-banner.module.css';
import { VerdictSign } from './verdict-sign.tsx';

interface VerdictBannerProps {
  readonly data: Channels | undefined;
  readonly error: Error | null;
}

/** The one sentence, its cause and the one button. */
export function VerdictBanner({ data, error }: VerdictBannerProps) {
  if (error === null && data === undefined) return <Skeleton height={84} radius="lg" />;
  const verdict: Verdict | undefined =
    error === null
      ? data?.verdict
      : { level: 'act', text: 'The figures cannot be read', cause: `${error.message}.`, action: null };
  if (verdict === undefined) return null;
  return (
    <section className={classes.verdict} data-level={verdict.level} aria-label="Verdict">
      <VerdictSign level={verdict.level} />
      <div className={classes.words}>
        <p className={classes.text}>{verdict.text}</p>
        {verdict.cause !== null && <p className={classes.cause}>{verdict.cause}</p>}
        {error !== null && data !== undefined && (
          <p className={classes.cause}>What is shown below is of {clock(data.now, data.now)}.</p>
        )}
      </div>
      {verdict.action !== null && <VerdictAction action={verdict.action} />}
      {/* Read out when it changes in kind, not with every second that the oldest message ages. */}
      <VisuallyHidden role="status">
        {verdict.level === 'well' ? 'All is well' : `${verdict.action?.channel ?? 'The engine'} needs attention`}
      </VisuallyHidden>
    </section>
  );
}

function VerdictAction({ action }: { readonly action: NonNullable<Verdict['action']> }) {
  const client = useQueryClient();
  const { channel, state, count } = action;
  if (action.kind === 'show')
    return (
      <Button component={Link} href={overviewAddress({ channel, state })}>
        {action.label}
      </Button>
    );
  const act = async () => {
    await replayParked(channel);
    await client.invalidateQueries();
  };
  const question = `${plural(count, 'message')} of ${channel} will be mapped with today's mapping and delivered again, oldest first. Do it when the cause is mended; what was delivered before has no second effect.`;
  return (
    <div className={classes.actions}>
      <Link href={overviewAddress({ channel, state })}>Look at them</Link>
      <ConfirmButton label={action.label} question={question} act={act} />
    </div>
  );
}
