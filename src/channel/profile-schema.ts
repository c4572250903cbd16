/** What stands in a profile: what a site agreed with a sender beyond the standard. And the `conform` of a channel, which names one. */
import { z } from 'zod';
import type { Range } from '../hl7/conformance/profile.ts';

const text = z.string().min(1);

/** `1..3`, `1..*`, `..20` or a number; a number alone is what there must be of it, or of a length the most. */
function range(alone: (number: number) => Range, what: string, example: string) {
  return z
    .union([z.string(), z.number()], { error: 'a text' })
    .transform((value, context): Range => {
      const [, from, to] = /^(\d*)\.\.(\d+|\*)$/.exec(String(value)) ?? [];
      if (/^\d+$/.test(String(value))) return alone(Number(value));
      const read = { min: Number(from || 0), max: to === '*' ? null : Number(to) };
      if (to !== undefined && (read.max === null || read.max >= read.min)) return read;
      context.addIssue({
        code: 'custom',
        params: { code: 'bad-value' },
        message: `"${value}" cannot be read (${what}); write it like ${example}`,
      });
      return z.NEVER;
    })
    .meta({
      override: {
        anyOf: [
          { type: 'integer', minimum: 0 },
          { type: 'string', pattern: '^([0-9]*\\.\\.)?([0-9]+|\\*)$' },
        ],
      },
    });
}

const rule = z.strictObject({
  path: text.meta({
    description: 'A segment, field, component or subcomponent; without `[n]` each of the segments and each repetition',
    examples: ['PID-3.4.1'],
  }),
  in: text.optional().meta({
    description: "Only in this group of the message's structure; what is counted is counted in each",
    shownDefault: 'the whole message',
    examples: ['ORDER_OBSERVATION'],
  }),
  usage: z
    .enum(['R', 'RE', 'O', 'X'])
    .default('O')
    .meta({
      description:
        'R: must be valued. RE: the sender fills it where it knows it, which cannot be checked. O: optional. X: must not be sent. A component is required of what is there',
      examples: ['R'],
    }),
  cardinality: range((count) => ({ min: count, max: count }), 'a cardinality is a number, or two with dots between', '1..3')
    .optional()
    .meta({ description: 'How often the segment stands, or the field repeats where it is valued', examples: ['1..3'] }),
  length: range((most) => ({ min: 0, max: most }), 'a length is a number, or two with dots between', '1..20')
    .optional()
    .meta({ description: 'How many characters each value has, of a number alone at most', examples: ['1..20'] }),
  type: text.optional().meta({ description: 'The datatype that each value must be of', examples: ['NM'] }),
  table: z
    .string()
    .regex(/^\d{4}$/, 'a table is four digits')
    .optional()
    .meta({
      description: 'The HL7 table that each code must be in',
      examples: ['0001'],
    }),
  values: z
    .array(text)
    .min(1)
    .optional()
    .meta({ description: 'The values, or codes, that are taken', examples: [['M', 'F', 'U']] }),
  value: text.optional().meta({ description: 'The one value that is taken', examples: ['MERCY'] }),
  when: text.optional().meta({
    description: 'The rule holds where this condition does; paths of the same segment are read from that very segment',
    shownDefault: 'always',
    examples: ['OBX-2 = "NM"'],
  }),
  severity: z
    .enum(['error', 'warning', 'information'])
    .default('error')
    .meta({ description: 'How grave a deviation is: only errors park or reject a message' }),
});

const rules = z.array(rule);

export const profileSchema = z
  .strictObject({
    profile: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens')
      .meta({ description: "The profile's name: small letters, digits and hyphens", examples: ['mercy-lab'] }),
    description: z
      .string()
      .default('')
      .meta({
        description: 'What was agreed, and with whom',
        shownDefault: 'empty',
        examples: ['Results of the Mercy laboratory'],
      }),
    rules: rules.default([]).meta({ description: 'Rules for every message', shownDefault: '[]' }),
    messages: z
      .array(
        z.strictObject({
          for: z
            .array(
              z
                .string()
                .regex(/^([A-Z][A-Z0-9]{2}|\*)\^([A-Z0-9]{3}|\*)$/, 'a type is MSH-9.1^MSH-9.2, such as ADT^A01 or ADT^*'),
            )
            .min(1)
            .meta({ description: 'The message types that the rules are for', examples: [['ORU^R01']] }),
          rules: rules.meta({ description: 'Rules for messages of these types' }),
        }),
      )
      .default([])
      .meta({ description: 'Rules for messages of some types', shownDefault: '[]' }),
  })
  .meta({ title: 'Weir profile' });

export type RawProfile = z.output<typeof profileSchema>;
export type RawRule = z.output<typeof rule>;

export const conform = z.strictObject({
  standard: z.boolean().default(true).meta({
    description:
      'Whether messages are checked against the standard of their own version: structure, required fields, repetitions, lengths, datatypes, tables',
  }),
  profile: text.optional().meta({
    description: 'A profile to check against as well, a file relative to the channel file (conformance-checking.md)',
    examples: ['./profiles/mercy-lab.yaml'],
  }),
  // biome-ignore lint/suspicious/noThenProperty: the key of the channel file, which is data and never awaited
  then: z.enum(['report', 'park', 'reject']).default('report').meta({
    description:
      'What a deviation of severity error does. report: it is kept with the message, shown and counted. park: the message is parked before it is mapped. reject: the sender is answered AE (AR for what is wrong with MSH-9, 11 or 12) with an ERR for each of the first ten, and the message is kept as refused',
  }),
});
