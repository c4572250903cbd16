/**
 * What stands before every route: who may call, from which page, under which name, and what the browser is told.
 *
 * There is no log-in yet: the engine listens on loopback unless it is told otherwise. Even there a browser that an operator has open
 * can be turned against it by any web site, in two ways. Both are closed here:
 * - A foreign page sends a POST (cross-site request forgery). Browsers say where an unsafe request comes from: `Sec-Fetch-Site` must be
 *   `same-origin` or `none`, and `Origin`, which every browser sends with a POST, must name this host. A request with neither comes
 *   from no page (`curl`, the command line, a FHIR client) and passes.
 * - A foreign page points a name of its own at this address and reads as if it were ours (DNS rebinding). Such a request carries that
 *   name in `Host`: only IP addresses, `localhost` and the names of `hosts` are answered.
 */
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WeirError } from '../errors.ts';
import type { ApiOptions } from './types.ts';

/** Routes for machines that watch the engine: they hold no patient data, and are asked under whatever name the watcher knows. */
const open = new Set(['/healthz', '/readyz', '/metrics']);

const policy = (style: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' ${style}; img-src 'self' data:; font-src 'self'; connect-src 'self'; ` +
  `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Content-Security-Policy of the page. `nonce` allows the one kind of inline style there is, the page's own style elements. */
export function pagePolicy(nonce: string): string {
  return policy(`'nonce-${nonce}'`);
}

/** Content-Security-Policy of the API's documentation, whose script writes style elements without a nonce. */
export const docsPolicy = policy("'unsafe-inline'");

/** Adds the hooks. Call it before any route is declared. */
export function guard(app: FastifyInstance, options: Pick<ApiOptions, 'hosts' | 'authorize'>): void {
  const hosts = options.hosts ?? [];
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': policy("'self'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
    if (!open.has(request.routeOptions.url ?? '') && !knownHost(request.host, hosts)) throw new WeirError('api-foreign-host');
    if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) && fromForeignPage(request)) throw new WeirError('api-foreign-page');
  });
  // The one place where a log-in will stand: every route passes here, but the three that watchers ask.
  app.addHook('preHandler', async (request) => {
    if (options.authorize !== undefined && !open.has(request.routeOptions.url ?? '')) await options.authorize(request);
  });
}

/** Whether `host` (a Host header) is an address, `localhost`, or a name in `hosts`. */
export function knownHost(host: string, hosts: readonly string[]): boolean {
  const name = hostName(host);
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || hosts.includes('*') || hosts.includes(name);
}

/** Whether a browser says that the request comes from a page of another origin. */
export function fromForeignPage(request: Pick<FastifyRequest, 'headers' | 'host'>): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = request.headers.origin;
  if (origin === undefined) return false;
  // `null` is the origin of sandboxed frames, files and redirects: of any page, so not of ours.
  const url = URL.parse(origin);
  return url === null || url.host.toLowerCase() !== request.host.toLowerCase();
}

function hostName(host: string): string {
  const lower = host.toLowerCase();
  if (lower.startsWith('[')) return lower.slice(1, Math.max(1, lower.indexOf(']')));
  return lower.replace(/:[0-9]*$/, '');
}
