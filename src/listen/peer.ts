import { isIPv6, type Socket } from 'node:net';

/** Where a connection comes from. */
export interface Peer {
  /** Without a zone; an IPv4 address that came over IPv6 is plain IPv4. */
  readonly address: string;
  /** `10.1.2.3:40112`, `[2001:db8::7]:40112` */
  readonly text: string;
}

/** The other side of a connection; asked as soon as it is accepted, for a closed one does not know any more. */
export function peerOf(socket: Socket): Peer {
  const address = plainAddress(socket.remoteAddress ?? 'unknown');
  return { address, text: `${isIPv6(address) ? `[${address}]` : address}:${socket.remotePort ?? 0}` };
}

/** `::ffff:10.1.2.3` -> `10.1.2.3` (RFC 4291, 2.5.5.2); `fe80::1%eth0` -> `fe80::1`. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
