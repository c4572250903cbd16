/** Reading what came to the listeners and was no message: lists, which hold no bytes, and one of them, which does. */
import { z } from 'zod';
import { WeirError } from '../../errors.ts';
import { messageId, troubleDetail, troubleList, troubleQuery } from '../schemas.ts';
import type { ApiOptions } from '../types.ts';
import { viewTrouble } from '../views.ts';
import { type Api, answers } from './api.ts';

export function troubleRoutes(
  app: Api,
  { troubles: desk, clock = () => new Date() }: Pick<ApiOptions, 'troubles' | 'clock'>,
): void {
  app.get(
    '/api/troubles',
    {
      schema: {
        tags: ['troubles'],
        summary: 'What came to the listeners and was no message, newest first, without its bytes',
        querystring: troubleQuery,
        response: answers({ 200: troubleList }),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { limit, channel, kind, before } = request.query;
      // One more than asked for tells whether there is a next page.
      const lines = await desk.troubles({
        limit: limit + 1,
        ...(channel === undefined ? {} : { channel }),
        ...(kind === undefined ? {} : { kind }),
        ...(before === undefined ? {} : { before }),
      });
      const page = lines.slice(0, limit).map(viewTrouble);
      return { now: clock().toISOString(), troubles: page, next: lines.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/api/troubles/:id',
    {
      schema: {
        tags: ['troubles'],
        summary: 'One of them with its bytes, which may be those of a patient',
        params: z.object({ id: messageId }),
        response: answers({ 200: troubleDetail }),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const trouble = await desk.trouble(request.params.id);
      if (trouble === null) throw new WeirError('api-no-trouble');
      return { ...viewTrouble(trouble), now: clock().toISOString(), bytes: Buffer.from(trouble.bytes).toString('base64') };
    },
  );
}
