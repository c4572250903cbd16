/**
 * Deterministic ids: the same statement about the same thing gets the same id every time it is mapped, so that delivering again has
 * the effect of delivering once.
 */
import { hash } from 'node:crypto';

/** Weir's name space (RFC 9562, 6.5). It must never change: every id ever delivered hangs on it. */
const namespace = Buffer.from('5d3c0f4e9c5b4f0b8a6e1f5a7d2b9c31', 'hex');

/**
 * The UUID version 5 (RFC 9562, 5.5) of a name made of parts, in lower case without `urn:uuid:`. Each part goes in with its length,
 * so that ('ab', 'c') and ('a', 'bc') have different ids.
 */
export function uuidOf(...parts: string[]): string {
  let name = '';
  for (const part of parts) name += `${part.length}:${part};`;
  const bytes = hash('sha1', Buffer.concat([namespace, Buffer.from(name, 'utf8')]), 'buffer').subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
