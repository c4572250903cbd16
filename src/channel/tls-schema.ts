/** The `tls:` key of listeners and destinations, and what is made of it. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type ClientTls, plainFingerprint, type ServerTls } from '../tls.ts';
import { duration, sender } from './scalars.ts';

const text = z.string().min(1);

const min = z
  .enum(['1.2', '1.3'])
  .default('1.2')
  .meta({ description: 'The oldest version of TLS that is spoken', shownDefault: '"1.2"', examples: ['1.3'] });
const postQuantum = z.enum(['preferred', 'required']).default('preferred').meta({
  description:
    'The hybrid key exchange X25519MLKEM768, which a quantum computer does not break later: used where both sides can, or nothing without it (and TLS 1.3 only)',
});
const passphrase = text.optional().meta({
  description: 'What the private key is encrypted with; from the environment',
  shownDefault: 'not encrypted',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
  examples: ['${TLS_KEY_PASSPHRASE}'],
});

const rule = z
  .strictObject({
    cn: text.optional().meta({
      description: "The common name of the certificate's subject",
      shownDefault: 'any',
      examples: ['epic.mercy.example'],
    }),
    san: text.optional().meta({
      description: 'One of its alternative names: a DNS name, an address, a URI',
      shownDefault: 'any',
      examples: ['epic.mercy.example'],
    }),
    fingerprint: z
      .string()
      .regex(/^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$|^\$\{/, 'a fingerprint is 64 hexadecimal digits, with colons or without')
      .optional()
      .meta({
        description: 'Its SHA-256 fingerprint, as `openssl x509 -noout -fingerprint -sha256` prints it',
        shownDefault: 'any',
        examples: ['9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08'],
      }),
    from: z
      .array(sender)
      .min(1)
      .meta({
        description: 'The senders that it may send as, MSH-3^MSH-4, `*` for any part',
        examples: [['EPIC^MAIN']],
      }),
  })
  .refine(({ cn, san, fingerprint }) => (cn ?? san ?? fingerprint) !== undefined, {
    error: 'The sender names no certificate (none of cn, san and fingerprint is there); write one of them',
  });

export const listenTls = z
  .strictObject({
    cert: text.meta({
      description: 'A PEM file, relative to the channel file: our certificate, and behind it those that lead to its root',
      examples: ['tls/weir.crt'],
    }),
    key: text.meta({ description: 'A PEM file: its private key', examples: ['tls/weir.key'] }),
    passphrase,
    ca: text.optional().meta({
      description: "A PEM file: the certificates that a sender's must lead to",
      shownDefault: 'none',
      examples: ['tls/hospital-ca.crt'],
    }),
    clients: z
      .enum(['none', 'optional', 'required'])
      .default('none')
      .meta({
        description:
          'Whether a sender is asked for a certificate (mutual TLS). One that is shown must hold, also where it is optional',
        examples: ['required'],
      }),
    senders: z
      .array(rule)
      .default([])
      .meta({
        description:
          'Which certificate may send as whom: a message of another sender is answered AR, and kept. Empty: any certificate as anyone',
        shownDefault: '[]',
        examples: [[{ cn: 'epic.mercy.example', from: ['EPIC^MAIN'] }]],
      }),
    min,
    'post-quantum': postQuantum,
    'handshake-timeout': duration.default(10_000).meta({
      description: 'How long a connection may take to its first byte and the end of its handshake',
      shownDefault: '10s',
      examples: ['10s'],
    }),
  })
  .superRefine(({ ca, clients, senders }, context) => {
    const incomplete = (path: string, message: string) =>
      context.addIssue({ code: 'custom', params: { code: 'tls-incomplete' }, path: [path], message });
    if (clients !== 'none' && ca === undefined)
      incomplete(
        'clients',
        'There is nothing to check the certificates of senders with ("ca" is missing); name the file of their authority',
      );
    if (clients === 'none' && senders.length > 0)
      incomplete('senders', 'No sender is asked for a certificate ("clients" is none); write clients: required');
  });

export const deliverTls = z
  .strictObject({
    ca: text.optional().meta({
      description: "A PEM file, relative to the channel file: the certificates that the receiver's must lead to",
      shownDefault: 'public ones',
      examples: ['tls/hospital-ca.crt'],
    }),
    cert: text.optional().meta({
      description: 'A PEM file: the certificate that we show (mutual TLS), and behind it those that lead to its root',
      shownDefault: 'none',
      examples: ['tls/weir.crt'],
    }),
    key: text.optional().meta({ description: 'A PEM file: its private key', shownDefault: 'none', examples: ['tls/weir.key'] }),
    passphrase,
    'server-name': text.optional().meta({
      description: "The name that the receiver's certificate must have, where it is not the host's",
      shownDefault: 'the host',
      examples: ['lab.mercy.example'],
    }),
    min,
    'post-quantum': postQuantum,
  })
  .superRefine(({ cert, key }, context) => {
    if ((cert === undefined) === (key === undefined)) return;
    const [there, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    context.addIssue({
      code: 'custom',
      params: { code: 'tls-incomplete' },
      path: [there],
      message: `A certificate and its private key go together ("${missing}" is missing); name both files, or neither`,
    });
  });

/** @param file the channel file, which the paths are relative to */
export function buildListenTls(raw: z.output<typeof listenTls>, file: string): ServerTls {
  const { clients, senders } = raw;
  return {
    cert: place(raw.cert, file),
    key: place(raw.key, file),
    ...common(raw, file),
    clients,
    senders: senders.map(({ cn, san, fingerprint, from }) => ({
      cn: cn ?? null,
      san: san ?? null,
      fingerprint: fingerprint === undefined ? null : plainFingerprint(fingerprint),
      from,
    })),
    handshakeTimeout: raw['handshake-timeout'],
  };
}

/** @param file the channel file, which the paths are relative to */
export function buildDeliverTls(raw: z.output<typeof deliverTls>, file: string): ClientTls {
  return {
    cert: raw.cert === undefined ? null : place(raw.cert, file),
    key: raw.key === undefined ? null : place(raw.key, file),
    ...common(raw, file),
    serverName: raw['server-name'] ?? null,
  };
}

function common(raw: z.output<typeof listenTls> | z.output<typeof deliverTls>, file: string) {
  return {
    ca: raw.ca === undefined ? null : place(raw.ca, file),
    passphrase: raw.passphrase ?? null,
    min: raw.min,
    postQuantum: raw['post-quantum'],
  };
}

function place(path: string, file: string): string {
  return resolve(dirname(file), path);
}
