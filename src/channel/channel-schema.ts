/**
 * What stands in a channel file, declared once: type, default, sentence, example. The reader, the lints, the editors' JSON Schema and
 * docs/channels.md are made from it.
 */
import { z } from 'zod';
import { charsetLabel } from '../hl7/charset.ts';
import { addressRange } from './addresses.ts';
import { acknowledge, duplicates } from './answers-schema.ts';
import { deliver } from './deliver-schema.ts';
import { edits } from './edit-schema.ts';
import { conform } from './profile-schema.ts';
import { duration, sender, size, wholeNumber } from './scalars.ts';
import { settingsSchema } from './settings-schema.ts';
import { channelExpectSchema } from './test-schema.ts';
import { listenTls } from './tls-schema.ts';

const text = z.string().min(1);
const vPath = text.refine((value) => !/\s/.test(value));

const mllp = z
  .strictObject({
    port: wholeNumber(0, 65_535).meta({
      description: 'The TCP port that senders connect to; 0 is any free one',
      examples: [2575],
    }),
    release: wholeNumber(1, 2)
      .default(1)
      .meta({
        description:
          'The release of MLLP. 2: a frame is answered with a commit block first, 0x06 when it is stored and 0x15 when it is not (acknowledgements.md)',
        shownDefault: '1',
        examples: [2],
      }),
    'max-frame': size.default(16 * 1024 ** 2).meta({
      description: 'What a message may have at most; a longer one is refused',
      shownDefault: '16MiB',
      examples: ['16MiB'],
    }),
    'max-unfinished': size.default(256 * 1024 ** 2).meta({
      description:
        'What all connections together may hold of messages that have not ended, or wait for their answer. One that asks for more is closed, recorded and counted; 64 KiB of each are free, so that ordinary messages are always taken',
      shownDefault: '256MiB',
      examples: ['256MiB'],
    }),
    'frame-timeout': duration.default(60_000).meta({
      description: 'How long a message may take from its first byte to its last',
      shownDefault: '60s',
      examples: ['60s'],
    }),
    'idle-timeout': duration.default(0).meta({
      description: 'How long a connection may be silent before it is closed; 0 is for ever',
      shownDefault: '0',
      examples: ['1h'],
    }),
    'keep-alive': duration.default(60_000).meta({
      description:
        'After how much silence the operating system asks whether the sender is still there, so that one that went away unnoticed is noticed; 0 is never',
      shownDefault: '60s',
      examples: ['60s'],
    }),
    'max-connections': wholeNumber(0, 100_000)
      .default(2000)
      .meta({
        description: 'Connections at a time; one more is closed at once, recorded and counted. 0 is any number',
        shownDefault: '2000',
        examples: [2000],
      }),
    'max-connections-per-address': wholeNumber(0, 100_000)
      .default(0)
      .meta({
        description: 'Connections of one address at a time, likewise',
        shownDefault: '0',
        examples: [50],
      }),
  })
  .superRefine((raw, context) => {
    if (raw['max-unfinished'] >= raw['max-frame']) return;
    context.addIssue({
      code: 'custom',
      path: ['max-unfinished'],
      message:
        'Not even one message of the largest size could come to its end ("max-unfinished" is less than "max-frame"); raise the one, or lower the other',
    });
  });

const listen = z.strictObject({
  mllp: mllp.meta({ description: 'HL7 over TCP in MLLP frames' }),
  tls: listenTls
    .optional()
    .meta({ description: 'TLS on the port; nothing else is spoken there then (tls.md)', shownDefault: 'off' }),
  allow: z
    .array(addressRange)
    .default([])
    .meta({
      description:
        'The addresses that may connect, one or a range; anyone else is closed at once, recorded and counted. Empty: anyone',
      shownDefault: '[]',
      examples: [['10.0.0.0/8', 'fe80::/10', '192.168.1.7']],
    }),
  from: z
    .array(sender)
    .default([])
    .meta({
      description:
        'The senders that are taken, MSH-3^MSH-4, `*` for any part; anyone else is answered AR, and kept. Empty: anyone',
      shownDefault: '[]',
      examples: [['EPIC^MAIN']],
    }),
  types: z
    .array(z.string().regex(/^([A-Z][A-Z0-9]{2}|\*)\^([A-Z0-9]{3}|\*)$/, 'a type is MSH-9.1^MSH-9.2, such as ADT^A01 or ADT^*'))
    .default([])
    .meta({
      description: 'The message types that are taken, `ADT^*`; any other is answered AR, and kept. Empty: any',
      shownDefault: '[]',
      examples: [['ADT^*']],
    }),
  processing: z
    .array(z.string().regex(/^[A-Z]$/, 'a processing id is a letter of table 0103: P, T or D'))
    .default([])
    .meta({
      description:
        'The processing ids (MSH-11) that are taken, `P` production, `T` training, `D` debugging; any other is answered AR, and kept. Empty: any',
      shownDefault: '[]',
      examples: [['P']],
    }),
  versions: z
    .array(z.string().regex(/^2(\.\d+)+$/, 'a version is written like 2.5.1, in quotes where it has one point'))
    .default([])
    .meta({
      description: 'The versions (MSH-12) that are taken; any other is answered AR, and kept. Empty: any',
      shownDefault: '[]',
      examples: [['2.3.1', '2.5.1']],
    }),
  sequence: z.boolean().default(false).meta({
    description:
      'Whether sequence numbers (MSH-13) are held to: a sender that leaves one out, or goes back, is answered AE and the number that is expected',
  }),
  charset: text
    .refine((code) => charsetLabel(code) !== null, {
      error:
        'The character set is none that Weir can read ("charset" is a code of table 0211 or an encoding label); write it like 8859/1 or windows-1250',
    })
    .nullable()
    .default(null)
    .meta({
      description: "The character set, where a sender's MSH-18 lies: a code of table 0211 or an encoding label",
      shownDefault: 'by MSH-18',
      examples: ['8859/1', 'windows-1250'],
    }),
});

