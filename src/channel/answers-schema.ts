/** The keys of a channel file that say what its senders are answered. */
import { z } from 'zod';
import { duration, isVariable } from './scalars.ts';
import { buildDeliverTls, deliverTls } from './tls-schema.ts';
import type { Acknowledge } from './types.ts';

const text = z.string().min(1);
const vPath = text.refine((value) => !/\s/.test(value));

export const duplicates = z
  .strictObject({
    by: vPath
      .default('MSH-10')
      .meta({ description: 'The path by which a message is known again; where it is not valued, MSH-10', examples: ['MSH-10'] }),
    within: duration
      .default(7 * 86_400_000)
      .meta({ description: 'How long it is remembered', shownDefault: '7d', examples: ['7d'] }),
    conflict: z.enum(['accept', 'park', 'reject']).default('accept').meta({
      description:
        'What the same control id with other content does within that time: it is counted and shown in any case, and the message is taken, parked, or answered AR and kept',
    }),
  })
  .meta({
    description:
      'The same message again: its stored ACK is sent again, and nothing is mapped. Without this key every message counts',
  });

export const acknowledge = z
  .strictObject({
    application: z.enum(['after-delivery', 'after-mapping', 'never']).default('after-delivery').meta({
      description:
        'When a message that asks for an application ACK (MSH-16) gets it: when every destination has it, when it is mapped, or never (acknowledgements.md)',
    }),
    to: text
      .refine((value) => value === 'same-connection' || isVariable(value) || isAddress(value), {
        error: 'The place of application ACKs is none ("to" is same-connection or host:port); write it like ehr.example:2576',
      })
      .default('same-connection')
      .meta({
        description:
          'Where application ACKs go: to a connection of the sender (MSH-3, MSH-4), that of the message while it is open; or to an MLLP listener of its',
        examples: ['same-connection', 'ehr.example:2576'],
      }),
    tls: deliverTls.optional().meta({
      description: 'TLS to the address `to`, as to an `mllp` destination; `{}` where the usual is right (tls.md)',
      shownDefault: 'off',
    }),
    confirm: z.boolean().default(false).meta({
      description: 'Whether an application ACK asks for an accept ACK (MSH-15 is AL), and is sent again until that has come',
    }),
    original: z.enum(['at-once', 'after-mapping', 'after-delivery']).default('at-once').meta({
      description:
        'When a message in original mode, that has neither MSH-15 nor MSH-16, gets its one ACK: when it is stored, or when it is known what became of it',
    }),
  })
  .superRefine(({ to, tls }, context) => {
    if (tls === undefined || to !== 'same-connection') return;
    context.addIssue({
      code: 'custom',
      params: { code: 'tls-incomplete' },
      path: ['tls'],
      message:
        'There is no address to speak TLS to ("to" is same-connection, and a connection of the sender is what listen.tls makes it); name the address, or remove "tls"',
    });
  });

/** `host:port`; an IPv6 address in brackets. */
function isAddress(text: string): boolean {
  const [, port] = /^(?:\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i.exec(text) ?? [];
  return port !== undefined && Number(port) > 0 && Number(port) < 65_536;
}

/** The `acknowledge` of a channel. @param file the channel file, which the paths of certificates are relative to */
export function buildAcknowledge({ to, tls, ...raw }: z.output<typeof acknowledge>, file: string): Acknowledge {
  if (to === 'same-connection') return { ...raw, to: null };
  const colon = to.lastIndexOf(':');
  const host = to.slice(0, colon).replace(/^\[|\]$/g, '');
  return { ...raw, to: { host, port: Number(to.slice(colon + 1)), tls: tls ? buildDeliverTls(tls, file) : null } };
}
