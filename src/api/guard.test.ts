import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryDesk, message } from '../../test/page/desk.ts';
import { MemoryTroubles } from '../../test/page/troubles.ts';
import { MemoryUnmerges } from '../../test/page/unmerges.ts';
import { WeirError } from '../errors.ts';
import { fromForeignPage, knownHost } from './guard.ts';
import { buildServer } from './server.ts';
import type { ApiOptions } from './types.ts';

const well = { ready: true, text: 'It answers' };
let app: FastifyInstance | null = null;
afterEach(() => app?.close());

async function start(parts: Partial<ApiOptions> = {}): Promise<{ app: FastifyInstance; desk: MemoryDesk }> {
  const desk = new MemoryDesk();
  desk.add(message({ id: '1', state: 'parked' }));
  app = await buildServer({
    desk,
    troubles: new MemoryTroubles(),
    unmerges: new MemoryUnmerges(),
    listeners: () => [],
    channels: () => [],
    explain: null,
    ready: async () => ({ database: well, queue: well, listeners: well }),
    metrics: async () => '',
    version: '0.1.0',
    dashboard: null,
    ...parts,
  });
  return { app, desk };
}

describe('a page of another origin', () => {
  const url = '/api/messages/1/replay';
  test.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://localhost:8081' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' }],
  ])('cannot POST: %o', async (headers) => {
    const { app, desk } = await start();
    const answer = await app.inject({ method: 'POST', url, headers });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().code).toBe('api-foreign-page');
    expect(desk.replayed).toEqual([]);
  });

  test('is stopped before the routes that the engine adds, too', async () => {
    let called = false;
    const { app } = await start({
      register: async (scope) => {
        scope.post('/fhir', async () => {
          called = true;
          return {};
        });
      },
    });
    expect((await app.inject({ method: 'POST', url: '/fhir', headers: { origin: 'https://evil.example' } })).statusCode).toBe(
      403,
    );
    expect(called).toBe(false);
    expect((await app.inject({ method: 'POST', url: '/fhir' })).statusCode).toBe(200);
  });

  test('our own page and programs that are no browser can', async () => {
    const { app, desk } = await start();
    const own = { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' };
    expect((await app.inject({ method: 'POST', url, headers: own })).statusCode).toBe(200);
    desk.add(message({ id: '1', state: 'parked' }));
    expect((await app.inject({ method: 'POST', url })).statusCode).toBe(200);
  });

  test('is told by Sec-Fetch-Site and Origin alone', () => {
    expect(fromForeignPage({ headers: {}, host: 'a' })).toBe(false);
    expect(fromForeignPage({ headers: { origin: 'http://A:1' }, host: 'a:1' })).toBe(false);
    expect(fromForeignPage({ headers: { origin: 'not an origin' }, host: 'a' })).toBe(true);
  });
});

describe('DNS rebinding', () => {
  test.each([
    'localhost',
    'localhost:8080',
    '127.0.0.1',
    '10.1.2.3:80',
    '[::1]:8080',
    '[fe80::1]',
    'weir.localhost',
    'WEIR.mercy.example:8080',
  ])('%s is us', (host) => expect(knownHost(host, ['weir.mercy.example'])).toBe(true));
  test.each(['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example', '[evil', ''])(
    '%s is not',
    (host) => expect(knownHost(host, ['weir.mercy.example'])).toBe(false),
  );

  test('a foreign name reads nothing, though watchers may call us what they like', async () => {
    const { app } = await start();
    const headers = { host: 'evil.example' };
    const answer = await app.inject({ url: '/api/messages/1', headers });
    expect(answer.statusCode).toBe(421);
    expect(answer.json().code).toBe('api-foreign-host');
    expect((await app.inject({ url: '/', headers })).statusCode).toBe(421);
    expect((await app.inject({ url: '/no/such/address', headers })).statusCode).toBe(421);
    for (const url of ['/healthz', '/readyz', '/metrics']) expect((await app.inject({ url, headers })).statusCode).toBe(200);
  });
});

test('every answer, also an error, tells the browser to stay within: scripts from here alone, no frame, no sniffing', async () => {
  const { app } = await start();
  for (const url of ['/', '/api/channels', '/no/such/address', '/api/docs', '/api/docs/static/swagger-ui.css']) {
    const { headers } = await app.inject(url);
    expect(headers['content-security-policy'], url).toContain("default-src 'none'; script-src 'self';");
    expect(headers['content-security-policy'], url).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy'], url).not.toMatch(/https?:/);
    expect(headers['x-content-type-options'], url).toBe('nosniff');
    expect(headers['x-frame-options'], url).toBe('DENY');
  }
});

test('there is one place for a log-in: it stands before every route but those of the watchers', async () => {
  const { app } = await start({
    authorize: () => Promise.reject(new WeirError('api-foreign-page')),
    register: async (scope) => {
      scope.get('/fhir/Patient', async () => ({}));
    },
  });
  for (const url of ['/', '/api/channels', '/api/messages/1', '/api/docs/json', '/fhir/Patient'])
    expect((await app.inject(url)).statusCode, url).toBe(403);
  for (const url of ['/healthz', '/readyz', '/metrics']) expect((await app.inject(url)).statusCode, url).toBe(200);
});
