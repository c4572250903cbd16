/** The TLS options of `weir send`, from its flags. */
import { type ClientOptions, clientOptions, readTls } from '../tls.ts';
import { misuse } from './input.ts';

export const tlsArgs = {
  tls: { type: 'boolean', description: 'Encrypted, with the authorities that come with Node unless --ca says otherwise' },
  ca: {
    type: 'string',
    description: "PEM file of the authorities that the receiver's certificate must lead to",
    valueHint: 'FILE',
  },
  cert: { type: 'string', description: 'PEM file of the certificate to show (mutual TLS)', valueHint: 'FILE' },
  key: { type: 'string', description: 'PEM file of its private key', valueHint: 'FILE' },
  servername: {
    type: 'string',
    description: "Name in the receiver's certificate, where it is not the host's",
    valueHint: 'NAME',
  },
} as const;

export interface TlsFlags {
  readonly tls?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

/** Gives the options of a connection to a host; null without --tls. Undefined where the flags or files are no good: that was said, exit code 2. */
export async function readTlsFlags(flags: TlsFlags): Promise<((host: string) => ClientOptions) | null | undefined> {
  const { ca = null, cert = null, key = null, servername = null } = flags;
  if (flags.tls !== true) {
    if ([ca, cert, key, servername].every((flag) => flag === null)) return null;
    misuse('--ca, --cert, --key and --servername are of an encrypted connection; add --tls');
    return undefined;
  }
  if ((cert === null) !== (key === null)) {
    misuse('--cert and --key go together; name both files, or neither');
    return undefined;
  }
  const files = { ca, cert, key, passphrase: null, min: '1.2', postQuantum: 'preferred', serverName: servername } as const;
  const { credentials, problems } = await readTls(files, new Date());
  for (const { severity, at, text } of problems)
    if (severity === 'error') misuse(`--${at}: ${text}`);
    else process.stderr.write(`--${at}: ${text}.\n`);
  return credentials === null ? undefined : (host) => clientOptions(files, credentials, host);
}
