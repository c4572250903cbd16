/** Opens the socket of an MLLP connection: TCP, or TLS over it. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Failure, MllpTarget } from './mllp-types.ts';

/** An idle connection is probed by the operating system after this long, so that a receiver that is gone is noticed. Milliseconds. */
const keepAlive = 30_000;

export type Opened = { readonly socket: Socket } | { readonly socket: null; readonly failure: Failure; readonly code: string };

/** Resolves when the connection stands, the TLS handshake included, or with why it does not. Never rejects. */
export function openSocket(target: MllpTarget, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = connecting(target);
    if (socket === null) {
      resolve({ socket: null, failure: 'tls', code: 'ERR_TLS_OPTIONS' });
      return;
    }
    const finish = (opened: Opened): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stopped);
      socket.off('error', failed).off('close', closed);
      if (opened.socket === null) {
        // What comes of a socket that is given up concerns nobody; an error without a listener would end the process.
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(opened);
    };
    const failed = (error: NodeJS.ErrnoException): void =>
      finish({ socket: null, failure: failureOf(error), code: error.code ?? '' });
    const closed = (): void => finish({ socket: null, failure: 'closed', code: '' });
    const stopped = (): void => finish({ socket: null, failure: 'stopped', code: '' });
    const timer = setTimeout(() => finish({ socket: null, failure: 'connect-timeout', code: '' }), target.connectTimeout);
    socket.on('error', failed).on('close', closed);
    socket.once(target.tls === null ? 'connect' : 'secureConnect', () => finish({ socket }));
    if (signal.aborted) stopped();
    else signal.addEventListener('abort', stopped);
  });
}

/** Null where the options of TLS cannot be used: a key that does not fit. */
function connecting({ host, port, tls }: MllpTarget): Socket | null {
  const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive };
  if (tls === null) return connect(tcp);
  try {
    return connectTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tls(), ...tcp });
  } catch {
    return null;
  }
}

const failures: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  ETIMEDOUT: 'connect-timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
};

/** What an error of a socket means. TLS has codes of its own: `ERR_SSL_…`, `ERR_TLS_…`, and those of certificates, without a leading E for errno. */
export function failureOf(error: NodeJS.ErrnoException): Failure {
  const code = error.code ?? '';
  if (failures[code]) return failures[code];
  return /^ERR_(SSL|TLS)|CERT|SIGNATURE|CRL|^UNABLE_TO_|^INVALID_(CA|PURPOSE)|^HOSTNAME_MISMATCH|^PATH_LENGTH/.test(code)
    ? 'tls'
    : 'unreachable';
}
