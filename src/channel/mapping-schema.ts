/**
 * What stands in a mapping file, declared once: the reader checks by it, and editors' JSON Schemas and docs/channels.md are made from it.
 * The keys are described in docs/mapping-language.md.
 */
import { z } from 'zod';
import { settingNames } from '../map/mapping.ts';
import { mapTestSchema, vocabTestSchema } from './test-schema.ts';

const name = z.string().min(1);
const condition = z
  .string()
  .min(1)
  .meta({ description: 'A condition; the row or step is taken only where it holds', examples: ['PID-13.2 not valued'] });
const v2Path = z
  .string()
  .min(1)
  .meta({ examples: ['PID-3', 'CX.4.2', '$value'] });
export const why = z
  .string()
  .min(1)
  .meta({ description: 'The reason, for whoever reads the mapping or its score', examples: ['a counter, not data'] });
const guideLine = z.int().min(1);

export const ids = z.union([guideLine, z.array(guideLine).min(1)], { error: 'a line of the guide, or a list of them' }).meta({
  description: "The guide's line, or lines, that this row stands for; a row without it is ours",
  examples: [5, [11, 12]],
});

const rowName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'small letters, digits and hyphens')
  .meta({
    description:
      'A name for a row of ours, by which the trace and the overlays of sites know it: small letters, digits and hyphens',
    examples: ['birth-time'],
  });

const skip = z.union([z.string().min(1), z.literal(true)], { error: 'a path, or true' });
const nameOrNames = z.union([name, z.array(name).min(1)], { error: 'a name, or a list of names' });

export const keySchema = z
  .strictObject({
    of: nameOrNames.optional().meta({
      description: 'The resource this one belongs to; of several names the first that was made',
      examples: ['patient', ['encounter', 'patient']],
    }),
    by: z
      .array(v2Path)
      .min(1)
      .optional()
      .meta({ description: 'Paths that together tell it apart from its siblings; a text in quotes stands for itself' }),
    first: z.array(v2Path).min(1).optional().meta({ description: 'Alternatives: the first valued one counts' }),
    authority: z.array(v2Path).min(1).optional().meta({
      description:
        "Where the key's assigning authority stands; none of them valued: the key is the sending facility's own (MSH-4)",
    }),
    search: z
      .array(name)
      .min(1)
      .optional()
      .meta({
        description: 'Search parameters, elements of the same name, that with the identifier find the resource on a server',
        examples: [['code']],
      }),
    same: z.literal(true).optional().meta({ description: 'The same key twice in a message is one resource' }),
  })
  .meta({ id: 'key', description: 'What makes the resource the same one when it is sent again' });

export const rowSchema = z
  .strictObject({
    id: ids.optional(),
    name: rowName.optional(),
    from: v2Path.optional().meta({ description: 'The v2 path that is read; each repetition is one value', examples: ['PID-3'] }),
    to: name.optional().meta({ description: 'The FHIR element that is written', examples: ['identifier', 'name.family'] }),
    when: condition.optional(),
    as: name
      .optional()
      .meta({ description: 'The datatype map, where it does not follow from the types', examples: ['XPN[string]'] }),
    vocab: name
      .optional()
      .meta({ description: 'The vocabulary map through which the code goes', examples: ['AdministrativeSex'] }),
    set: z
      .union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, or true or false' })
      .optional()
      .meta({
        description: 'A constant instead of a value; {PATH} in it stands for the value at that path',
        examples: ['home', true],
      }),
    use: name.optional().meta({ description: 'A function of the library, applied to the value' }),
    join: z
      .string()
      .optional()
      .meta({ description: 'A single text takes every value, with this between', examples: ['\n'] }),
    make: name.optional().meta({
      description: 'A resource type: the element refers to one that the rows of "with" fill',
      examples: ['Organization'],
    }),
    ref: name
      .optional()
      .meta({ description: 'The name of a resource of the message map: the element refers to it', examples: ['patient'] }),
    match: z
      .union([z.literal('before'), z.record(v2Path, v2Path)], { error: 'before, or paths: there -> here' })
      .optional()
      .meta({
        description:
          'With ref: the resources of that name where these paths (there -> here) have the same values; or "before", the last one made before',
        examples: [{ 'OBX-3.1': 'OBR-26.1', 'OBX-4': 'OBR-26.2' }, 'before'],
      }),
    back: name
      .optional()
      .meta({ description: 'With match: the list element of the other resource that refers back', examples: ['hasMember'] }),
    key: keySchema.optional(),
    get with() {
      return z.array(rowSchema).min(1).optional().meta({ description: 'Rows that are relative to the element this row writes' });
    },
    setting: z.enum(settingNames).optional().meta({ description: 'The row does nothing where this setting is off' }),
    skip: skip
      .optional()
      .meta({ description: "The path that is left out; true where the guide's row names none", examples: ['PID-1', true] }),
    why: why.optional(),
  })
  .meta({ id: 'row', description: 'A statement about one target' });

