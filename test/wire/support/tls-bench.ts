/** A listener that speaks TLS, and senders of every kind. */
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { MllpDecoder } from '../../../src/hl7/mllp.ts';
import type { Listener } from '../../../src/listen/listener.ts';
import { type Credentials, type ServerTls, serverOptions } from '../../../src/tls.ts';
import { type Authority, authority, type Pair } from '../../support/certificates.ts';
import { type Bench, bench, type Peer, textOf } from './bench.ts';

export const hospital: Authority = await authority('Hospital CA');
export const stranger: Authority = await authority('Another CA');
export const ours: Pair = await hospital.issue({ cn: 'weir.hospital.example' });
export const epic: Pair = await hospital.issue({ cn: 'epic.hospital.example' });

/** Credentials of a pair, with the hospital's authority for the other side. */
export function credentials({ cert, key }: Pair, ca: Authority = hospital): Credentials {
  return { cert: Buffer.from(cert), key: Buffer.from(key), ca: Buffer.from(ca.cert), passphrase: null, expires: null };
}

/** What a channel declares, without its files. */
export function declared(parts: Partial<ServerTls> = {}): ServerTls {
  return {
    ...{ cert: '', key: '', ca: '', passphrase: null, min: '1.2', postQuantum: 'preferred' },
    ...{ clients: 'none', senders: [], handshakeTimeout: 10_000, ...parts },
  };
}

/** A listener under test that shows `ours`. */
export function tlsBench(parts: Partial<ServerTls> = {}, wait?: (text: string) => Promise<unknown>): Promise<Bench> {
  return bench({ tls: serverOptions(declared(parts), credentials(ours)) }, wait);
}

/** A sender that trusts the hospital, connected. Rejects where no encrypted connection comes to be. */
export async function tlsPeer(
  listener: Listener,
  options: ConnectionOptions = {},
): Promise<Peer & { readonly socket: TLSSocket }> {
  const socket = connect({ port: listener.port, host: '127.0.0.1', ca: hospital.cert, ...options });
  const decoder = new MllpDecoder(1_000_000);
  const answers: string[] = [];
  socket.on('data', (data) => {
    for (const event of decoder.push(data)) answers.push(event.kind === 'frame' ? textOf(event.bytes) : event.trouble);
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return { socket, closed, received: () => answers };
}

/** What a sender's attempt ends with: the code of its error, or `closed`. */
export async function refusedWith(listener: Listener, options: ConnectionOptions): Promise<string> {
  const socket = connect({ port: listener.port, host: '127.0.0.1', ca: hospital.cert, ...options });
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    socket.on('close', () => resolve('closed'));
    socket.resume();
  });
}
