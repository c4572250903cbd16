/** What stands below `deliver:` in a channel file, declared once. */
import { z } from 'zod';
import { edits } from './edit-schema.ts';
import { duration, isVariable, size, wholeNumber } from './scalars.ts';
import { deliverTls } from './tls-schema.ts';

const text = z.string().min(1);

const retry = z.strictObject({
  first: duration
    .default(1000)
    .meta({ description: 'The wait before the second attempt; it doubles from there', shownDefault: '1s', examples: ['1s'] }),
  max: duration
    .default(5 * 60_000)
    .meta({ description: 'The longest wait between two attempts', shownDefault: '5m', examples: ['5m'] }),
  for: duration
    .default(72 * 3_600_000)
    .meta({ description: 'After this long the message is parked', shownDefault: '72h', examples: ['72h'] }),
});

/** `HOST:PORT`, `[::1]:2576`. */
export const addressForm = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/@]+)):(\d{1,5})$/;

export const deliver = z.strictObject({
  to: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens')
    .meta({ description: "The destination's name, unique in the channel: small letters, digits and hyphens", examples: ['cdr'] }),
  fhir: text
    .refine((value) => value === 'sandbox' || isVariable(value) || /^https?:$/.test(URL.parse(value)?.protocol ?? ''), {
      error: 'The FHIR server is not one that can be reached ("fhir" is a base URL, http:// or https://, or sandbox); correct it',
    })
    .optional()
    .meta({
      description: 'A destination for bundles: the base URL of a FHIR R4 server, or `sandbox`, the built-in store',
      examples: ['https://cdr.example/fhir', 'sandbox'],
    }),
  mllp: text
    .refine((value) => isVariable(value) || addressForm.test(value), {
      error: 'The MLLP receiver is not one that can be reached ("mllp" is HOST:PORT); write it like lis.example:2576',
    })
    .optional()
    .meta({
      description: 'A destination for messages: the host and port of an MLLP receiver (routing-v2.md)',
      examples: ['lis.example:2576', '[::1]:2576'],
    }),
  retry: retry.prefault({}).meta({
    description: 'Backoff after a cause that may pass, such as a server that is down. The lane of the message waits, no other',
    shownDefault: 'see below',
  }),
  send: z
    .enum(['transaction', 'batch', 'message'])
    .optional()
    .meta({
      description: 'With `fhir`: the kind of bundle; the same as `settings.bundle`',
      shownDefault: 'settings.bundle',
      examples: ['transaction'],
    }),
  concurrency: wholeNumber(1, 1000)
    .optional()
    .meta({ description: 'With `fhir`: requests in flight at most', shownDefault: '8', examples: [8] }),
  timeout: duration
    .optional()
    .meta({ description: 'With `fhir`: how long to wait for an answer', shownDefault: '30s', examples: ['30s'] }),
  headers: z
    .record(text, z.string())
    .optional()
    .meta({
      description: 'With `fhir`: HTTP headers of every request; a secret comes from the environment',
      shownDefault: '{}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
      examples: [{ Authorization: 'Bearer ${CDR_TOKEN}' }],
    }),
  connections: wholeNumber(1, 1000)
    .optional()
    .meta({
      description:
        'With `mllp`: connections at most, each with one message in flight. Messages of a lane stay in order whatever their number',
      shownDefault: '1',
      examples: [4],
    }),
  'wait-for': z
    .enum(['accept', 'application', 'commit'])
    .optional()
    .meta({
      description:
        'With `mllp`: which answer means delivered, where a message asks for both (MSH-15 and MSH-16): the accept ACK, the application ACK, or the commit byte of release 2',
      shownDefault: 'accept',
      examples: ['application'],
    }),
  'ack-timeout': duration.optional().meta({
    description: 'With `mllp`: how long to wait for each ACK; then the connection is closed and the message sent again',
    shownDefault: '30s',
    examples: ['30s'],
  }),
  'connect-timeout': duration
    .optional()
    .meta({ description: 'With `mllp`: how long a connection may take to be made', shownDefault: '10s', examples: ['10s'] }),
  'on-error': z
    .enum(['retry', 'park'])
    .optional()
    .meta({
      description:
        'With `mllp`: what AE and CE mean: the message is sent again as `retry` says, or parked at once. AR and CR park always',
      shownDefault: 'retry',
      examples: ['park'],
    }),
  'max-answer': size.optional().meta({
    description: 'With `mllp`: what an ACK may have at most; a longer one is none',
    shownDefault: '1MiB',
    examples: ['1MiB'],
  }),
  release: z
    .union([z.literal(1), z.literal(2)], { error: '1 or 2' })
    .optional()
    .meta({
      description: 'With `mllp`: the release of MLLP. In release 2 each block is answered with a commit byte first',
      shownDefault: '1',
      examples: [2],
    }),
  tls: deliverTls.optional().meta({
    description:
      'How an encrypted connection is made. With `fhir`: where the usual is not right, another authority, a certificate of ours. With `mllp`: TLS is spoken, `{}` where the usual is right (tls.md)',
    shownDefault: 'HTTPS as is usual; MLLP without TLS',
  }),
  edit: edits.meta({
    description:
      'With `mllp`: what is changed in the message for this destination, step by step; all else leaves byte for byte as it came',
    shownDefault: '[]',
    examples: [[{ set: 'LIS', to: 'MSH-5' }]],
  }),
});

export type RawDestination = z.output<typeof deliver>;
