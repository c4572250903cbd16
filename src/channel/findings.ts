/** Every kind of finding, in one table: the closed code, how grave it is, what it means, and a piece of YAML that has it. */
import type { Source } from '../map/mapping.ts';
import type { Finding } from './types.ts';

export interface FindingEntry {
  readonly severity: Finding['severity'];
  /** What is wrong and what to do, for docs/findings.md. */
  readonly text: string;
  /** A piece of YAML that has it. */
  readonly example: string;
}

const table = {
  // any file
  yaml: {
    severity: 'error',
    text: 'The file is no readable YAML: indentation, a missing quote or bracket, a key written twice. Correct the file at the place named.',
    example: 'listen: {mllp: {port: 2575}',
  },
  'unknown-key': {
    severity: 'error',
    text: 'A key that this part of the file does not have. The nearest known one is suggested.',
    example: 'lisen: {mllp: {port: 2575}}',
  },
  'missing-key': {
    severity: 'error',
    text: 'A key that must be there is not.',
    example: 'listen: {from: [EPIC^MAIN]}   # mllp is missing',
  },
  'wrong-type': {
    severity: 'error',
    text: 'A value of another type than the key takes: a list where a text belongs, a number that must be quoted.',
    example: 'types: ADT^*   # a list: [ADT^*]',
  },
  'bad-value': {
    severity: 'error',
    text: 'A value of the right type that is not one of those the key takes.',
    example: 'invalid: ignore   # park or send',
  },
  'bad-condition': {
    severity: 'error',
    text: 'A condition that cannot be read; the column is the place inside it. The grammar is in mapping-language.md.',
    example: 'when: PID-8 is "F"   # =',
  },
  'unknown-v2-path': {
    severity: 'error',
    text: 'A segment, field or component that HL7 v2 does not have. Z segments are free.',
    example: 'order-by: PID-333',
  },
  // channels
  'bad-duration': {
    severity: 'error',
    text: 'A duration is a whole number and a unit: ms, s, m, h or d.',
    example: 'retry: {first: 1 second}',
  },
  'bad-size': {
    severity: 'error',
    text: 'A size is a whole number and a unit: B, KiB, MiB or GiB.',
    example: 'max-frame: 16 MB',
  },
  'unset-variable': {
    severity: 'error',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
    text: '${NAME} names an environment variable that is not set. Set it, or write a default: ${NAME:-default}.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
    example: 'fhir: ${CDR_URL}',
  },
  'literal-secret': {
    severity: 'error',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the channel file's own syntax
    text: 'A password, key or token is written in the file. Put it into the environment and write ${NAME}.',
    example: 'headers: {Authorization: Bearer c2VjcmV0}',
  },
  'port-clash': {
    severity: 'error',
    text: 'Two channels listen on the same port. Give each its own.',
    example: 'listen: {mllp: {port: 2575}}   # in two channels',
  },
  'deferred-without-duplicates': {
    severity: 'warning',
    text: 'Senders wait for their ACK until it is known what became of the message, and send it again when that takes too long; without duplicates each copy is mapped. Write duplicates: {within: 7d}.',
    example: 'acknowledge: {original: after-delivery}   # and no duplicates',
  },
  'copy-undoes-ssn': {
    severity: 'error',
    text: 'A channel leaves social security numbers out and sends the whole message along, in which they are. Let `message-copy` be a URL, or `ssn` be `keep`.',
    example: 'settings: {ssn: drop, provenance: message, message-copy: data}',
  },
  'duplicate-channel': {
    severity: 'error',
    text: 'Two files describe a channel of the same name.',
    example: 'channel: adt   # in two files',
  },
  'duplicate-destination': {
    severity: 'error',
    text: 'Two destinations of a channel have the same name.',
    example: 'deliver: [{to: cdr, fhir: …}, {to: cdr, fhir: …}]',
  },
  'send-conflict': {
    severity: 'error',
    text: 'The destinations of a channel, or its settings, ask for different kinds of bundle; a channel makes one.',
    example: 'deliver: [{to: a, fhir: …, send: batch}, {to: b, fhir: …, send: transaction}]',
  },
  'route-target': {
    severity: 'error',
    text: 'A route has one of map, pass and filter. A filter goes nowhere: it has neither `to` nor `edit`.',
    example: '- {when: ADT^A01}',
  },
  'destination-target': {
    severity: 'error',
    text: 'A destination is either a FHIR server (fhir), which takes bundles, or an MLLP receiver (mllp), which takes messages.',
    example: '- {to: lis, timeout: 10s}',
  },
  'destination-key': {
    severity: 'error',
    text: 'A key that does nothing for this kind of destination: headers of an MLLP receiver, edits for a FHIR server.',
    example: '- {to: lis, mllp: lis.example:2576, headers: {X-Source: weir}}',
  },
  'unknown-destination': {
    severity: 'error',
    text: 'A route names a destination that the channel does not have.',
    example: '- {when: ADT^A01, pass: true, to: [lsi]}',
  },
  'route-without-taker': {
    severity: 'error',
    text: 'No destination of the route takes what it makes: a map makes a bundle for fhir destinations, pass a message for mllp ones. Edits are for mllp ones too.',
    example: '- {when: ADT^*, pass: true}   # and deliver has fhir destinations only',
  },
  'edit-step': {
    severity: 'error',
    text: 'A step of `edit` does one thing: set, copy, translate, remove or add, with the keys that belong to it.',
    example: '- {set: LIS, copy: PID-3, to: MSH-5}',
  },
  'edit-target': {
    severity: 'error',
    text: 'A place that cannot be written: MSH-1 and MSH-2 hold the delimiters of the message, MSH begins it, and a value goes to a field.',
    example: '- {set: "|", to: MSH-1}',
  },
  'unreachable-edit': {
    severity: 'error',
    text: 'A step that never changes anything: its condition cannot hold, or the segment it works on is removed before.',
    example: '- {remove: NTE}\n- {remove: NTE-3}',
  },
  'filter-without-reason': {
    severity: 'error',
    text: 'A filter without a reason. The reason is what the filtered message shows to whoever asks for it.',
    example: '- {when: ADT^A08, filter: ""}',
  },
  'unreachable-route': {
    severity: 'error',
    text: 'A route that never runs, because an earlier one takes every message that it would. Move it up, or remove it.',
    example: '- {when: ADT^*, map: ADT_A01}\n- {when: ADT^A03, map: ADT_A03}',
  },
  'unknown-message-map': {
    severity: 'error',
    text: 'A route names a message map that mappings/messages does not hold.',
    example: '- {when: ADT^A01, map: ADT_A001}',
  },
  'test-proves-nothing': {
    severity: 'error',
    text: 'A test that expects nothing cannot fail.',
    example: '- {name: an admission, given: fixtures/a01.hl7, expect: {}}',
  },
  'missing-fixture': {
    severity: 'error',
    text: 'The file that a test is given does not exist; its path is relative to the channel file.',
    example: 'given: fixtures/a1.hl7',
  },
  'tls-incomplete': {
    severity: 'error',
    text: 'A tls key lacks what another key of it needs: a certificate its private key, clients: required the ca that their certificates must lead to, that of acknowledge the address it is spoken to.',
    example: 'tls: {cert: weir.crt, key: weir.key, clients: required}   # ca is missing',
  },
  'tls-unreadable': {
    severity: 'error',
    text: 'A file that a tls key names does not exist or may not be read; its path is relative to the channel file.',
    example: 'tls: {cert: weir.cert, key: weir.key}   # weir.crt',
  },
  'tls-not-pem': {
    severity: 'error',
    text: 'A file that a tls key names holds no certificate, or no private key, in PEM, or a damaged one. tls.md says how to convert others.',
    example: 'tls: {cert: weir.pfx, key: weir.key}',
  },
  'tls-passphrase': {
    severity: 'error',
    text: 'The private key is encrypted and there is no passphrase, or not the right one.',
    example: 'tls: {cert: weir.crt, key: encrypted.key}',
  },
  'tls-key-mismatch': {
    severity: 'error',
    text: 'The private key is not that of the (first) certificate.',
    example: 'tls: {cert: new.crt, key: old.key}',
  },
  'tls-unusable': {
    severity: 'error',
    text: 'OpenSSL does not take the certificate or key: one that is too short, or of an algorithm that is not safe any more.',
    example: 'tls: {cert: rsa-1024.crt, key: rsa-1024.key}',
  },
  'tls-expiry': {
    severity: 'warning',
    text: 'A certificate that a tls key names has expired, expires within 30 days, or does not hold yet. It is loaded again when its file changes.',
    example: 'tls: {cert: last-year.crt, key: weir.key}',
  },
  // mappings
  // profiles
  'missing-profile': {
    severity: 'error',
    text: 'The profile that `conform` names is not there, or cannot be read. The path is relative to the channel file.',
    example: 'conform: {profile: ./profiles/none.yaml}',
  },
  'conform-nothing': {
    severity: 'error',
    text: '`conform` checks nothing: neither the standard nor a profile. Name one, or remove the key.',
    example: 'conform: {standard: false}',
  },
  'profile-rule': {
    severity: 'error',
    text: 'A rule of a profile demands nothing, two things that cannot both be, or what its path does not have.',
    example: '- {path: PID-7, usage: X, length: 8}',
  },
  'unknown-table': {
    severity: 'error',
    text: 'A table that HL7 does not have, or publishes no codes of.',
    example: '- {path: PID-8, table: "0010"}   # a table of the site',
  },
  'unknown-group': {
    severity: 'error',
    text: 'A group that no message structure of HL7 v2 has.',
    example: '- {path: OBX, in: OBSERVATIONS, usage: R}   # OBSERVATION',
  },
  'unreadable-file': {
    severity: 'error',
    text: 'A file or folder of the configuration cannot be read.',
    example: 'WEIR_MAPPINGS=/nowhere',
  },
  'wrong-folder': {
    severity: 'error',
    text: 'A map lies in the folder of another kind of map.',
    example: 'vocab: AdministrativeSex   # in mappings/segments',
  },
  'map-file-name': {
    severity: 'warning',
    text: 'A map is not in the file of its name, where a reader looks for it.',
    example: 'map: PID[Patient]   # in PID.yaml',
  },
  'map-name': {
    severity: 'error',
    text: 'The name of a map is what it reads and what it fills: SEGMENT[Resource], DATATYPE[Type], with a variant behind a hyphen where there are several.',
    example: 'map: PID[Patient]\nsegment: PV1',
  },
  'duplicate-map': {
    severity: 'error',
    text: 'Two files hold a map of the same name.',
    example: 'map: CX[Identifier]   # in two files',
  },
  'unknown-segment': { severity: 'error', text: 'A segment that HL7 v2 does not have.', example: 'segment: PIX' },
  'unknown-datatype': { severity: 'error', text: 'A datatype that HL7 v2 does not have.', example: 'datatype: CXX' },
  'unknown-type': { severity: 'error', text: 'A resource or datatype that FHIR R4 does not have.', example: 'resource: Pateint' },
  'unknown-element': {
    severity: 'error',
    text: 'An element that the resource or datatype does not have in R4.',
    example: 'to: identifer',
  },
  'bad-target': {
    severity: 'error',
    text: 'A target that is not written as targets are, or a label on an element that does not repeat.',
    example: 'to: birthDate[a]',
  },
  'unknown-map': {
    severity: 'error',
    text: 'A segment map or datatype map that no file holds, or one of another segment or type than is used here.',
    example: 'as: CX[Identifer]',
  },
  'unknown-vocab': { severity: 'error', text: 'A vocabulary map that no file holds.', example: 'vocab: AdministrativeSexx' },
  'missing-datatype-map': {
    severity: 'error',
    text: 'The v2 datatype is composite and no map turns it into the FHIR type. Write DATATYPE[Type], or name one with "as".',
    example: '- {from: PID-3, to: birthDate}',
  },
  'wrong-type-conversion': {
    severity: 'error',
    text: 'No conversion leads from the v2 value to the FHIR type.',
    example: '- {set: maybe, to: active}',
  },
  'outside-binding': {
    severity: 'error',
    text: 'A code that the value set of the element, bound as required, does not hold.',
    example: '- {set: femme, to: gender}',
  },
  'required-unset': {
    severity: 'error',
    text: 'No row of any map that fills this resource sets an element that R4 requires.',
    example: 'resource: Encounter   # and no row to status',
  },
  'never-runs': {
    severity: 'error',
    text: 'A row that can never do anything: its condition contradicts itself, or it reads a segment that is nowhere in reach.',
    example: '- {from: PID-8, to: gender, when: PID-8 not valued}',
  },
  'row-shape': {
    severity: 'error',
    text: 'A row or step whose keys make no sense together, such as a value without a target.',
    example: '- {from: PID-8}',
  },
  'skip-without-why': { severity: 'error', text: 'A skip says why.', example: '- {id: 3, skip: PID-1}' },
  'duplicate-id': {
    severity: 'error',
    text: 'Two rows of a map claim the same line of the guide.',
    example: '- {id: 5, from: PID-3, to: identifier}\n- {id: 5, from: PID-2, to: identifier}',
  },
  'duplicate-code': {
    severity: 'error',
    text: 'Two rows of a vocabulary map have the same v2 code; only the first would ever count.',
    example: '- {from: F, to: female}\n- {from: F, to: other}',
  },
  'unknown-reference': {
    severity: 'error',
    text: 'A name that no step gives to a resource where this one can see it.',
    example: 'refs: {subject: pateint}',
  },
  'unknown-function': { severity: 'error', text: 'A function that the library does not have.', example: 'use: telphone' },
  'unknown-overlay': {
    severity: 'error',
    text: 'A channel names an overlay of which mappings/sites has no folder.',
    example: 'overlays: [mercey]',
  },
  'overlay-target': {
    severity: 'error',
    text: 'An overlay changes a map, row, step or code that is not there: it was renamed or taken out of the base. See what became of it.',
    example: 'change-map: PID[Patient]\nskip: [{row: 99, why: not wanted}]',
  },
  'local-field': {
    severity: 'error',
    text: 'A local field is declared twice, or is one that the standard has with another datatype.',
    example: 'declare: [{segment: PID, fields: [{field: 3, name: our number, datatype: ST}]}]',
  },
  'bad-function': {
    severity: 'error',
    text: 'A file of site functions that cannot be read, imports something other than types, or keeps a state.',
    example: "import { readFileSync } from 'node:fs';",
  },
  'unused-map': {
    severity: 'warning',
    text: 'No message map, and nothing that one uses, refers to this map.',
    example: 'map: AL1[AllergyIntolerance]   # and no AL1 in any message',
  },
  'unused-vocab': {
    severity: 'warning',
    text: 'No row goes through this vocabulary map.',
    example: 'vocab: Religion   # and no row with it',
  },
} as const satisfies Record<string, FindingEntry>;

export type FindingCode = keyof typeof table;

/** The table, for docs/findings.md and the tests. */
export const findingTable: Readonly<Record<FindingCode, FindingEntry>> = table;

/** A finding at a place. `text` is a sentence: `<what> (<where, why>); <next step>`. */
export function finding(code: FindingCode, source: Source, text: string): Finding {
  const { file, line, column } = source;
  return { file, line, column, severity: table[code].severity, code, text };
}

/** A finding's text as it is printed: with its full stop, where it is no question. */
export function asSentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}

/** Findings in the order of files and lines, each once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const order = (a: Finding, b: Finding) =>
    compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code) || compare(a.text, b.text);
  return findings.toSorted(order).filter((one, index, all) => index === 0 || order(one, all[index - 1] as Finding) !== 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
