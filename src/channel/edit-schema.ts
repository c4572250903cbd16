/** What an `edit:` step says, declared once. */
import { z } from 'zod';

const text = z.string().min(1);
const path = text.refine((value) => !/\s/.test(value));

const edit = z.strictObject({
  when: text.optional().meta({
    description: 'A condition (mapping-language.md); the step is done only where it holds',
    shownDefault: 'always',
    examples: ['PID-8 = "F"'],
  }),
  set: z
    .union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, or true or false' })
    .optional()
    .meta({
      description:
        'Writes this text to `to`; `{PATH}` in it stands for the value at that path, `{{` for a brace. Empty empties the place',
      examples: ['LIS', '{PID-5.1}, {PID-5.2}'],
    }),
  copy: path.optional().meta({ description: 'Writes what stands at this path to `to`, components and all', examples: ['PID-3'] }),
  translate: path.optional().meta({
    description: 'Writes the code at this path anew, by the table in `by`; to `to` where that is given, else in its place',
    examples: ['PID-8'],
  }),
  remove: z
    .union([path, z.array(path).min(1)], { error: 'a path, or a list of paths' })
    .optional()
    .meta({
      description: 'Removes segments (`NTE` is all of them) or repetitions (`PID-3[2]`); empties fields and components',
      examples: ['PID-19', ['NTE', 'ZPI']],
    }),
  add: path
    .optional()
    .meta({ description: 'Adds a segment of this name, last or where `after` or `before` says', examples: ['ZLI'] }),
  to: path.optional().meta({ description: 'Where `set`, `copy` and `translate` write', examples: ['MSH-5'] }),
  by: z
    .union([text, z.record(z.string(), z.union([z.string(), z.number()]))], {
      error: 'the name of a vocabulary map, or codes and their codes',
    })
    .optional()
    .meta({
      description: 'With `translate`: a vocabulary map of mappings/vocab, or the codes and what becomes of them',
      examples: ['AdministrativeSex', { M: '1', F: '2' }],
    }),
  else: z
    .enum(['keep', 'empty', 'park'])
    .optional()
    .meta({
      description: 'With `translate`: what becomes of a code that the table does not have',
      shownDefault: 'keep',
      examples: ['park'],
    }),
  fields: z
    .record(
      z.string().regex(/^[1-9]\d{0,2}(\.[1-9]\d{0,2}){0,2}$/, 'a field is its number: 3, or 3.1'),
      z.union([z.string(), z.number()]),
    )
    .optional()
    .meta({ description: 'With `add`: the fields of the new segment, as in `set`', examples: [{ 1: '1', 3.1: '{PID-3.1}' }] }),
  after: path
    .optional()
    .meta({ description: 'With `add`: the segment that stands before it; `PID`, `OBX[2]`', examples: ['PID'] }),
  before: path.optional().meta({ description: 'With `add`: the segment that stands behind it', examples: ['PV1'] }),
});

export const edits = z.array(edit).default([]);

export type RawEdit = z.output<typeof edit>;
