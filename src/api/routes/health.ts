/** For those who watch the engine: is it up, can it work, what are its figures. No patient data, no log-in. */
import { z } from 'zod';
import { health, readyReport } from '../schemas.ts';
import type { ApiOptions } from '../types.ts';
import { type Api, answers } from './api.ts';

export function healthRoutes(app: Api, options: Pick<ApiOptions, 'ready' | 'metrics' | 'version'>): void {
  app.get(
    '/healthz',
    { schema: { tags: ['watch'], summary: 'Whether the process is up', response: answers({ 200: health }) } },
    async () => ({ up: true as const, version: options.version }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags: ['watch'],
        summary: 'Whether database, queue and listeners can work; 503 where one cannot',
        response: answers({ 200: readyReport, 503: readyReport }),
      },
    },
    async (_request, reply) => {
      const parts = await options.ready();
      const ready = Object.values(parts).every((part) => part.ready);
      return reply.code(ready ? 200 : 503).send({ ready, parts });
    },
  );

  const text = { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } };
  app.get(
    '/metrics',
    {
      schema: { tags: ['watch'], summary: 'Figures for Prometheus', response: answers({ 200: text }) },
      serializerCompiler: () => String,
    },
    async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await options.metrics()),
  );
}
