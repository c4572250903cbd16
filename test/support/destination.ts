/** A FHIR server that a test plays: it keeps what it is sent, and answers as it is told. */
import { createServer } from 'node:http';
import type { Bundle } from 'fhir/r4';
import { freePort } from './temp.ts';

/** What a bundle is answered. `ok`: a transaction response; `hang`: nothing at all. */
export type Behaviour = 'ok' | 'hang' | { readonly status: number; readonly body?: unknown };

export interface PlayedDestination {
  readonly url: string;
  /** What was answered `ok`, in order. */
  readonly taken: readonly Bundle[];
  /** How many requests came, whatever they were answered. */
  readonly asked: () => number;
  /** Decides what the next bundles are answered. */
  behave(behaviour: (bundle: Bundle) => Behaviour): void;
  /** Nobody listens any more; `start` again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts one that answers everything `ok`. */
export async function playDestination(): Promise<PlayedDestination> {
  const port = await freePort();
  const taken: Bundle[] = [];
  let asked = 0;
  let behaviour: (bundle: Bundle) => Behaviour = () => 'ok';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bundle = JSON.parse(Buffer.concat(chunks).toString()) as Bundle;
      asked++;
      const how = behaviour(bundle);
      if (how === 'hang') return;
      if (how === 'ok') taken.push(bundle);
      const entry = bundle.entry?.map(() => ({ response: { status: '200 OK' } }));
      const [status, body] =
        how === 'ok' ? [200, { resourceType: 'Bundle', type: 'transaction-response', entry }] : [how.status, how.body];
      response.writeHead(status, { 'content-type': 'application/fhir+json' });
      response.end(
        JSON.stringify(body ?? { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing' }] }),
      );
    });
  });
  const start = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await start();
  return {
    url: `http://127.0.0.1:${port}/fhir`,
    taken,
    asked: () => asked,
    behave: (decide) => (behaviour = decide),
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
