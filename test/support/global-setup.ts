/** Before all test files: one PostgreSQL for those that need a database. Its data need not survive the machine. */

import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/store/embedded.ts';
import { tempFolder } from './temp.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await tempFolder('tests');
  const settings = { max_connections: '200', fsync: 'off' };
  const server = await startEmbedded({ dataDir: folder.path, log: () => undefined, settings });
  project.provide('postgresUrl', server.url);
  // Commands that tests call find what the one before read of unchanged files.
  process.env.WEIR_DATA = (await tempFolder('commands')).path;
  return async () => {
    await server.stop();
    await rm(server.home, { recursive: true, force: true });
    await folder.remove();
    await rm(process.env.WEIR_DATA ?? '', { recursive: true, force: true });
  };
}
