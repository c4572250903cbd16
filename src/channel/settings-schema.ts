/** The settings of a channel that change what its mapping makes, declared once: each with its default, a sentence and an example. */
import { z } from 'zod';
import { isResource } from '../fhir/elements.ts';
import { defaultSettings } from '../map/defaults.ts';
import { messageField } from '../map/message-copy.ts';
import type { MapSettings } from '../map/types.ts';
import { isVariable } from './scalars.ts';

const text = z.string().min(1);
const identityPolicy = z.enum(['conditional', 'assigned', 'identifier', 'create']);
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
  provenance: z.enum(['none', 'message', 'field']).default(defaultSettings.provenance).meta({
    description:
      "Which Provenance is made: none, the guide's of the message, or with it one a resource that names the field and rows of each element",
  }),
  'message-header': z
    .boolean()
    .default(defaultSettings.messageHeader)
    .meta({ description: 'Whether a MessageHeader goes into a transaction or batch too' }),
  'service-request': z
    .boolean()
    .default(defaultSettings.serviceRequest)
    .meta({ description: 'Whether a ServiceRequest is made from the order of a result' }),
  'related-person': z
    .boolean()
    .default(defaultSettings.relatedPerson)
    .meta({ description: 'Whether RelatedPersons are made: next of kin, guarantors, mothers' }),
  'location-chain': z
    .boolean()
    .default(defaultSettings.locationChain)
    .meta({ description: 'Whether a bed is made with its room, ward, floor, building and facility, or alone' }),
  identity: identityPolicy.default(defaultSettings.identity).meta({
    description:
      '`conditional`: a resource is updated by its identifier, by a computed id where it has none. `assigned`: always `PUT` with a computed id; what another message only creates is then overwritten too. `identifier`: always by identifier, one is made of the id where there is none, for servers that assign ids themselves. `create`: created where absent, never updated',
  }),
  'identity-of': z
    .record(text, identityPolicy)
    .default({})
    .meta({ description: 'The same for single resource types', shownDefault: '{}', examples: [{ Patient: 'create' }] }),
  authority: z.enum(['system', 'system-and-organization']).default(defaultSettings.authority).meta({
    description:
      "What an assigning authority (CX.4) becomes: the identifier's system, or beside it an Organization that assigned it. Without a system an identifier would identify nothing",
  }),
  'unknown-code-system': text.optional().meta({
    description:
      'The system of a coding system that is neither built in nor listed; `{name}` stands for CWE.3, and `none` leaves the system out',
    shownDefault: 'as `unknown-authority`',
    examples: ['urn:id:{name}', 'none'],
  }),
  'raw-values': z.enum(['none', 'extension']).default(defaultSettings.rawValues).meta({
    description:
      'Whether a value that does not convert (a date that is none, a number with text, a code without a row) is kept as sent, as `originalText` of the element that it was for. It is an issue in any case',
  }),
  ssn: z.enum(['keep', 'last-four', 'drop']).default(defaultSettings.ssn).meta({
    description:
      'What becomes of social security numbers (identifiers of type SS or of their system): kept, cut to the last four digits and without a system, or left out. There is no hash: nine digits are guessed in a moment',
  }),
  'race-ethnicity': z
    .enum(['none', 'us-core'])
    .default(defaultSettings.raceEthnicity)
    .meta({ description: "Whether PID-10 and PID-22 become US Core's race and ethnicity extensions" }),
  contained: z
    .array(
      z.string().refine(isContainable, {
        error:
          'The type is none that can be contained ("contained" lists resource types of R4, such as Practitioner); correct it',
      }),
    )
    .default([])
    .meta({
      description:
        'Resource types that are contained in what refers to them, where a value of a field made them (a doctor, a ward); without it each is an entry of its own',
      shownDefault: '[]',
      examples: [['Practitioner', 'Location']],
    }),
  deletes: z.enum(['mark', 'delete']).default(defaultSettings.deletes).meta({
    description:
      'What a deletion (ADT^A23, ADT^A29, a record of MFE-1 MDL) does: marks the resource as entered in error or inactive, or deletes it',
  }),
  vip: z.enum(['visit', 'person']).default(defaultSettings.vip).meta({
    description:
      'Whose importance the VIP indicator (PV1-16) says: of the visit alone, or of the person too, as the extension patient-importance',
  }),
  'message-copy': z
    .string()
    .refine(isMessageCopy, {
      error:
        'The copy is none that can be made ("message-copy" is none, data, or a URL in which {MSH-10} and other fields of the MSH stand); correct it',
    })
    .default(defaultSettings.messageCopy)
    .meta({
      description:
        'What each Provenance of the message (`provenance`) keeps of it, as a DocumentReference: `none`; `data`, the whole message, which puts everything in it, also what `ssn` leaves out, before all who may read the resource; or a URL at which it is kept, with values of the MSH in braces',
      examples: ['data', 'https://archive.example/v2/{MSH-4.1}/{MSH-10}'],
    }),
});

function isContainable(type: string): boolean {
  return isResource(type) && type !== 'Bundle';
}

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
    relatedPerson: raw['related-person'],
    locationChain: raw['location-chain'],
    identity: raw.identity,
    identityOf: raw['identity-of'],
    authority: raw.authority,
    unknownCodeSystem: raw['unknown-code-system'] ?? null,
    rawValues: raw['raw-values'],
    ssn: raw.ssn,
    raceEthnicity: raw['race-ethnicity'],
    contained: raw.contained,
    deletes: raw.deletes,
    vip: raw.vip,
    messageCopy: raw['message-copy'],
  };
}

function isMessageCopy(copy: string): boolean {
  if (copy === 'none' || copy === 'data' || isVariable(copy)) return true;
  return /^[a-z][a-z\d+.-]*:\S+$/i.test(copy) && !/[{}]/.test(copy.replace(messageField, ''));
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
