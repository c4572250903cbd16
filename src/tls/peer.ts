/** Who the other side is by its certificate. Pure. */
import type { X509Certificate } from 'node:crypto';

/** What is told of a certificate that was verified. */
export interface PeerCertificate {
  /** Common name of its subject; null where there is none. */
  readonly cn: string | null;
  /** Its alternative names without their kind: `lab.mercy.example`, `10.1.2.3`, `urn:device:7`. */
  readonly names: readonly string[];
  /** SHA-256 of the certificate, hexadecimal, small letters without colons. */
  readonly fingerprint: string;
}

/** A certificate that may send as some senders. What is null may be anything. */
export interface CertificateRule {
  readonly cn: string | null;
  readonly san: string | null;
  /** As in `PeerCertificate`. */
  readonly fingerprint: string | null;
  /** MSH-3^MSH-4, `*` for any part. */
  readonly from: readonly string[];
}

/** What a rule is matched with. */
export function certificateOf(certificate: X509Certificate): PeerCertificate {
  // One name a line; a line break within a name is escaped.
  const cn = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? null;
  return { cn, names: alternativeNames(certificate.subjectAltName), fingerprint: plainFingerprint(certificate.fingerprint256) };
}

/** Whether a certificate is the one that a rule means. Names compare without regard to case, as DNS does. */
export function matchesRule(rule: CertificateRule, certificate: PeerCertificate): boolean {
  const same = (one: string, other: string | null) => one.toLowerCase() === other?.toLowerCase();
  return (
    (rule.cn === null || same(rule.cn, certificate.cn)) &&
    (rule.san === null || certificate.names.some((name) => same(name, rule.san))) &&
    (rule.fingerprint === null || rule.fingerprint === certificate.fingerprint)
  );
}

/** `AB:CD…` as openssl prints it -> `abcd…`. */
export function plainFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

/** `DNS:a.example, IP Address:10.1.2.3`; a name that holds a comma or a quote stands as a JSON text. */
function alternativeNames(text: string | undefined): string[] {
  const names = (text ?? '').matchAll(/(?:^|, )(?:DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return Array.from(names, ([, name = '']) => (name.startsWith('"') ? String(JSON.parse(name)) : name));
}
