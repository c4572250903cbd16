/** The built-in FHIR store's addresses, all below /fhir. What they do stands in the files beside this one. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WeirError } from '../errors.ts';
import { isResource } from '../fhir/elements.ts';
import type { Node } from '../fhir/issue.ts';
import { parseJson } from '../fhir/json.ts';
import { isNode } from '../fhir/nodes.ts';
import { outcome } from '../fhir/outcome.ts';
import type { Db } from '../store/db.ts';
import { serveBundle, versionOf } from './bundle.ts';
import { capability } from './capability.ts';
import { FhirFault, mustBeValid } from './fault.ts';
import { conditionOf, type Operation, type Outcome } from './operation.ts';
import { history, read, readVersion, type Stored, searchset } from './read.ts';
import { transact, write } from './write.ts';

export { sandboxMigrations } from './schema.ts';

/** Bytes that a body may have. */
const bodyLimit = 64 * 1024 * 1024;
const fhirJson = 'application/fhir+json; charset=utf-8';

interface Where {
  Params: { type: string; id: string; version: string };
}

/** Adds the store's routes below /fhir. The tables of `sandboxMigrations` must be there before the first request. */
export async function registerSandbox(app: FastifyInstance, db: Db): Promise<void> {
  // A scope of its own, so that FHIR's content types and outcomes stay here.
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        ['application/fhir+json', 'application/json', 'text/json'],
        { parseAs: 'string', bodyLimit },
        (_request, text, done) => done(null, text),
      );
      scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
        done(null, text),
      );
      scope.setErrorHandler(answerError);
      scope.addHook('onRoute', (route) => {
        route.bodyLimit = bodyLimit;
        route.schema = { ...route.schema, hide: true };
      });
      routes(scope, db);
    },
    { prefix: '/fhir' },
  );
}

function routes(app: FastifyInstance, db: Db): void {
  app.get('/metadata', async (request, reply) => send(reply, 200, JSON.stringify(capability(baseOf(request), new Date()))));
  app.post('/', async (request, reply) => {
    const full = /return=representation/.test(String(request.headers.prefer ?? ''));
    return send(reply, 200, await serveBundle(db, bodyOf(request), { base: baseOf(request), now: () => new Date(), full }));
  });

  app.get<Where>('/:type/:id', async (request, reply) =>
    sendStored(request, reply, await read(db, typeOf(request), request.params.id)),
  );
  app.get<Where>('/:type/:id/_history/:version', async (request, reply) =>
    sendStored(request, reply, await readVersion(db, typeOf(request), request.params.id, request.params.version)),
  );
  app.get<Where>('/:type/:id/_history', async (request, reply) =>
    send(reply, 200, await history(db, baseOf(request), typeOf(request), request.params.id)),
  );
  app.get<Where>('/:type', async (request, reply) =>
    send(reply, 200, await searchset(db, baseOf(request), typeOf(request), queryOf(request))),
  );
  app.post<Where>('/:type/_search', async (request, reply) =>
    send(
      reply,
      200,
      await searchset(
        db,
        baseOf(request),
        typeOf(request),
        [queryOf(request), String(request.body ?? '')].filter(Boolean).join('&'),
      ),
    ),
  );

  const change = async (request: FastifyRequest<Where>, reply: FastifyReply, operation: Operation) => {
    const [done] = await transact(db, (tx) => write(tx, [operation], new Date()));
    if (done === undefined) throw new Error('an operation without an outcome');
    return sendOutcome(db, request, reply, done);
  };
  app.post<Where>('/:type', async (request, reply) => {
    const type = typeOf(request);
    const ifNoneExist = request.headers['if-none-exist'];
    const condition = typeof ifNoneExist === 'string' ? conditionOf(type, ifNoneExist) : null;
    return change(request, reply, { ...alone, method: 'POST', type, condition, resource: resourceOf(request, type) });
  });
  app.put<Where>('/:type/:id', async (request, reply) => {
    const type = typeOf(request);
    const { id } = request.params;
    const resource = resourceOf(request, type);
    if (resource.id !== id)
      throw new FhirFault(
        400,
        'invariant',
        'The id of the resource is not that of the address; make them the same',
        `${type}.id`,
      );
    return change(request, reply, { ...alone, method: 'PUT', type, id, resource, ifMatch: ifMatchOf(request) });
  });
  app.put<Where>('/:type', async (request, reply) => {
    const type = typeOf(request);
    const condition = conditionOf(type, queryOf(request));
    return change(request, reply, {
      ...alone,
      method: 'PUT',
      type,
      condition,
      resource: resourceOf(request, type),
      ifMatch: ifMatchOf(request),
    });
  });
  app.delete<Where>('/:type/:id', async (request, reply) =>
    change(request, reply, {
      ...alone,
      method: 'DELETE',
      type: typeOf(request),
      id: request.params.id,
      ifMatch: ifMatchOf(request),
    }),
  );
  app.delete<Where>('/:type', async (request, reply) => {
    const type = typeOf(request);
    return change(request, reply, { ...alone, method: 'DELETE', type, condition: conditionOf(type, queryOf(request)) });
  });
}

