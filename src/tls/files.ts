/** The files of a `tls:` key: read, and found to be what they should and to fit together. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { contextOptions } from './context.ts';
import type { Credentials, TlsFiles, TlsProblem } from './types.ts';

/** From here on a certificate's end is told beforehand. Milliseconds. */
const soon = 30 * 86_400_000;

export interface ReadTls {
  /** Null where the files cannot be used. */
  readonly credentials: Credentials | null;
  readonly problems: readonly TlsProblem[];
}

/** Reads the files of a declaration and tells everything that is wrong with them at `now`. Never rejects. */
export async function readTls(files: TlsFiles, now: Date): Promise<ReadTls> {
  const problems: TlsProblem[] = [];
  const read = async (at: 'cert' | 'key' | 'ca'): Promise<Buffer | null> => {
    const file = files[at];
    if (file === null) return null;
    try {
      return await readFile(file);
    } catch (error) {
      const cause = (error as NodeJS.ErrnoException).code ?? 'unknown cause';
      problems.push(
        wrong(
          'tls-unreadable',
          at,
          `The file of "${at}" cannot be read (${file}, ${cause}); see that it is there and may be read`,
        ),
      );
      return null;
    }
  };
  const [cert, key, ca] = await Promise.all([read('cert'), read('key'), read('ca')]);
  const ours = certificates(cert, 'cert', problems);
  const authorities = certificates(ca, 'ca', problems);
  checkPair(ours, key && privateKey(key, files, problems), problems);
  const expires = earliest(ours);
  problems.push(...expiries(ours, 'cert', now), ...expiries(authorities, 'ca', now));
  const credentials = { cert, key, ca, passphrase: files.passphrase, expires };
  if (!problems.some(({ severity }) => severity === 'error')) checkUse(files, credentials, problems);
  return { credentials: problems.some(({ severity }) => severity === 'error') ? null : credentials, problems };
}

/** A block without its end is one too: a file that is still being written must not pass for a shorter one. */
const block = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*(?:-----END (?:TRUSTED |X509 )?CERTIFICATE-----)?/g;

function certificates(bytes: Buffer | null, at: 'cert' | 'ca', problems: TlsProblem[]): X509Certificate[] {
  if (bytes === null) return [];
  const blocks = bytes.toString('latin1').match(block) ?? [];
  if (blocks.length === 0) {
    const what = holdsKey(bytes) ? 'it holds a private key' : 'no line is -----BEGIN CERTIFICATE-----';
    problems.push(
      wrong(
        'tls-not-pem',
        at,
        `The file of "${at}" holds no certificate in PEM (${what}); name another, or convert it as docs/tls.md says`,
      ),
    );
  }
  return blocks.flatMap((text, index) => {
    try {
      return [new X509Certificate(text)];
    } catch {
      problems.push(
        wrong(
          'tls-not-pem',
          at,
          `A certificate of "${at}" cannot be read (number ${index + 1} of its file is damaged or cut off); copy the file again`,
        ),
      );
      return [];
    }
  });
}

function holdsKey(bytes: Buffer): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(bytes.toString('latin1'));
}

function privateKey(bytes: Buffer, { passphrase }: TlsFiles, problems: TlsProblem[]): KeyObject | null {
  try {
    return createPrivateKey({ key: bytes, ...(passphrase === null ? {} : { passphrase }) });
  } catch {
    if (passphrase === null && isEncrypted(bytes))
      problems.push(
        wrong(
          'tls-passphrase',
          'key',
          'The private key is encrypted (and there is no passphrase); add a passphrase that comes from the environment',
        ),
      );
    else if (passphrase !== null && holdsKey(bytes))
      problems.push(
        wrong(
          'tls-passphrase',
          'passphrase',
          'The private key does not open with the passphrase (it is another one, or the file is damaged); correct the environment',
        ),
      );
    else
      problems.push(
        wrong(
          'tls-not-pem',
          'key',
          'The file of "key" holds no private key in PEM (no readable -----BEGIN PRIVATE KEY----- block); name another, or convert it as docs/tls.md says',
        ),
      );
    return null;
  }
}

/** PKCS #8 says so at its head, the older forms in a line of their own. */
function isEncrypted(bytes: Buffer): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(bytes.toString('latin1'));
}

/** The key must be that of the first certificate; the others lead from it to its root. */
function checkPair(ours: readonly X509Certificate[], key: KeyObject | null, problems: TlsProblem[]): void {
  const [first] = ours;
  if (first === undefined || key === null || first.checkPrivateKey(key)) return;
  const at = ours.findIndex((one) => one.checkPrivateKey(key)) + 1;
  const why = at > 0 ? `that of the key is number ${at} in the file` : 'they are of different pairs';
  const next = at > 0 ? 'put it first, and behind it the ones that lead to its root' : 'name the two that belong together';
  problems.push(wrong('tls-key-mismatch', 'key', `The private key does not belong to the certificate (${why}); ${next}`));
}

function expiries(all: readonly X509Certificate[], at: 'cert' | 'ca', now: Date): TlsProblem[] {
  return all.flatMap((one) => {
    const [from, to] = [one.validFromDate, one.validToDate];
    const which = all.length === 1 ? `The certificate of "${at}"` : `Certificate ${all.indexOf(one) + 1} of "${at}"`;
    const say = (text: string): TlsProblem[] => [{ code: 'tls-expiry', severity: 'warning', at, text: `${which} ${text}` }];
    if (now > to) return say(`has expired (on ${day(to)}); renew it`);
    if (now < from) return say(`does not hold yet (only from ${day(from)} on); see that the clocks are right, or wait`);
    return to.getTime() - now.getTime() < soon ? say(`expires soon (on ${day(to)}); renew it before`) : [];
  });
}

/** What only OpenSSL finds: a key that is too short, an algorithm that it does not take. */
function checkUse(files: TlsFiles, credentials: Credentials, problems: TlsProblem[]): void {
  try {
    createSecureContext(contextOptions(files, credentials));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown cause';
    problems.push(
      wrong(
        'tls-unusable',
        files.cert === null ? 'ca' : 'cert',
        `The files cannot be used for TLS (OpenSSL says ${reason}); make ones as docs/tls.md says`,
      ),
    );
  }
}

function wrong(code: TlsProblem['code'], at: TlsProblem['at'], text: string): TlsProblem {
  return { code, severity: 'error', at, text };
}

function earliest(all: readonly X509Certificate[]): Date | null {
  return all.reduce<Date | null>((least, { validToDate: to }) => (least === null || to < least ? to : least), null);
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
