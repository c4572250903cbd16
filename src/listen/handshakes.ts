import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { certificateOf, type PeerCertificate } from '../tls.ts';
import type { Peer } from './peer.ts';
import type { HandshakeReason } from './types.ts';

/** A connection that did not come to be encrypted. */
export interface HandshakeFailure {
  readonly peer: Peer;
  readonly reason: HandshakeReason;
  /** What OpenSSL calls it; null where it is not OpenSSL that found it. */
  readonly detail: string | null;
  /** The first bytes that came. */
  readonly bytes: Uint8Array;
}

export interface HandshakeEvents {
  secured(socket: TLSSocket, peer: Peer, certificate: PeerCertificate | null): void;
  failed(failure: HandshakeFailure): void;
}

interface Pending {
  readonly peer: Peer;
  readonly timer: NodeJS.Timeout;
  head: Uint8Array;
  cause: Pick<HandshakeFailure, 'reason' | 'detail'> | null;
}

/** The first byte of every TLS connection: a record of type handshake (RFC 8446, 5.1). */
const handshakeRecord = 0x16;

/** Makes accepted connections encrypted ones. One that fails costs the others nothing. */
export class Handshakes {
  readonly #server: Server;
  readonly #events: HandshakeEvents;
  readonly #timeout: number;
  readonly #pending = new Map<Socket, Pending>();

  /** `options` are those of `tls.createServer`. */
  constructor(options: TlsOptions, events: HandshakeEvents) {
    // It never listens: connections are handed to it, so that their first bytes can be seen before.
    this.#server = createServer(options);
    this.#events = events;
    this.#timeout = options.handshakeTimeout ?? 10_000;
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  /** New certificates, for connections that are still to come. Throws where they cannot be used, and changes nothing then. */
  renew(options: TlsOptions): void {
    this.#server.setSecureContext(options);
  }

  take(socket: Socket, peer: Peer): void {
    const timer = setTimeout(() => this.#end(socket, 'slow', null), this.#timeout);
    this.#pending.set(socket, { peer, timer, head: new Uint8Array(0), cause: null });
    socket.on('error', () => {});
    // Its cause may be told just behind its close.
    socket.on('close', () => setImmediate(() => this.#gone(socket)));
    socket.once('readable', () => this.#begin(socket));
  }

  /** Ends those that are under way: nothing was promised to them. */
  close(): void {
    for (const [socket, { timer }] of this.#pending) {
      clearTimeout(timer);
      socket.destroy();
    }
    this.#pending.clear();
  }

  #begin(socket: Socket): void {
    const pending = this.#pending.get(socket);
    const head: Buffer | null = socket.read();
    if (pending === undefined) return;
    if (head === null) {
      this.#end(socket, 'closed', null);
      return;
    }
    pending.head = Uint8Array.from(head);
    if (head[0] !== handshakeRecord) {
      this.#end(socket, 'plain-text', null);
      return;
    }
    socket.unshift(head);
    this.#server.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    const raw = wrappedBy(socket);
    const pending = raw && this.#pending.get(raw);
    if (raw === undefined || pending === undefined) {
      socket.destroy();
      return;
    }
    const certificate = socket.getPeerX509Certificate();
    // Where certificates are optional, Node lets in one that does not hold.
    if (certificate !== undefined && !socket.authorized) {
      this.#end(raw, 'certificate', String(socket.authorizationError));
      return;
    }
    clearTimeout(pending.timer);
    this.#pending.delete(raw);
    this.#events.secured(socket, pending.peer, certificate === undefined ? null : certificateOf(certificate));
  }

  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const raw = wrappedBy(socket);
    // Node has this one in its types as an error; it is the code of one.
    const refused = socket.authorizationError as unknown as string | null;
    if (raw !== undefined)
      this.#end(raw, refused === null ? reasonOf(error.code ?? '') : 'certificate', refused ?? error.code ?? null);
  }

  #end(socket: Socket, reason: HandshakeReason, detail: string | null): void {
    const pending = this.#pending.get(socket);
    if (pending !== undefined) pending.cause ??= { reason, detail };
    socket.destroy();
  }

  #gone(socket: Socket): void {
    const pending = this.#pending.get(socket);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(socket);
    const { peer, head, cause } = pending;
    this.#events.failed({ peer, bytes: head, ...(cause ?? { reason: 'closed', detail: null }) });
  }
}

/** The connection below a TLS socket. Node gives no public way to it, and the socket itself forgets its address when it closes. */
function wrappedBy(socket: TLSSocket): Socket | undefined {
  return (socket as TLSSocket & { readonly _parent?: Socket })._parent;
}

const reasons: readonly (readonly [RegExp, HandshakeReason])[] = [
  [/DID_NOT_RETURN_A_CERTIFICATE/, 'no-certificate'],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK/, 'version'],
  [/NO_SUITABLE_KEY_SHARE|NO_SHARED_GROUP|NO_SUITABLE_GROUPS/, 'key-exchange'],
  [/NO_SHARED_CIPHER/, 'cipher'],
  [/HANDSHAKE_TIMEOUT/, 'slow'],
  [/_ALERT_/, 'refused-by-sender'],
  [/ECONNRESET|EPIPE/, 'closed'],
];

function reasonOf(code: string): HandshakeReason {
  return reasons.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';
}
