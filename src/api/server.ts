/** The HTTP side of the engine, put together: guard, documentation, routes, page, and what the engine adds. It does not listen. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { answerError, errorAnswers } from './errors.ts';
import { docsPolicy, guard } from './guard.ts';
import { pageRoutes } from './page.ts';
import { actionRoutes } from './routes/actions.ts';
import { channelRoutes } from './routes/channels.ts';
import { healthRoutes } from './routes/health.ts';
import { messageRoutes } from './routes/messages.ts';
import { troubleRoutes } from './routes/troubles.ts';
import type { ApiOptions } from './types.ts';

/** Stands on the documentation in place of its maker's. */
const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 110 32"><rect width="32" height="32" rx="7" fill="#0b6b75"/><path d="M5 10h9c4 0 3 12 7 12h6" ' +
  'fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/><text x="42" y="24" fill="#fff" font-family="sans-serif" font-size="24" ' +
  'font-weight="700">Weir</text></svg>';

/** Builds the application, ready for `listen` or `inject`. Rejects where the page's folder cannot be read. */
export async function buildServer(options: ApiOptions): Promise<FastifyInstance> {
  // No logger: Fastify's own lines hold addresses as sent. What is logged is `RequestLine`.
  const app = fastify({ logger: false, bodyLimit: 1024 * 1024, frameworkErrors: answerError });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  errorAnswers(app);
  logRequests(app, options);
  guard(app, options);
  await documentation(app, options.version);

  const api = app.withTypeProvider<ZodTypeProvider>();
  healthRoutes(api, options);
  channelRoutes(api, options);
  messageRoutes(api, options);
  troubleRoutes(api, options);
  actionRoutes(api, options);
  await pageRoutes(app, options.dashboard);
  const { register } = options;
  // In a scope of its own: its parsers, error answers and compilers do not reach the routes above.
  if (register !== undefined) await app.register(async (scope) => register(scope));
  await app.ready();
  return app;
}

function logRequests(app: FastifyInstance, { log }: ApiOptions): void {
  if (log === undefined) return;
  app.addHook('onResponse', async (request, reply) => {
    log({
      method: request.method,
      route: request.routeOptions.url ?? '(none)',
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      error: request.failure?.code ?? null,
      fault: request.failure?.fault ?? null,
    });
  });
}

/** OpenAPI from the routes' schemas, shown at /api/docs by files that are served from here. */
async function documentation(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Weir',
        version,
        description:
          'What the page and the command line call. Lists never hold message content; `/api/messages/{id}` and `/api/troubles/{id}` do.',
      },
      tags: [{ name: 'channels' }, { name: 'messages' }, { name: 'troubles' }, { name: 'actions' }, { name: 'watch' }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: docsPolicy,
    validatorUrl: false,
    theme: { title: 'Weir API' },
    logo: { type: 'image/svg+xml', content: logo, href: '/' },
  });
}
