/** What stands in a file of mappings/sites/NAME that is no map of its own: what it changes in a map, or the local fields that it declares. */
import { z } from 'zod';
import { rowSchema, stepSchema, vocabRowSchema, vocabTarget, why } from './mapping-schema.ts';
import { mapTestSchema, vocabTestSchema } from './test-schema.ts';

const name = z.string().min(1);
const rowRef = z.union([z.int().min(1), name], { error: "a row's name, or its line of the guide" });
const row = rowRef.meta({ description: 'The row: its line of the guide (`id`), or its `name`', examples: [13, 'birth-time'] });
const step = rowRef.meta({
  description: 'The step: its line of the guide (`id`), the name of its resource (`as`), or the name of a group',
  examples: [12, 'patient', 'OBSERVATION'],
});

export const changeMapSchema = z
  .strictObject({
    'change-map': name.meta({ description: 'The segment map or datatype map that is changed', examples: ['PID[Patient]'] }),
    add: z
      .array(
        rowSchema.extend({
          in: rowRef.optional().meta({
            description: 'Where: in the `with` of this row, or in this one of the resources that a datatype map makes',
            examples: [16, 'bed'],
          }),
        }),
      )
      .min(1)
      .optional()
      .meta({ description: 'Rows more' }),
    replace: z.array(rowSchema.extend({ row })).min(1).optional().meta({ description: 'Rows in the place of others' }),
    skip: z.array(z.strictObject({ row, why })).min(1).optional().meta({ description: 'Rows that are left out, and the reason' }),
    tests: z.array(mapTestSchema).min(1).optional().meta({ description: 'What the map then promises, run by weir test' }),
  })
  .meta({ title: 'Weir overlay: changes of a segment or datatype map' });

export const changeVocabSchema = z
  .strictObject({
    'change-vocab': name.meta({ description: 'The vocabulary map that is changed', examples: ['AdministrativeSex'] }),
    add: z.array(vocabRowSchema).min(1).optional().meta({ description: 'Codes more' }),
    replace: z.array(vocabRowSchema).min(1).optional().meta({ description: 'Other targets for codes that have a row' }),
    skip: z
      .array(z.strictObject({ from: z.string().meta({ description: 'The v2 code', examples: ['F'] }), why }))
      .min(1)
      .optional()
      .meta({ description: 'Codes that are left out, and the reason' }),
    otherwise: vocabTarget.optional().meta({ description: 'The target of a code without a row' }),
    tests: z.array(vocabTestSchema).min(1).optional().meta({ description: 'What the map then promises, run by weir test' }),
  })
  .meta({ title: 'Weir overlay: changes of a vocabulary map' });

export const changeMessageSchema = z
  .strictObject({
    'change-message': name.meta({ description: 'The message map that is changed', examples: ['ADT_A01'] }),
    for: z
      .array(name)
      .min(1)
      .optional()
      .meta({ description: 'Messages more that it is written for', examples: [['ADT^A05']] }),
    add: z
      .array(
        stepSchema.extend({
          after: step.optional().meta({ description: 'Behind this step' }),
          before: step.optional().meta({ description: 'Before this step' }),
          in: name.optional().meta({ description: 'At the end of this group', examples: ['OBSERVATION'] }),
        }),
      )
      .min(1)
      .optional()
      .meta({ description: 'Steps more; without a place at the end of the message' }),
    replace: z.array(stepSchema.extend({ step })).min(1).optional().meta({ description: 'Steps in the place of others' }),
    skip: z
      .array(z.strictObject({ step, why }))
      .min(1)
      .optional()
      .meta({ description: 'Steps that are left out, and the reason' }),
    tests: z.array(mapTestSchema).min(1).optional().meta({ description: 'What the map then promises, run by weir test' }),
  })
  .meta({ title: 'Weir overlay: changes of a message map' });

const fieldSchema = z.strictObject({
  field: z
    .int()
    .min(1)
    .meta({ description: 'Its number', examples: [2] }),
  name: name.meta({ description: 'What stands there', examples: ['Interpreter needed'] }),
  datatype: name.meta({ description: 'Its v2 datatype', examples: ['CWE'] }),
  repeats: z.boolean().default(false).meta({ description: 'Whether it may stand more than once' }),
});

export const declareSchema = z
  .strictObject({
    declare: z
      .array(
        z.strictObject({
          segment: name.meta({ description: 'A Z segment, or one of the standard with fields of your own', examples: ['ZPI'] }),
          name: name.optional().meta({ description: 'What the segment holds', examples: ['Patient details of our own'] }),
          fields: z.array(fieldSchema).min(1),
        }),
      )
      .min(1)
      .meta({ description: 'Segments and fields that HL7 v2 does not have' }),
  })
  .meta({ title: 'Weir overlay: local segments and fields' });

/** By the key that says which kind a file of a site is. */
export const changeSchemas = {
  'change-map': changeMapSchema,
  'change-vocab': changeVocabSchema,
  'change-message': changeMessageSchema,
  declare: declareSchema,
} as const;
export type ChangeKind = keyof typeof changeSchemas;
