/** What the route files share: the typed application, and the answers that every route can give. */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { apiError } from '../schemas.ts';

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** A route's own answers and, for every other one, the error. */
export function answers<const T extends object>(own: T): T & { '4xx': typeof apiError; '5xx': typeof apiError } {
  return { '4xx': apiError, '5xx': apiError, ...own };
}
