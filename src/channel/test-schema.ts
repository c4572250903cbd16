/** What tests in channels and mapping files say: what is given, and what must come of it. */
import { z } from 'zod';

const text = z.string().min(1);
const texts = z.array(text);

/** What may be expected of any mapping. A key that is none of these is a resource type (in a datatype map: the type that it gives). */
const mapped = {
  issues: texts.optional().meta({ description: 'Every issue, as `CODE PATH`; none: `[]`', examples: [['bad-date PID-7']] }),
  dropped: texts
    .optional()
    .meta({ description: 'Every field that no row maps or skips; none: `[]`', examples: [['ZPI-2[1].1.1']] }),
  unmapped: texts
    .optional()
    .meta({ description: 'Every code without a row, as `CODE PATH`; none: `[]`', examples: [['X PID-8']] }),
  absent: texts
    .optional()
    .meta({ description: 'Resource types and elements that must not come out', examples: [['Observation', 'Patient.name']] }),
  count: z
    .record(text, z.int().min(0))
    .optional()
    .meta({ description: 'How many resources of a type come out', examples: [{ Observation: 3 }] }),
};

export const channelExpectSchema = z
  .object({
    ack: z
      .enum(['AA', 'AE', 'AR', 'CA', 'CE', 'CR', 'none'])
      .optional()
      .meta({ description: 'What the sender is answered (MSA-1); `none` where it is owed nothing', examples: ['AA'] }),
    refuse: text.optional().meta({ description: 'The error with which the channel refuses it', examples: ['listen-type'] }),
    map: text.optional().meta({ description: 'The message map that takes it', examples: ['ADT_A01'] }),
    filter: text.optional().meta({ description: 'The reason for which a route filters it' }),
    park: text
      .optional()
      .meta({ description: 'The error with which it is parked', examples: ['route-none', 'map-issue', 'fhir-invalid'] }),
    messages: z
      .record(text, z.record(text, z.union([z.string(), z.null()])))
      .optional()
      .meta({
        description:
          'What leaves for `mllp` destinations: by destination, values of the message at paths, null for empty. A destination that is not named may get it too',
        examples: [{ lis: { 'MSH-5': 'LIS', 'PID-19': null } }],
      }),
    ...mapped,
  })
  .catchall(z.unknown());

export const mapExpectSchema = z
  .object(mapped)
  .catchall(z.unknown())
  .meta({ id: 'expect', description: 'What must come of it: parts of resources or of the datatype, by type; null for none' });

const name = text
  .optional()
  .meta({ description: 'What the test promises', examples: ['a number without authority is the facility’s'] });

/** A test of a segment, datatype or message map. */
export const mapTestSchema = z
  .strictObject({
    name,
    given: z.union([text, z.record(text, z.string())], { error: 'a text, or {DATATYPE: value}' }).meta({
      description: 'Segments (an MSH is put before them where there is none), a value of the datatype, or {CX: value}',
      examples: ['PID|1||7^^^A', { CX: '7^^^A' }],
    }),
    around: text.optional().meta({
      description: 'Segments that stand around a value of a datatype, where its rows read them',
      examples: ['OM2|1|mmol/L'],
    }),
    settings: z
      .record(text, z.unknown())
      .optional()
      .meta({ description: 'Settings of a channel that matter here', examples: [{ timezone: 'Europe/Berlin' }] }),
    expect: mapExpectSchema.optional(),
  })
  .meta({ id: 'mapTest', description: 'An inline test, run by `weir test`' });

/** A test of a vocabulary map. */
export const vocabTestSchema = z
  .strictObject({
    name,
    given: z.string().meta({ description: 'The v2 code', examples: ['F'] }),
    expect: z
      .union([
        z.string().min(1),
        z.strictObject({ code: text.optional(), system: text.optional(), display: text.optional() }),
        z.null(),
      ])
      .optional()
      .meta({ description: 'The code, {code, system, display}, or null where it has no target', examples: ['female'] }),
  })
  .meta({ id: 'vocabTest', description: 'An inline test, run by `weir test`' });
