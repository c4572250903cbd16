/** Certificates made for a test, without the openssl command: an authority, and what it signs. */
import { createPrivateKey, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as Crypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hour = 3_600_000;

/** A certificate and its key in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Wish {
  readonly cn: string;
  /** DNS names beside it. Default: localhost. */
  readonly dns?: readonly string[];
  /** Until when. Default: in a year. */
  readonly to?: Date;
  /** An RSA key of so many bits, in the place of one on P-256. */
  readonly bits?: number;
}

export interface Authority {
  /** Its own certificate in PEM. */
  readonly cert: string;
  /** A certificate for a server or a client, for localhost and 127.0.0.1 too. */
  issue(wish: Wish): Promise<Pair>;
}

/** An authority of its own; `name` tells one from another. */
export async function authority(name = 'Test Authority'): Promise<Authority> {
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: new Date(Date.now() - hour),
    notAfter: inAYear(),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    cert: pem(root),
    async issue({ cn, dns = ['localhost'], to = inAYear(), bits }) {
      const own = bits === undefined ? await newKeys() : await rsaKeys(bits);
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${cn}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        notBefore: new Date(Math.min(Date.now(), to.getTime()) - hour),
        notAfter: to,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          new x509.SubjectAlternativeNameExtension([
            ...dns.map((value) => ({ type: 'dns' as const, value })),
            { type: 'ip', value: '127.0.0.1' },
          ]),
        ],
      });
      return { cert: pem(certificate), key: await keyPem(own.privateKey) };
    },
  };
}

/** The key of a pair, encrypted with a passphrase. */
export function encrypted({ key }: Pair, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

/** Writes texts into a folder; gives the path of each. */
export function writeAll<Name extends string>(folder: string, texts: Record<Name, string>): Record<Name, string> {
  const files = Object.entries<string>(texts).map(([name, text]) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return [name, file];
  });
  return Object.fromEntries(files) as Record<Name, string>;
}

function newKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
}

function rsaKeys(modulusLength: number): Promise<CryptoKeyPair> {
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Uint8Array.of(1, 0, 1), modulusLength };
  return webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
}

async function keyPem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key as webcrypto.CryptoKey));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function inAYear(): Date {
  return new Date(Date.now() + 365 * 24 * hour);
}