const route = z.strictObject({
  when: text.optional().meta({
    description: 'A condition (mapping-language.md); without it the route takes every message',
    shownDefault: 'always',
    examples: ['ADT^A08 and PV1-2 = "P"'],
  }),
  map: text.optional().meta({
    description:
      'The message map, a file of mappings/messages. `fhir` destinations get the bundle, `mllp` destinations the message',
    examples: ['ADT_A01'],
  }),
  pass: z
    .literal(true, { error: 'true' })
    .optional()
    .meta({
      description: 'The message is not mapped: it goes on as it is, after edits, to the `mllp` destinations',
      examples: [true],
    }),
  filter: z
    .string()
    .optional()
    .meta({
      description: 'Drops the message for this reason, which is kept with it',
      examples: ['pre-admit updates stay in the EHR'],
    }),
  to: z
    .array(text)
    .min(1)
    .optional()
    .meta({ description: 'The destinations of these messages, by name', shownDefault: 'all', examples: [['lis']] }),
  edit: edits.meta({
    description:
      'What is changed in the message for `mllp` destinations, before their own edits. A map reads it as it was received',
    shownDefault: '[]',
    examples: [[{ remove: 'PID-19' }]],
  }),
});

const test = z.strictObject({
  name: text.meta({ description: 'What the test promises', examples: ['an admission opens an encounter'] }),
  given: text.meta({
    description: 'A file with the message, relative to the channel file, or the message itself',
    examples: ['fixtures/a01.hl7'],
  }),
  expect: channelExpectSchema.optional().meta({
    description:
      'What must come of it, of the keys below and parts of resources by type: `Encounter: {status: in-progress}`, a list of parts, or null where none may come out. Required',
    examples: [{ ack: 'AA', map: 'ADT_A01', Encounter: { status: 'in-progress' } }],
  }),
});

export const channelSchema = z
  .strictObject({
    channel: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens')
      .meta({ description: "The channel's name, unique: small letters, digits and hyphens", examples: ['adt-main'] }),
    description: z
      .string()
      .default('')
      .meta({
        description: 'What comes here, for whoever is woken at night',
        shownDefault: 'empty',
        examples: ['Admissions of the main campus'],
      }),
    owner: z
      .string()
      .default('')
      .meta({ description: 'Whom to ask', shownDefault: 'empty', examples: ['interfaces@mercy.example'] }),
    listen: listen.meta({ description: 'Where messages come in, and which' }),
    'order-by': vPath.default('PID-3.1').meta({
      description: 'Messages with the same value here are worked in the order received. Those without one share a lane',
      examples: ['PID-3.1'],
    }),
    duplicates: duplicates.optional().meta({ shownDefault: 'off' }),
    conform: conform.optional().meta({
      description:
        'Whether a message is what the standard and a profile say (conformance-checking.md). Without this key none is checked',
      shownDefault: 'off',
    }),
    acknowledge: acknowledge.prefault({}).meta({
      description: 'Which answers a sender gets beyond the one that its message is stored',
      shownDefault: 'see below',
    }),
    route: z.array(route).meta({ minItems: 1, description: 'The first that holds decides; a message that none takes is parked' }),
    deliver: z
      .array(deliver)
      .meta({ minItems: 1, description: 'Where bundles and messages go; each destination has its own lanes' }),
    settings: settingsSchema.prefault({}).meta({ description: 'What the mapping makes', shownDefault: 'see below' }),
    overlays: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens'))
      .default([])
      .meta({
        description: 'What sites change in the mappings: folders of mappings/sites, laid over the base in this order',
        shownDefault: '[]',
        examples: [['mercy']],
      }),
    invalid: z.enum(['park', 'send']).default('park').meta({ description: 'What happens to a bundle that is not valid R4' }),
    parked: z
      .enum(['go-on', 'hold'])
      .default('go-on')
      .meta({ description: 'What a parked message does to the ones behind it in its lane' }),
    tests: z.array(test).default([]).meta({ description: 'Messages, and what must come of them', shownDefault: '[]' }),
  })
  .meta({ title: 'Weir channel' });

export type RawChannel = z.output<typeof channelSchema>;
