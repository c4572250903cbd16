/** JSON Schemas of channel and mapping files, for editors, from the declarations that the reader checks by. */
import { z } from 'zod';
import { channelSchema } from '../src/channel/channel-schema.ts';
import { mappingSchemas } from '../src/channel/mapping-schema.ts';
import { changeSchemas } from '../src/channel/overlay-schema.ts';
import { profileSchema } from '../src/channel/profile-schema.ts';

/** A JSON Schema, as far as the reference page reads it. */
export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  /** The default as a person writes it. */
  readonly shownDefault?: string;
}

/** A file of mappings/sites/NAME is one of these. */
const overlayFile = z
  .union([...Object.values(changeSchemas), ...Object.values(mappingSchemas)])
  .meta({ title: 'Weir overlay file' });

/** File name -> schema. */
export function jsonSchemas(): Record<string, JsonSchema> {
  return {
    'channel.schema.json': schemaOf(channelSchema),
    'message-map.schema.json': schemaOf(mappingSchemas.messages),
    'segment-map.schema.json': schemaOf(mappingSchemas.segments),
    'datatype-map.schema.json': schemaOf(mappingSchemas.datatypes),
    'vocab-map.schema.json': schemaOf(mappingSchemas.vocab),
    'profile.schema.json': schemaOf(profileSchema),
    'overlay.schema.json': schemaOf(overlayFile),
  };
}

/** The channel's schema with `shownDefault` kept, for the reference page. */
export function channelDeclaration(): JsonSchema {
  return schemaOf(channelSchema, true);
}

/** The same of a profile. */
export function profileDeclaration(): JsonSchema {
  return schemaOf(profileSchema, true);
}

/**
 * `override` in a declaration says how a value is written where Zod knows only what it is read as (a duration); `shownDefault` is its
 * default in the same writing. Zod leaves out defaults and examples of such values, as they could be of either form.
 */
function schemaOf(schema: z.ZodType, forPage = false): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { override, shownDefault, examples } = (zodSchema as unknown as z.ZodType).meta() ?? {};
      if (override !== undefined) {
        for (const key of ['anyOf', 'type'] as const) delete jsonSchema[key];
        Object.assign(jsonSchema, override, examples === undefined ? {} : { examples });
      }
      const loose = jsonSchema as { override?: unknown; shownDefault?: unknown };
      delete loose.override;
      if (forPage && shownDefault !== undefined) loose.shownDefault = shownDefault;
      else delete loose.shownDefault;
    },
  }) as JsonSchema;
}
