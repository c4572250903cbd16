/** Builds the page from its source into a folder of its own and serves it on a free port, over a desk in memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { buildServer } from '../../src/api/server.ts';
import type { ApiOptions } from '../../src/api/types.ts';
import { channel, type MemoryDesk } from './desk.ts';
import { MemoryTroubles } from './troubles.ts';
import { MemoryUnmerges } from './unmerges.ts';

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** `desk` is asked anew by each request, so that a test can put another in its place. */
export async function serve(desk: () => MemoryDesk, parts: Partial<ApiOptions> = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-page-'));
  const root = join(import.meta.dirname, '../../src/dashboard');
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  const day = new Date(Date.now() + 100 * 86_400_000);
  const troubles = new MemoryTroubles();
  for (let turn = 0; turn < 3; turn += 1) troubles.add({ at: new Date() });
  troubles.add({ kind: 'handshake', reason: 'certificate', detail: 'CERT_HAS_EXPIRED', at: new Date() });
  const well = { ready: true, text: 'It answers' };
  const app = await buildServer({
    desk: {
      figures: () => desk().figures(),
      messages: (query) => desk().messages(query),
      message: (id) => desk().message(id),
      replay: (id) => desk().replay(id),
      park: (id) => desk().park(id),
    },
    troubles,
    unmerges: new MemoryUnmerges(),
    listeners: () => [{ channel: 'adt', connections: 2, tls: { loaded: day, expires: day, problem: null } }],
    channels: () => [channel('adt', 2575), channel('lab', 2576)],
    explain: () => ({
      fields: [
        {
          path: 'PID-5[1].1.1',
          value: 'Quillfeather',
          state: 'mapped',
          rows: ['PID[Patient]#7', 'XPN[HumanName]#3'],
          why: null,
          to: ['Patient.name[0].family'],
        },
        { path: 'PID-1', value: '1', state: 'skipped', rows: ['PID[Patient]#3'], why: 'a counter, not data' },
        { path: 'PID-8', value: 'F', state: 'mapped', rows: ['PID[Patient]#13'], why: null, to: ['Patient.gender'] },
        { path: 'PV1-44', value: '20260301075500', state: 'dropped', rows: [], why: null },
      ],
      edits: [{ destination: 'lis', changes: [{ step: 'lis, step 1', kind: 'set', path: 'MSH-5' }] }],
    }),
    ready: async () => ({ database: well, queue: well, listeners: well }),
    metrics: async () => '',
    version: '0.1.0',
    dashboard: folder,
    ...parts,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    async close() {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
