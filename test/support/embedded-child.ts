/** A process that starts the embedded PostgreSQL on the folder it is given, says so in lines of JSON, and waits. SIGTERM stops both. */
import { startEmbedded } from '../../src/store/embedded.ts';

const dataDir = process.argv[2] ?? '';
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const server = await startEmbedded({ dataDir, log: ({ text }) => say({ log: text }) });
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
  say({ url: server.url, pid: server.pid, home: server.home });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
