import type { CertificateRule } from './peer.ts';

/** What both sides of a connection declare. Paths are absolute. */
export interface TlsFiles {
  /** PEM: our certificate, and behind it those between it and its root; null where we show none. */
  readonly cert: string | null;
  /** PEM: its private key. */
  readonly key: string | null;
  /** What the key is encrypted with; null where it is not. */
  readonly passphrase: string | null;
  /** PEM: the certificates that the other side's must lead to; null: for a sender the public ones that come with Node. */
  readonly ca: string | null;
  readonly min: '1.2' | '1.3';
  /** Whether the key exchange must be hybrid (X25519MLKEM768), or only is where both sides can. */
  readonly postQuantum: 'preferred' | 'required';
}

/** TLS of a listener. */
export interface ServerTls extends TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Whether a sender is asked for a certificate. One that is shown must hold, also where none is needed. */
  readonly clients: 'none' | 'optional' | 'required';
  /** Which certificate may send as whom; empty: any that holds may send as anyone. */
  readonly senders: readonly CertificateRule[];
  /** Milliseconds from the connection to the end of its handshake. */
  readonly handshakeTimeout: number;
}

/** TLS of a sender. */
export interface ClientTls extends TlsFiles {
  /** The name that the receiver's certificate must have; null: the host that is connected to. */
  readonly serverName: string | null;
}

/** The files of a declaration, read and found to fit together. */
export interface Credentials {
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
  readonly passphrase: string | null;
  readonly ca: Buffer | null;
  /** When the first of our certificates ends; null where there is none. */
  readonly expires: Date | null;
}

/** Something wrong with the files of a declaration. `text` is a sentence: `<what> (<where, why>); <next step>`. */
export interface TlsProblem {
  readonly code: 'tls-unreadable' | 'tls-not-pem' | 'tls-passphrase' | 'tls-key-mismatch' | 'tls-unusable' | 'tls-expiry';
  /** Whether the files cannot be used, or can be for now. */
  readonly severity: 'error' | 'warning';
  /** The key of the declaration that it is about. */
  readonly at: 'cert' | 'key' | 'ca' | 'passphrase';
  readonly text: string;
}
