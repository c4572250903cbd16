/** The sandbox on a database of its own, asked as over HTTP, and resources to send to it. */
import fastify from 'fastify';
import type { Bundle, Patient } from 'fhir/r4';
import { registerSandbox, sandboxMigrations } from '../../src/sandbox/sandbox.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDb } from '../../src/store/pg.ts';
import { freshDatabase } from './postgres.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly body: T;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export interface TestSandbox {
  /** A request to `/fhir` + path. A body that is no text is sent as JSON. */
  ask<T = Bundle>(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  close(): Promise<void>;
}

export async function openSandbox(): Promise<TestSandbox> {
  const db = openDb(await freshDatabase(), 16);
  await migrate(db, sandboxMigrations);
  const app = fastify();
  await registerSandbox(app, db);
  await app.ready();
  return {
    async ask<T>(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
      const type = body === undefined ? {} : { 'content-type': 'application/fhir+json' };
      const response = await app.inject({
        method,
        url: `/fhir${path}`,
        headers: { host: 'weir.example', ...type, ...headers },
        ...payload,
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        body: (response.body === '' ? undefined : response.json()) as T,
      };
    },
    async close() {
      await app.close();
      await db.close();
    },
  };
}

export const system = 'urn:id:TEST';
export const patient = (value: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  ...more,
});
export const post = (resource: object, more: object = {}, url = (resource as { resourceType: string }).resourceType) => ({
  resource,
  request: { method: 'POST', url, ...more },
});
export const put = (url: string, resource: object, fullUrl?: string) => ({
  ...(fullUrl ? { fullUrl } : {}),
  resource,
  request: { method: 'PUT', url },
});
export const bundle = (type: 'transaction' | 'batch', ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
export const uuid = (n: number) => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const statuses = (answer: Answer<Bundle>) => answer.body.entry?.map((e) => e.response?.status);
export const idOf = (answer: Answer<Bundle>, entry = 0) =>
  /\/([^/]+)\/_history/.exec(answer.body.entry?.[entry]?.response?.location ?? '')?.[1] ?? '';
export const ids = (answer: Answer<Bundle>) => answer.body.entry?.map((e) => e.resource?.id);
