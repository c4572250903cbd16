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
  return uuidOfName(nameOf(parts));
}

/** The parts as the one name that the UUID is computed from. */
export function nameOf(parts: readonly string[]): string {
  let name = '';
  for (const part of parts) name += `${part.length}:${part};`;
  return name;
}

/** `uuidOf` for who has the name already. */
export function uuidOfName(name: string): string {
  // As text at once: a buffer of the hash costs as much again as the hash.
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name, 'utf8')]), 'hex');
  // The version is the first digit of the third group; the variant is the first two bits of the fourth.
  const variant = (Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant.toString(16)}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