export const segmentSchema = z
  .strictObject({
    map: name.meta({ description: "The map's name, the guide's", examples: ['PID[Patient]'] }),
    segment: name.meta({ description: 'The v2 segment that is read', examples: ['PID'] }),
    resource: name.meta({ description: 'The FHIR resource that is filled', examples: ['Patient'] }),
    rows: z.array(rowSchema),
    tests: z.array(mapTestSchema).min(1).optional().meta({ description: 'What the map promises, run by weir test' }),
  })
  .meta({ title: 'Weir segment map' });

const madeSchema = z
  .strictObject({
    id: ids.optional(),
    as: name.meta({ description: 'The name by which its siblings refer to it', examples: ['bed'] }),
    when: condition.optional(),
    refs: z
      .record(name, nameOrNames)
      .optional()
      .meta({
        description: 'Element -> names; the first of them that was made is referenced',
        examples: [{ partOf: ['room', 'ward'] }],
      }),
    key: keySchema.optional(),
    rows: z.array(rowSchema),
  })
  .meta({ id: 'made' });

export const datatypeSchema = z
  .strictObject({
    map: name.meta({ description: "The map's name, the guide's", examples: ['CX[Identifier]'] }),
    datatype: name.meta({ description: 'The v2 datatype that is read', examples: ['CX'] }),
    type: name.meta({ description: 'A FHIR datatype, primitive or resource type', examples: ['Identifier'] }),
    rows: z.array(rowSchema).optional(),
    make: z
      .array(madeSchema)
      .min(1)
      .optional()
      .meta({ description: 'Several resources, most specific first; the result is the first that was made' }),
    key: keySchema.optional(),
    tests: z.array(mapTestSchema).min(1).optional().meta({ description: 'What the map promises, run by weir test' }),
  })
  .meta({ title: 'Weir datatype map' });

const targetSchema = z
  .strictObject({
    code: z
      .string()
      .min(1)
      .meta({ examples: ['female'] }),
    system: z
      .string()
      .min(1)
      .optional()
      .meta({ examples: ['http://hl7.org/fhir/administrative-gender'] }),
    display: z.string().min(1).optional(),
  })
  .meta({ id: 'target' });

export const vocabTarget = z.union([z.string().min(1), targetSchema], { error: 'a code in quotes, or {code, system, display}' });

export const vocabRowSchema = z
  .strictObject({
    id: ids.optional(),
    from: z.string().meta({ description: 'The v2 code', examples: ['F'] }),
    to: vocabTarget.optional().meta({ description: 'The FHIR code', examples: ['female'] }),
    skip: z.literal(true).optional().meta({ description: 'The code has no target' }),
    why: why.optional(),
  })
  .meta({ id: 'vocabRow' });

export const vocabSchema = z
  .strictObject({
    vocab: name.meta({ description: "The map's name, the guide's", examples: ['AdministrativeSex'] }),
    table: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'The v2 table, in quotes', examples: ['0001'] }),
    system: z.string().min(1).optional().meta({ description: 'The code system of the targets that name none' }),
    rows: z.array(vocabRowSchema),
    otherwise: vocabTarget.optional().meta({ description: 'The target of a code without a row' }),
    tests: z.array(vocabTestSchema).min(1).optional().meta({ description: 'What the map promises, run by weir test' }),
  })
  .meta({ title: 'Weir vocabulary map' });

