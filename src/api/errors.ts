/** How an error leaves the API: a code, a sentence of the table, a status; never content, never a stack, never another's message text. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type ErrorCode, WeirError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What was answered, for the request log. */
    failure: { readonly code: string; readonly fault: string | null } | null;
  }
}

const statuses: Partial<Record<ErrorCode, number>> = {
  'api-bad-request': 400,
  'api-foreign-page': 403,
  'api-foreign-host': 421,
  'api-not-found': 404,
  'api-no-message': 404,
  'api-waiting': 409,
  'api-not-waiting': 409,
  'api-no-merge': 409,
  'api-unmerged': 409,
  'store-unavailable': 503,
};

/** Every way out that is not a route's own answer. Call it before any route is declared. */
export function errorAnswers(app: FastifyInstance): void {
  app.decorateRequest('failure', null);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => answerError(new WeirError('api-not-found'), request, reply));
}

/** Answers `error`. Also used for what Fastify finds before a route is chosen, such as an address that does not decode. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = asWeirError(error);
  request.failure = { code: known.code, fault: known.code === 'api-failed' ? placeOf(error) : null };
  reply
    .code(statuses[known.code] ?? 500)
    .headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .serializer(JSON.stringify)
    .send({ code: known.code, text: known.message });
}

function asWeirError(error: unknown): WeirError {
  if (error instanceof WeirError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    // Where it is wrong, not what was sent.
    const where = error.validation.map((issue) => `${error.validationContext ?? ''}${issue.instancePath}`);
    return new WeirError('api-bad-request', [...new Set(where)].join(', '));
  }
  const { statusCode, code } = error as Partial<FastifyError>;
  // Fastify's own text may quote the request (a JSON error does); its code does not.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new WeirError('api-bad-request', code);
  return new WeirError('api-failed');
}

/** Class and place of a fault of ours. A message's text may have become part of the error's message, which is left out. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 4).map((line) => line.trim())].join(' ');
}
