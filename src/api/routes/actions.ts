/** What an operator does to messages: replay, park, and take back a merge. Ids only, in addresses and bodies. */
import { WeirError } from '../../errors.ts';
import type { InboxDesk, MessageQuery } from '../../inbox/types.ts';
import { parked, replayed, replayedParked, replayParked, unmerge, unmerged } from '../schemas.ts';
import type { ApiOptions } from '../types.ts';
import { type Api, answers } from './api.ts';
import { oneMessage } from './messages.ts';

export function actionRoutes(app: Api, { desk, unmerges, clock }: Pick<ApiOptions, 'desk' | 'unmerges' | 'clock'>): void {
  app.post(
    '/api/messages/:id/replay',
    {
      schema: {
        tags: ['actions'],
        summary: "Map and deliver a message again, with today's mapping",
        params: oneMessage,
        response: answers({ 200: replayed }),
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await desk.replay(id))) throw await whyNot(desk, id, 'api-waiting');
      return { id, state: 'waiting' as const };
    },
  );

  app.post(
    '/api/messages/:id/park',
    {
      schema: {
        tags: ['actions'],
        summary: 'Take a waiting message out of its lane',
        params: oneMessage,
        response: answers({ 200: parked }),
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await desk.park(id))) throw await whyNot(desk, id, 'api-not-waiting');
      return { id, state: 'parked' as const };
    },
  );

  app.post(
    '/api/messages/:id/unmerge',
    {
      schema: {
        tags: ['actions'],
        summary: 'Take back a merge: the patient who was given up is active again, as was told of that patient last',
        params: oneMessage,
        body: unmerge,
        response: answers({ 200: unmerged }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const messages = await unmerges.take(id, { ...request.body, at: (clock ?? (() => new Date()))() });
      return { id, messages };
    },
  );

  app.post(
    '/api/parked/replay',
    {
      schema: {
        tags: ['actions'],
        summary: 'Replay every parked message, of one channel or of all, oldest first',
        body: replayParked,
        response: answers({ 200: replayedParked }),
      },
    },
    async (request) => {
      const ids = await parkedIds(desk, request.body?.channel);
      let replayed = 0;
      // One after the other, oldest first: a lane takes them in the order they are replayed (promise 3).
      for (const id of ids.reverse()) if (await desk.replay(id)) replayed += 1;
      return { replayed, left: ids.length - replayed };
    },
  );
}

async function whyNot(desk: InboxDesk, id: string, code: 'api-waiting' | 'api-not-waiting'): Promise<WeirError> {
  return new WeirError((await desk.message(id)) === null ? 'api-no-message' : code);
}

/** Ids of all parked messages, newest first. They are all read before the first is replayed, which may park again meanwhile. */
async function parkedIds(desk: InboxDesk, channel: string | undefined): Promise<string[]> {
  const ids: string[] = [];
  const query: MessageQuery = { state: 'parked', limit: 500, ...(channel === undefined ? {} : { channel }) };
  for (;;) {
    const before = ids.at(-1);
    const page = await desk.messages(before === undefined ? query : { ...query, before });
    ids.push(...page.map((line) => line.id));
    if (page.length < query.limit) return ids;
  }
}
