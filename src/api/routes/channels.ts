/** What each channel is and how it stands, with the verdict over all of them. */
import type { Cause, ChannelFigures, InboxDesk } from '../../inbox/types.ts';
import { channelList } from '../schemas.ts';
import type { ApiOptions } from '../types.ts';
import { verdict } from '../verdict.ts';
import { viewChannels } from '../views.ts';
import { type Api, answers } from './api.ts';

export function channelRoutes(
  app: Api,
  options: Pick<ApiOptions, 'desk' | 'troubles' | 'listeners' | 'channels' | 'ready' | 'clock'>,
): void {
  app.get(
    '/api/channels',
    {
      schema: {
        tags: ['channels'],
        summary: 'Every channel with its figures, and the verdict over all of them',
        response: answers({ 200: channelList }),
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      const channels = options.channels();
      const [figures, troubles, ready] = await Promise.all([options.desk.figures(), options.troubles.counts(), options.ready()]);
      const listeners = options.listeners();
      const now = options.clock?.() ?? new Date();
      const running = channels.map((channel) => channel.name);
      const causes = await causesOf(options.desk, figures);
      return {
        now: now.toISOString(),
        verdict: verdict({ now, ready, running, figures, causes, listeners }),
        channels: viewChannels(channels, figures, listeners, troubles),
      };
    },
  );
}

/** Of each channel that has parked messages, the causes of the latest; of one that only has waiting ones, theirs. */
async function causesOf(desk: InboxDesk, figures: readonly ChannelFigures[]): Promise<Map<string, Cause[]>> {
  const troubled = figures.filter((line) => line.parked > 0 || line.waiting > 0);
  const lists = troubled.map(async ({ channel, parked }): Promise<[string, Cause[]]> => {
    const lines = await desk.messages({ channel, state: parked > 0 ? 'parked' : 'waiting', limit: 100 });
    return [channel, lines.flatMap((line) => line.cause ?? [])];
  });
  return new Map(await Promise.all(lists));
}
