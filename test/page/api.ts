/** The API over a desk, troubles and unmerges in memory, with seven messages of an invented patient. */
import type { FastifyInstance } from 'fastify';
import { buildServer } from '../../src/api/server.ts';
import type { ApiOptions, RequestLine } from '../../src/api/types.ts';
import { channel, delivery, MemoryDesk, message } from './desk.ts';
import { MemoryTroubles } from './troubles.ts';
import { MemoryUnmerges } from './unmerges.ts';

export const well = { ready: true, text: 'It answers' };
/** Words of the invented patient: none of them may leave but on the message's own page. */
export const content = /Quillfeather|Isolde|4711|900-11-2233|19620417|1962-04-17|Weaver|5550114/;

const night = new Date('2026-03-01T03:00:00Z');

/** What is behind the API, and what it logged. */
export class MemoryApi {
  readonly desk = new MemoryDesk();
  readonly troubles = new MemoryTroubles();
  readonly unmerges = new MemoryUnmerges();
  readonly log: RequestLine[] = [];

  constructor() {
    for (let id = 1; id <= 5; id += 1) this.desk.add(message({ id: `${id}` }));
    const cause = { code: 'deliver-refused', text: 'The destination refused the bundle' } as const;
    this.desk.add(message({ id: '6', channel: 'lab', state: 'parked', cause }));
    const deliveries = [delivery({ state: 'waiting', attempts: [] })];
    this.desk.add(message({ id: '7', channel: 'lab', state: 'waiting', deliveries }));
  }

  /** A server on it; `parts` are what a test has otherwise. */
  serve(parts: Partial<ApiOptions> = {}): Promise<FastifyInstance> {
    const { desk, troubles, unmerges, log } = this;
    const tls = { loaded: night, expires: night, problem: 'It is late (so); sleep' };
    return buildServer({
      desk,
      troubles,
      unmerges,
      listeners: () => [{ channel: 'adt', connections: 3, tls }],
      channels: () => [channel('adt', 2575), channel('lab', 2576)],
      explain: null,
      ready: async () => ({ database: well, queue: well, listeners: well }),
      metrics: async () => 'weir_up 1\n',
      version: '0.1.0',
      dashboard: null,
      log: (line) => log.push(line),
      ...parts,
    });
  }
}
