import { createServer, type Server } from 'node:net';
import { WeirError } from '../errors.ts';
import { Connection } from './connection.ts';
import type { Listener, ListenerOptions } from './types.ts';

export type { Answer, Line, Listener, ListenerOptions, ListenTrouble, ReceivedFrame } from './types.ts';

/**
 * Listens for MLLP on a port. It knows frames and answers, and nothing of what is in them. Rejects with `listen-port-taken` where the port is
 * in use.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const connections = new Set<Connection>();
  // Half open: a sender may close its side and still wait for its last answers.
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 },
    (socket) => {
      const connection = new Connection(socket, options);
      connections.add(connection);
      connection.gone.then(() => connections.delete(connection));
    },
  );
  await listen(server, options);
  // Behind this point an error is a connection that could not be accepted (no more descriptors): its sender tries again.
  server.on('error', () => {});
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    get connections() {
      return connections.size;
    },
    async stop(drainMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.drain();
      const cut = setTimeout(() => {
        for (const connection of connections) connection.cut();
      }, drainMs);
      await closed;
      await Promise.all(Array.from(connections, (connection) => connection.gone));
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, options: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new WeirError('listen-port-taken', `port ${options.port}, listen.mllp.port of channel ${options.channel}`));
      else reject(error);
    });
    server.listen({ host: options.host, port: options.port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
