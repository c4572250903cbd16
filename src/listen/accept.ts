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

/** Why a channel does not take a message; null where it does. */
export type Accept = (header: Header, certificate?: PeerCertificate | null) => Refusal | null;

/**
 * Compiles what a channel takes: by sender (MSH-3, MSH-4) and the certificate that a message comes with, its type (MSH-9), processing id (MSH-11) and version (MSH-12)
 * (HL7 2.9, 2.9.2.2). Pure.
 */
export function compileAccept({ from, types, processing, versions, certificates }: Taken): Accept {
  const [senders, kinds] = [pairsOf(from), pairsOf(types)];
  const rules = certificates.map((rule) => ({ rule, senders: pairsOf(rule.from) }));
  const maySend = ({ sender }: Header, certificate: PeerCertificate | null): boolean =>
    certificate !== null &&
    rules.some(({ rule, senders }) => matchesRule(rule, certificate) && matchesAny(pairOf(sender, ''), senders));
  // Of the header no more is read than the channel asks for.
  return (header, certificate = null) => {
    if (senders.length > 0 && !matchesAny(pairOf(header.sender, ''), senders))
      return { code: 'listen-sender', location: 'MSH-3' };
    if (rules.length > 0 && !maySend(header, certificate)) return { code: 'listen-certificate', location: 'MSH-3' };
    if (kinds.length > 0 && !matchesAny([header.type, header.event], kinds)) return { code: 'listen-type', location: 'MSH-9' };
    if (processing.length > 0 && !processing.includes(header.processingId))
      return { code: 'listen-processing', location: 'MSH-11' };
    if (versions.length > 0 && !versions.includes(header.version)) return { code: 'listen-version', location: 'MSH-12' };
    return null;
  };
}

/** Two parts; of a pattern `*` takes any. */
type Pair = readonly [first: string, second: string];

/** A part that the pattern leaves out takes any. */
function pairsOf(patterns: readonly string[]): Pair[] {
  return patterns.map((pattern) => pairOf(pattern, '*'));
}

function pairOf(text: string, absent: string): Pair {
  const [first = absent, second = absent] = text.split('^');
  return [first, second];
}

/** Without patterns anything matches. */
function matchesAny([first, second]: Pair, patterns: readonly Pair[]): boolean {
  return (
    patterns.length === 0 ||
    patterns.some(([wanted, next]) => (wanted === '*' || wanted === first) && (next === '*' || next === second))
  );
}
