/** Bundles as they are kept: deflated (RFC 1951), a fifth of their size, for less than it costs to move the rest. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** A body to be kept. */
export function pack(body: Uint8Array): Buffer {
  return deflateRawSync(body, { level: 1 });
}

/** The body that was packed. */
export function unpack(packed: Uint8Array): Buffer {
  return inflateRawSync(packed);
}
