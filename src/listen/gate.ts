import { BlockList, isIPv6 } from 'node:net';

/** Addresses with a common prefix: `10.0.0.0/8`. */
export interface AddressRange {
  readonly address: string;
  /** Bits: up to 32 for IPv4, 128 for IPv6. */
  readonly prefix: number;
}

export interface GateOptions {
  /** Who may connect. Default, and empty: anyone. */
  readonly allow?: readonly AddressRange[];
  /** Connections at a time. Default, and 0: any number. */
  readonly maxConnections?: number;
  /** Connections of one address. */
  readonly maxConnectionsPerAddress?: number;
}

/** Who may come in: by address, and by how many are in already. */
export class Gate {
  readonly #options: GateOptions;
  readonly #allowed = new BlockList();
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    for (const { address, prefix } of options.allow ?? []) this.#allowed.addSubnet(address, prefix, family(address));
  }

  /** Lets a peer in, to be told by `leave` when it has gone; or says why not. */
  enter(address: string): 'address' | 'connections' | null {
    const { allow = [], maxConnections = 0, maxConnectionsPerAddress: perAddress = 0 } = this.#options;
    if (allow.length > 0 && !this.#allowed.check(address, family(address))) return 'address';
    const own = this.#byAddress.get(address) ?? 0;
    if (maxConnections > 0 && this.#all >= maxConnections) return 'connections';
    if (perAddress > 0 && own >= perAddress) return 'connections';
    this.#byAddress.set(address, own + 1);
    this.#all += 1;
    return null;
  }

  leave(address: string): void {
    const own = (this.#byAddress.get(address) ?? 1) - 1;
    if (own === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, own);
    this.#all -= 1;
  }
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
