/** Address ranges in a channel file: `10.0.0.0/8`, `fe80::/10`, `192.168.1.7`. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isVariable } from './scalars.ts';

/** Addresses that begin alike. */
export interface AddressRange {
  readonly address: string;
  /** How many bits they have in common: up to 32 for IPv4, 128 for IPv6. */
  readonly prefix: number;
}

/** The range that a text names; null where it names none. A single address is a range of its own. IPv4 within IPv6 becomes plain IPv4. */
export function parseRange(text: string): AddressRange | null {
  const [, written = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const mapped = /^::ffff:(?=\d+\.)/i.test(written);
  const address = mapped ? written.slice('::ffff:'.length) : written;
  const family = isIP(address);
  if (family === 0) return null;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits) - (mapped ? 96 : 0);
  return prefix < 0 || prefix > most ? null : { address, prefix };
}

export const addressRange = z.string().transform((text, context) => {
  const range = parseRange(text);
  if (range !== null || isVariable(text)) return range ?? { address: '0.0.0.0', prefix: 0 };
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no address (an address, or a range with the number of bits that are the same); write it like 10.1.2.3 or 10.0.0.0/8`,
  });
  return z.NEVER;
});