export const stepSchema = z
  .strictObject({
    id: ids.optional(),
    segment: name.optional().meta({ description: 'A segment of the group; every occurrence is one', examples: ['PID'] }),
    group: name.optional().meta({ description: "A group of segments, by the standard's name", examples: ['ORDER_OBSERVATION'] }),
    get build() {
      return z
        .array(stepSchema)
        .min(1)
        .optional()
        .meta({ description: "The group's segments and groups, in the standard's order" });
    },
    like: name.optional().meta({
      description: 'The steps that this group, or this segment, has in another message map',
      examples: ['ORU_R01', 'ORU_R01.PATIENT'],
    }),
    make: name.optional().meta({ description: 'Makes a resource of this type from each occurrence', examples: ['Patient'] }),
    fill: name.optional().meta({ description: 'Fills the resource of this name; "bundle" is the Bundle', examples: ['patient'] }),
    as: name.optional().meta({ description: 'The name by which other steps refer to it', examples: ['patient'] }),
    map: name.optional().meta({ description: 'The segment map', examples: ['PID[Patient]'] }),
    together: z
      .literal(true)
      .optional()
      .meta({ description: 'With fill: every occurrence writes into the items that the first one opened' }),
    match: z
      .record(v2Path, v2Path)
      .optional()
      .meta({
        description: 'With fill: the resource of that name in the group where these paths (there -> here) have the same values',
        examples: [{ 'OBX-4': 'OBX-4' }],
      }),
    when: condition.optional(),
    refs: z
      .record(name, name)
      .optional()
      .meta({ description: 'Element -> name of the resource it refers to', examples: [{ subject: 'patient' }] }),
    into: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Where a reference to this resource is added', examples: ['report.result'] }),
    key: keySchema.optional(),
    mode: z.enum(['update', 'create', 'delete']).optional().meta({
      description:
        'create: made when absent, never overwritten; delete: deleted, or written as its rows mark it, by the setting "deletes"',
    }),
    delete: condition.optional().meta({
      description: 'Where this condition holds the message deletes the resource, as with mode: delete',
      examples: ['MFE-1 = "MDL"'],
    }),
    setting: z.enum(settingNames).optional().meta({ description: 'The step is taken only where this setting is on' }),
    rows: z.array(rowSchema).min(1).optional().meta({ description: 'Rows of the step itself' }),
    skip: skip.optional().meta({ description: 'A segment or guide row that makes nothing' }),
    why: why.optional(),
  })
  .meta({ id: 'step', description: 'One line of a message map' });

export const messageSchema = z
  .strictObject({
    message: name.meta({ description: 'The message structure', examples: ['ADT_A01'] }),
    for: z.array(name).meta({ description: 'The messages it is written for', examples: [['ADT^A01', 'ADT^A04']] }),
    build: z.array(stepSchema),
    tests: z.array(mapTestSchema).min(1).optional().meta({ description: 'What the map promises, run by weir test' }),
  })
  .meta({ title: 'Weir message map' });

export type RawRow = z.infer<typeof rowSchema>;
export type RawStep = z.infer<typeof stepSchema>;
export type RawMade = z.infer<typeof madeSchema>;
export type RawKey = z.infer<typeof keySchema>;
export type RawTarget = z.infer<typeof targetSchema>;
export type RawSegmentMap = z.infer<typeof segmentSchema>;
export type RawDatatypeMap = z.infer<typeof datatypeSchema>;
export type RawMapTest = z.infer<typeof mapTestSchema>;
export type RawVocabTest = z.infer<typeof vocabTestSchema>;
export type RawVocabRow = z.infer<typeof vocabRowSchema>;
export type RawVocabMap = z.infer<typeof vocabSchema>;
export type RawMessageMap = z.infer<typeof messageSchema>;

export const mappingSchemas = {
  messages: messageSchema,
  segments: segmentSchema,
  datatypes: datatypeSchema,
  vocab: vocabSchema,
} as const;
export type MappingKind = keyof typeof mappingSchemas;
