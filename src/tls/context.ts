import { isIP } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { ClientTls, Credentials, ServerTls, TlsFiles } from './types.ts';

/** The one key exchange where it must withstand a quantum computer. Without it OpenSSL's own list, whose first choice it is. */
const hybrid = 'X25519MLKEM768';

/** What a secure context is made from. A required hybrid exchange leaves TLS 1.3 only: the older one does not have it. */
export function contextOptions({ min, postQuantum }: TlsFiles, { cert, key, ca, passphrase }: Credentials): SecureContextOptions {
  const required = postQuantum === 'required';
  return {
    minVersion: required ? 'TLSv1.3' : `TLSv${min}`,
    ecdhCurve: required ? hybrid : 'auto',
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(ca === null ? {} : { ca }),
    ...(passphrase === null ? {} : { passphrase }),
  };
}

/** Options of `tls.createServer` and of its `setSecureContext`. */
export function serverOptions(tls: ServerTls, credentials: Credentials): TlsOptions {
  return {
    ...contextOptions(tls, credentials),
    requestCert: tls.clients !== 'none',
    rejectUnauthorized: tls.clients === 'required',
    handshakeTimeout: tls.handshakeTimeout,
  };
}

/** What goes into `tls.connect` beside host and port. */
export interface ClientOptions extends SecureContextOptions {
  readonly servername?: string;
  readonly rejectUnauthorized: true;
}

/** Options of `tls.connect`, beside host and port. The receiver's certificate is always checked. */
export function clientOptions(tls: ClientTls, credentials: Credentials, host: string): ClientOptions {
  const name = tls.serverName ?? (isIP(host) === 0 ? host : null);
  return { ...contextOptions(tls, credentials), ...(name === null ? {} : { servername: name }), rejectUnauthorized: true };
}
