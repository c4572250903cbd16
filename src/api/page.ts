/** Serves the built page: its files as they are, its one HTML document at the addresses it draws itself. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { pagePolicy } from './guard.ts';

/** Stands in the built document where the nonce goes; set in src/dashboard/vite.config.ts. */
const placeholder = '__WEIR_NONCE__';

const notBuilt =
  '<!doctype html><meta charset="utf-8"><title>Weir</title><p>The page is not built; run <code>npm run build:dashboard</code> and start ' +
  'again. The API is at <a href="/api/docs">/api/docs</a>.</p>';

/** Adds the page's routes. `folder` null: a sentence that says how to build it. */
export async function pageRoutes(app: FastifyInstance, folder: string | null): Promise<void> {
  const html = folder === null ? null : await readFile(join(folder, 'index.html'), 'utf8');
  if (folder !== null) {
    // The names of built files change with what is in them.
    await app.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      maxAge: '365d',
      immutable: true,
      index: false,
    });
  }
  const document = async (reply: FastifyReply) => {
    reply.headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    if (html === null) return reply.code(503).send(notBuilt);
    const nonce = randomBytes(18).toString('base64');
    return reply.header('content-security-policy', pagePolicy(nonce)).send(html.replaceAll(placeholder, nonce));
  };
  for (const url of ['/', '/messages/:id', '/troubles', '/troubles/:id'])
    app.get(url, { schema: { hide: true } }, async (_request, reply) => document(reply));
}
