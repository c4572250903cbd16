/** TLS for listeners and senders: what a `tls:` key declares, its files read and checked, and the options of a socket made from them. */
export { type ClientOptions, clientOptions, serverOptions } from './tls/context.ts';
export { readTls } from './tls/files.ts';
export { keepTls, type TlsKeeper, type TlsStatus } from './tls/keeper.ts';
export { type CertificateRule, certificateOf, matchesRule, type PeerCertificate, plainFingerprint } from './tls/peer.ts';
export type { ClientTls, Credentials, ServerTls, TlsFiles, TlsProblem } from './tls/types.ts';
