/** The settings of a channel that change what its mapping makes, declared once: each with its default, a sentence and an example. */
import { z } from 'zod';
import { defaultSettings } from '../map/defaults.ts';
import type { MapSettings } from '../map/types.ts';
import { isVariable } from './scalars.ts';

const text = z.string().min(1);
const uriMap = z.record(text, text);
/** What the mapping makes, by channel. */
export const settingsSchema = z.strictObject({
  bundle: z
    .enum(['transaction', 'batch', 'message'])
    .optional()
    .meta({ description: 'The kind of bundle that is made', shownDefault: defaultSettings.bundle, examples: ['transaction'] }),
  timezone: z
    .string()
    .refine(isZone, {
      error: 'The zone is not known ("timezone" is an IANA name or an offset); write it like Europe/Berlin or +01:00',
    })
    .default(defaultSettings.timezone)
    .meta({
      description: 'The zone of dates and times sent without one, an IANA name or an offset',
      examples: ['Europe/Berlin', '+01:00'],
    }),
  authorities: uriMap.default({}).meta({
    description: 'Assigning authority (CX.4.1) -> identifier system',
    shownDefault: '{}',
    examples: [{ MERCY: 'urn:oid:2.16.840.1.113883.3.1' }],
  }),
  'unknown-authority': z
    .string()
    .min(1)
    .default(defaultSettings.unknownAuthority)
    .meta({
      description: 'The system of an authority that is not listed; `{namespace}` stands for CX.4.1',
      examples: ['urn:id:{namespace}'],
    }),
  'code-systems': uriMap.default({}).meta({
    description: 'Name of a coding system (table 0396 or local) -> code system URI, added to those that are built in',
    shownDefault: '{}',
    examples: [{ LOCALLAB: 'https://lab.example/codes' }],
  }),
  'unmapped-code': z
    .enum(['text', 'park'])
    .default(defaultSettings.unmappedCode)
    .meta({ description: 'What a code without a row in its vocabulary does: goes as text, with an issue, or parks the message' }),
  'on-issue': z
    .enum(['send', 'park'])
    .default(defaultSettings.onIssue)
    .meta({ description: 'What any other issue of severity error does: a value that cannot be converted' }),
  provenance: z
    .enum(['none', 'full'])
    .default(defaultSettings.provenance)
    .meta({ description: "Whether Provenance resources are made: none, or the guide's" }),
  'message-header': z
    .boolean()
    .default(defaultSettings.messageHeader)
    .meta({ description: 'Whether a MessageHeader goes into a transaction or batch too' }),
  'service-request': z
    .boolean()
    .default(defaultSettings.serviceRequest)
    .meta({ description: 'Whether a ServiceRequest is made from the order of a result' }),
  deletes: z.enum(['mark', 'delete']).default(defaultSettings.deletes).meta({
    description: 'What a deletion (ADT^A23, ADT^A29) does: marks the resource as entered in error or inactive, or deletes it',
  }),
});

type RawSettings = z.output<typeof settingsSchema>;

/** As the mapping takes them; the kind of bundle may come of a destination's `send` instead. */
export function mapSettings(raw: RawSettings, bundle: MapSettings['bundle']): MapSettings {
  return {
    bundle,
    timezone: raw.timezone,
    authorities: raw.authorities,
    unknownAuthority: raw['unknown-authority'],
    codeSystems: raw['code-systems'],
    unmappedCode: raw['unmapped-code'],
    onIssue: raw['on-issue'],
    provenance: raw.provenance,
    messageHeader: raw['message-header'],
    serviceRequest: raw['service-request'],
    deletes: raw.deletes,
  };
}

function isZone(zone: string): boolean {
  if (/^[+-](0\d|1[0-4]):[0-5]\d$/.test(zone) || isVariable(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
