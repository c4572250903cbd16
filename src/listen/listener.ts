import { createServer, type Server, type Socket } from 'node:net';
import { WeirError } from '../errors.ts';
import type { PeerCertificate } from '../tls.ts';
import { Connection } from './connection.ts';
import { Gate } from './gate.ts';
import { Handshakes } from './handshakes.ts';
import { type Peer, peerOf } from './peer.ts';
import { Room } from './room.ts';
import type { Listener, ListenerOptions, ListenTrouble } from './types.ts';

export type { AddressRange } from './gate.ts';
export type { Answer, HandshakeReason, Line, Listener, ListenerOptions, ListenTrouble, ReceivedFrame } from './types.ts';

const nothing = new Uint8Array(0);

/**
 * Listens for MLLP on a port. It knows frames and answers, and nothing of what is in them. Rejects with `listen-port-taken` where the port is
 * in use.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const connections = new Set<Connection>();
  const gate = new Gate(options);
  const room = new Room(options.maxUnfinished ?? Number.POSITIVE_INFINITY);
  const open = (socket: Socket, peer: Peer, certificate: PeerCertificate | null = null): void => {
    const connection = new Connection(socket, options, { peer: peer.text, certificate, share: room.share() });
    connections.add(connection);
    connection.gone.then(() => connections.delete(connection));
  };
  const trouble = (kind: ListenTrouble['kind'], peer: Peer, bytes: Uint8Array = nothing, more: Partial<ListenTrouble> = {}) =>
    options.trouble({
      ...{ kind, reason: null, detail: null, channel: options.channel, peer: peer.text, at: new Date() },
      ...{ bytes, size: bytes.length, ...more },
    });
  const { tls = null, keepAlive = 60_000 } = options;
  const handshakes =
    tls &&
    new Handshakes(tls, {
      secured: open,
      failed: ({ peer, bytes, reason, detail }) => trouble('handshake', peer, bytes, { reason, detail }),
    });
  // Half open: a sender may close its side and still wait for its last answers.
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: keepAlive > 0, keepAliveInitialDelay: keepAlive },
    (socket) => {
      const peer = peerOf(socket);
      const refused = gate.enter(peer.address);
      if (refused !== null) {
        socket.on('error', () => {});
        socket.destroy();
        trouble(refused, peer);
        return;
      }
      socket.on('close', () => gate.leave(peer.address));
      if (handshakes === null) open(socket, peer);
      else handshakes.take(socket, peer);
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
    get held() {
      return room.held;
    },
    renew: (renewed) => handshakes?.renew(renewed),
    async stop(drainMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      handshakes?.close();
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
