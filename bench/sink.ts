/** The server that bundles are delivered to, in a process of its own: it answers each transaction, and notes which message came when. */
import { createServer } from 'node:http';
import { freePort } from '../test/support/temp.ts';
import { endWithParent, startChild } from './child.ts';
import type { Context } from './context.ts';
import { marker } from './messages.ts';

export interface Sink {
  readonly url: string;
  /** Resolves when so many different messages have come in all. Rejects when none comes for half a minute. */
  received(count: number): Promise<void>;
  /** When each message came first, by its number: milliseconds of `clock`. */
  times(): Promise<ReadonlyMap<number, number>>;
  /** Nobody listens any more. */
  stop(): Promise<void>;
}

/** A clock that all processes of this machine share; milliseconds. */
export function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

type Question = { readonly kind: 'wait'; readonly count: number } | { readonly kind: 'times' };

export async function startSink({ started }: Context): Promise<Sink> {
  const port = await freePort();
  const child = await startChild(import.meta.url, [String(port)], started);
  return {
    url: `http://127.0.0.1:${port}/fhir`,
    async received(count) {
      const fault = await child.ask<string | null>({ kind: 'wait', count });
      if (fault !== null) throw new Error(fault);
    },
    times: () => child.ask({ kind: 'times' }),
    stop: child.stop,
  };
}

const request = Buffer.from('"request":{');
const mark = Buffer.from(marker);

async function serve(port: number): Promise<void> {
  endWithParent();
  const times = new Map<number, number>();
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const at = body.indexOf(mark);
      const number = Number(body.toString('latin1', at + mark.length, at + mark.length + 9));
      if (at >= 0 && !times.has(number)) times.set(number, clock());
      // One answer an entry. Parsing the bundle would count them too, and take the machine from what is measured.
      let entries = 0;
      for (let from = body.indexOf(request); from >= 0; from = body.indexOf(request, from + 1)) entries++;
      const entry = Array.from({ length: entries }, () => ({ response: { status: '200 OK' } }));
      const answer = Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
      outgoing.writeHead(200, { 'content-type': 'application/fhir+json', 'content-length': answer.length });
      outgoing.end(answer);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1', () => process.send?.('ready'));
  process.on('message', (question: Question) => {
    if (question.kind === 'times') process.send?.(times);
    else void waitFor(times, question.count).then((answer) => process.send?.(answer));
  });
}

async function waitFor(times: ReadonlyMap<number, number>, count: number): Promise<string | null> {
  for (let [last, changed] = [times.size, Date.now()]; times.size < count; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (times.size !== last) [last, changed] = [times.size, Date.now()];
    if (Date.now() - changed > 30_000) return `${times.size} of ${count} messages were delivered, then none for 30 s`;
  }
  return null;
}

if (import.meta.main) await serve(Number(process.argv[2]));