/** An operation that is no part of a bundle, before it is filled in. */
const alone = { id: null, condition: null, resource: null, fullUrl: null, ifMatch: null, at: undefined } as const;

function typeOf(request: FastifyRequest<Where>): string {
  const { type } = request.params;
  if (!isResource(type)) throw new FhirFault(404, 'not-supported', 'R4 has no resource of this type; correct the address');
  return type;
}

function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?');
  return at < 0 ? '' : request.url.slice(at + 1);
}

function baseOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}/fhir`;
}

function bodyOf(request: FastifyRequest): unknown {
  try {
    return parseJson(String(request.body ?? ''));
  } catch {
    // The parser's own text quotes the body.
    throw new FhirFault(400, 'structure', 'The body is not JSON; send a FHIR resource as JSON');
  }
}

function resourceOf(request: FastifyRequest, type: string): Node {
  const resource = bodyOf(request);
  mustBeValid(resource);
  if (!isNode(resource) || resource.resourceType !== type)
    throw new FhirFault(400, 'invariant', 'The resource is not of the type of the address; send it to the address of its type');
  return resource;
}

function ifMatchOf(request: FastifyRequest): number | null {
  const etag = request.headers['if-match'];
  return etag === undefined ? null : versionOf(etag);
}

async function sendOutcome(db: Db, request: FastifyRequest, reply: FastifyReply, done: Outcome): Promise<FastifyReply> {
  const { status, type, id, version, updated } = done;
  if (status === 204) return reply.code(204).send();
  versionHeaders(reply, version, updated);
  reply.header('location', `${baseOf(request)}/${type}/${id}/_history/${version}`);
  if (/return=minimal/.test(String(request.headers.prefer ?? ''))) return reply.code(status).send();
  return send(reply, status, done.body ?? (await read(db, type, id)).body);
}

function sendStored(request: FastifyRequest, reply: FastifyReply, { version, updated, body }: Stored): FastifyReply {
  versionHeaders(reply, version, updated);
  if (request.headers['if-none-match'] === `W/"${version}"`) return reply.code(304).send();
  return send(reply, 200, body);
}

function versionHeaders(reply: FastifyReply, version: number, updated: Date): void {
  reply.header('etag', `W/"${version}"`).header('last-modified', updated.toUTCString());
}

function send(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header('content-type', fhirJson).header('cache-control', 'no-store').send(text);
}

/** Faults become outcomes. What is a fault of ours goes on to the application, which logs it without content. */
function answerError(error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof FhirFault) {
    send(reply, error.status, JSON.stringify(error.outcome));
  } else if (error instanceof WeirError && error.code === 'store-unavailable') {
    send(reply, 503, JSON.stringify(outcome('exception', error.message)));
  } else if (
    error.statusCode !== undefined &&
    error.statusCode >= 400 &&
    error.statusCode < 500 &&
    !(error instanceof WeirError)
  ) {
    const text = 'The request could not be read (its length, content type or encoding); send FHIR as application/fhir+json';
    send(reply, error.statusCode, JSON.stringify(outcome('structure', text)));
  } else throw error;
}
