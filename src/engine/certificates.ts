/** The certificates of all channels: read at the start, kept fresh, given to the sockets that need them. */
import type { TlsOptions } from 'node:tls';
import type { Channel } from '../channel/types.ts';
import { WeirError } from '../errors.ts';
import type { Log } from '../log.ts';
import {
  type ClientOptions,
  type ClientTls,
  clientOptions,
  keepTls,
  serverOptions,
  type TlsFiles,
  type TlsKeeper,
  type TlsStatus,
} from '../tls.ts';

export interface Certificates {
  /** What a channel's listener is started with; null: plain TCP. */
  ofListener(channel: Channel): TlsOptions | null;
  /** What the next connection to a host of a receiver, a destination or where application ACKs go, is made with; null: it declares nothing. */
  ofReceiver(receiver: { readonly tls: ClientTls | null }, host: string): ClientOptions | null;
  /** State of the certificates of a channel's listener; null: it has none. */
  status(channel: Channel): TlsStatus | null;
  /** Looks at all files now. Never rejects. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Reads the certificates of all channels. Rejects with `tls-files` where they cannot be used.
 * @param renew is given the new ones of a channel's listener
 */
export async function openCertificates(
  channels: readonly Channel[],
  log: Log,
  renew: (channel: string, options: TlsOptions) => void,
): Promise<Certificates> {
  const keepers = new Map<TlsFiles, TlsKeeper>();
  const keep = async (files: TlsFiles | null, what: string, changed?: (keeper: TlsKeeper) => void): Promise<void> => {
    if (files === null) return;
    const keeper = await keepTls(files, {
      changed() {
        if (changed) changed(keeper);
        log.info('new certificates are in use', { of: what });
      },
      problem(text) {
        if (text === null) log.info('the certificates are good again', { of: what });
        else log.trouble(`certificates of ${what}`, new WeirError('tls-files', text));
      },
    });
    keepers.set(files, keeper);
  };
  const close = (): void => {
    for (const keeper of keepers.values()) keeper.close();
  };
  try {
    for (const { name, listen, acknowledge, destinations } of channels) {
      const { tls } = listen;
      await keep(tls, name, ({ credentials }) => tls && renew(name, serverOptions(tls, credentials)));
      await keep(acknowledge.to?.tls ?? null, `${name}, acknowledge.to`);
      for (const destination of destinations) await keep(destination.tls, `${name}/${destination.name}`);
    }
  } catch (error) {
    close();
    throw error;
  }
  const keeperOf = (files: TlsFiles): TlsKeeper => {
    const keeper = keepers.get(files);
    if (!keeper) throw new Error('certificates of no channel that runs');
    return keeper;
  };
  return {
    ofListener: ({ listen: { tls } }) => tls && serverOptions(tls, keeperOf(tls).credentials),
    ofReceiver: ({ tls }, host) => tls && clientOptions(tls, keeperOf(tls).credentials, host),
    status: ({ listen: { tls } }) => tls && keeperOf(tls).status,
    async refresh() {
      await Promise.all([...keepers.values()].map((keeper) => keeper.refresh()));
    },
    close,
  };
}
