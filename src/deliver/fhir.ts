/** Delivers bundles to a FHIR server: POST [base], every entry of the answer read (FHIR R4, 3.1.0.11). */
import { buildConnector, Pool } from 'undici';
import { type ErrorCode, errorEntry } from '../errors.ts';
import { readResponse } from '../fhir/response.ts';
import type { ClientOptions } from '../tls.ts';
import type { Answer, Connector } from './connector.ts';

export interface FhirDestination {
  /** Base URL of the server. */
  readonly url: string;
  /** Requests in flight at most; more wait their turn. */
  readonly concurrency: number;
  /** Milliseconds to wait for the answer. */
  readonly timeout: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the next encrypted connection to a host is made with; null: as is usual. */
  readonly tls: (host: string) => ClientOptions | null;
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** Opens a connector; nothing is connected until the first bundle. */
export function openFhirConnector({ url, concurrency, timeout, headers, tls }: FhirDestination): Connector {
  const { origin, pathname, hostname } = new URL(url);
  const connectTimeout = Math.min(timeout, 10_000);
  const pool = new Pool(origin, {
    connections: concurrency,
    pipelining: 1,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    // Asked for each connection: certificates change while the engine runs.
    connect(options, done) {
      const own = tls(hostname.replace(/^\[|\]$/g, ''));
      const name = own?.servername;
      buildConnector({ ...own, timeout: connectTimeout })(name === undefined ? options : { ...options, servername: name }, done);
    },
  });
  const request = {
    method: 'POST',
    path: pathname.replace(/\/$/, '') || '/',
    headers: { 'content-type': 'application/fhir+json', accept: 'application/fhir+json', ...headers },
  } as const;
  let closed: Promise<void> | null = null;
  return {
    async send(body) {
      const started = performance.now();
      const took = () => Math.round(performance.now() - started);
      try {
        const response = await pool.request({ ...request, body });
        const text = await response.body.text();
        return { ...read(response.statusCode, text), milliseconds: took() };
      } catch (error) {
        const reason = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
        const code = TIMEOUTS.has(reason) ? 'deliver-timeout' : 'deliver-unreachable';
        return { kind: 'transient', status: null, ack: null, code, text: sentence(code, reason), milliseconds: took() };
      }
    },
    close: () => (closed ??= pool.close()),
  };
}

function read(status: number, text: string): Omit<Answer, 'milliseconds'> {
  const response = readResponse(status, parsed(text));
  if (response.kind === 'ok') return { kind: 'delivered', status, ack: null, code: null, text: '' };
  const code = codeOf(response.kind, response.status, response.text);
  return { kind: response.kind, status: response.status, ack: null, code, text: sentence(code, response.text) };
}

function codeOf(kind: 'transient' | 'permanent', status: number, text: string): ErrorCode {
  if (kind === 'permanent') return text === 'bad-answer' ? 'deliver-bad-answer' : 'deliver-refused';
  if (status === 409 || status === 412) return 'deliver-conflict';
  return status === 408 ? 'deliver-timeout' : 'deliver-busy';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(code: ErrorCode, detail: string): string {
  return detail === '' ? errorEntry(code).text : `${errorEntry(code).text} (${detail})`;
}
