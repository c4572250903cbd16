/** Reading messages: lists, which hold no content, and one message, which does. */
import { z } from 'zod';
import { WeirError } from '../../errors.ts';
import { detailQuery, explained, messageDetail, messageId, messageList, messageQuery } from '../schemas.ts';
import type { ApiOptions } from '../types.ts';
import { viewDetail, viewLine } from '../views.ts';
import { type Api, answers } from './api.ts';

export const oneMessage = z.object({ id: messageId });

export function messageRoutes(app: Api, options: Pick<ApiOptions, 'desk' | 'unmerges' | 'channels' | 'explain' | 'clock'>): void {
  const { desk, explain } = options;
  const clock = options.clock ?? (() => new Date());

  app.get(
    '/api/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'The latest messages, newest first, without content',
        querystring: messageQuery,
        response: answers({ 200: messageList }),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { limit, channel, state, before } = request.query;
      // One more than asked for tells whether there is a next page.
      const lines = await desk.messages({
        limit: limit + 1,
        ...(channel === undefined ? {} : { channel }),
        ...(state === undefined ? {} : { state }),
        ...(before === undefined ? {} : { before }),
      });
      const page = lines.slice(0, limit).map(viewLine);
      return { now: clock().toISOString(), messages: page, next: lines.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/api/messages/:id',
    {
      schema: {
        tags: ['messages'],
        summary: 'One message with its content: segments, bundle, attempts, ACK',
        params: oneMessage,
        querystring: detailQuery,
        response: answers({ 200: messageDetail }),
      },
      // The view names every field, so that nothing else leaves; checking each value of a large message again would hold up the engine.
      serializerCompiler: () => (answer) => JSON.stringify(answer),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const message = await desk.message(request.params.id);
      if (message === null) throw new WeirError('api-no-message');
      const charset = options.channels().find((channel) => channel.name === message.channel)?.listen.charset ?? null;
      const unmerged = await options.unmerges.of(message);
      return { ...viewDetail(message, charset, request.query.segments, clock()), unmerged };
    },
  );

  app.get(
    '/api/messages/:id/fields',
    {
      schema: {
        tags: ['messages'],
        summary: "What today's mapping does with each populated field of one message, and what today's edits change for whom",
        params: oneMessage,
        response: answers({ 200: explained }),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const message = await desk.message(request.params.id);
      if (message === null) throw new WeirError('api-no-message');
      const result = explain === null ? null : await explain(message);
      if (result === null) return { fields: null, edits: [] };
      const fields = result.fields?.map((field) => ({ ...field, rows: [...field.rows], to: [...(field.to ?? [])] })) ?? null;
      return { fields, edits: result.edits.map(({ destination, changes }) => ({ destination, changes: [...changes] })) };
    },
  );
}
