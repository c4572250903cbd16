import type { Refusal } from '../hl7/ack.ts';
import { type CertificateRule, matchesRule, type PeerCertificate } from '../tls.ts';

/** What a message says of itself. `sender` is MSH-3.1^MSH-4.1. */
export interface Header {
  readonly type: string;
  readonly event: string;
  readonly sender: string;
  /** MSH-11.1 and MSH-12.1. */
  readonly processingId: string;
  readonly version: string;
}

/** What a channel takes: `EPIC^MAIN`, `EPIC^*`, `ADT^*`. Empty: anything. */
export interface Taken {
  readonly from: readonly string[];
  readonly types: readonly string[];
  /** Processing ids (MSH-11.1, table 0103) and versions (MSH-12.1). Empty: any. */
  readonly processing: readonly string[];
  readonly versions: readonly string[];
  /** Which certificate may send as whom; empty: any as anyone. */
  readonly certificates: readonly CertificateRule[];
}

/**
 * Why a channel does not take a message, by its sender (MSH-3, MSH-4) and the certificate that it comes with, its type (MSH-9), processing id (MSH-11) and version (MSH-12);
 * null where it does (HL7 2.9, 2.9.2.2). Pure.
 */
export function accept(header: Header, taken: Taken, certificate: PeerCertificate | null = null): Refusal | null {
  if (!matchesAny(header.sender, taken.from)) return { code: 'listen-sender', location: 'MSH-3' };
  if (!maySend(header.sender, taken.certificates, certificate)) return { code: 'listen-certificate', location: 'MSH-3' };
  if (!matchesAny(`${header.type}^${header.event}`, taken.types)) return { code: 'listen-type', location: 'MSH-9' };
  if (taken.processing.length > 0 && !taken.processing.includes(header.processingId))
    return { code: 'listen-processing', location: 'MSH-11' };
  if (taken.versions.length > 0 && !taken.versions.includes(header.version))
    return { code: 'listen-version', location: 'MSH-12' };
  return null;
}

function maySend(sender: string, rules: readonly CertificateRule[], certificate: PeerCertificate | null): boolean {
  if (rules.length === 0) return true;
  return certificate !== null && rules.some((rule) => matchesRule(rule, certificate) && matchesAny(sender, rule.from));
}

function matchesAny(value: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(value, pattern));
}

/** Part by part; `*` takes any, and so does a part that the pattern leaves out. */
function matches(value: string, pattern: string): boolean {
  const [first = '', second = ''] = value.split('^');
  const [wantedFirst = '*', wantedSecond = '*'] = pattern.split('^');
  return (wantedFirst === '*' || wantedFirst === first) && (wantedSecond === '*' || wantedSecond === second);
}
