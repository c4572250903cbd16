/** The vocabulary of mapping: what `map` takes and gives. All of it is data; nothing here does I/O. */
import type { Bundle, Resource } from 'fhir/r4';
import type { Location } from '../hl7/types.ts';

/** A channel's settings that change what a mapping makes. Every one has a default (`defaultSettings`). */
export interface MapSettings {
  /** What is sent: a transaction (default), a batch, or a message with its MessageHeader first. */
  readonly bundle: 'transaction' | 'batch' | 'message';
  /** The zone of dates and times sent without one, an IANA name or `+01:00`. Default: the zone the process runs in is never taken; `UTC`. */
  readonly timezone: string;
  /** Assigning authority namespace (HD.1) -> identifier system. */
  readonly authorities: Readonly<Record<string, string>>;
  /** The system of an authority that is not listed; `{namespace}` stands for HD.1. Default `urn:id:{namespace}`. */
  readonly unknownAuthority: string;
  /** Coding system name (table 0396 or local) -> code system URI, added to the built-in registry. */
  readonly codeSystems: Readonly<Record<string, string>>;
  /** What a code without a row in its vocabulary does: goes as text with an issue (default), or parks the message. */
  readonly unmappedCode: 'text' | 'park';
  /** What any other issue of severity error does. Default `send`. */
  readonly onIssue: 'send' | 'park';
  /** Provenance: none (default), the guide's of the message, or beside it one a resource with the field and rows that each element came from. */
  readonly provenance: 'none' | 'message' | 'field';
  /** Whether a MessageHeader goes into a transaction or batch too. Default false. */
  readonly messageHeader: boolean;
  /** Whether a ServiceRequest is made from the order of a result. Default true. */
  readonly serviceRequest: boolean;
  /** Whether RelatedPersons are made. Default true. */
  readonly relatedPerson: boolean;
  /** Whether a location is made with those that it lies in, or (false) the most specific one alone. Default true. */
  readonly locationChain: boolean;
  /** How resources are addressed where they are not found by an identifier of their own. Default `conditional`. */
  readonly identity: IdentityPolicy;
  /** The same for single resource types. */
  readonly identityOf: Readonly<Record<string, IdentityPolicy>>;
  /** What an assigning authority becomes: the identifier's system (default), or that and an Organization that assigned it. */
  readonly authority: 'system' | 'system-and-organization';
  /** The system of a coding system that is not known; `{name}` stands for CWE.3, `none` for no system. Null (default): as `unknownAuthority`. */
  readonly unknownCodeSystem: string | null;
  /** Whether a value that does not convert is kept as sent, in an extension of the element that it was for. Default `none`. */
  readonly rawValues: 'none' | 'extension';
  /** What becomes of social security numbers. Default `keep`. */
  readonly ssn: 'keep' | 'last-four' | 'drop';
  /** US Core's extensions for race and ethnicity, or none (default). */
  readonly raceEthnicity: 'none' | 'us-core';
  /** Types that are contained in what refers to them, where a value made them. Default none: each is an entry of its own. */
  readonly contained: readonly string[];
  /** What a message that deletes a resource does: marks it as entered in error or inactive (default), or deletes it. */
  readonly deletes: 'mark' | 'delete';
  /** Whose importance PV1-16 says: the visit's alone (default), or the person's too. */
  readonly vip: 'visit' | 'person';
  /** What a Provenance keeps of the message itself: nothing (default), its text (`data`), or a URL with values of the MSH in braces. */
  readonly messageCopy: string;
}

/**
 * `conditional`: by an identifier where there is one, else by a computed id. `assigned`: always by a computed id. `identifier`: always by an
 * identifier, one made of the id where there is none. `create`: created where absent, never updated.
 */
export type IdentityPolicy = 'conditional' | 'assigned' | 'identifier' | 'create';

/** Whether resources are deleted. A message bundle has no requests that could. */
export function deletes(settings: MapSettings): boolean {
  return settings.deletes === 'delete' && settings.bundle !== 'message';
}

/** A piece of the trace: this leaf of the bundle was written by these rows (outermost first) from this place of the message. */
export interface TraceEntry {
  /** Index into `bundle.entry`. */
  readonly entry: number;
  /** FHIRPath-like: `name[0].family`. */
  readonly path: string;
  /** `PID[Patient]#7`, then `XPN[HumanName]#3`, … A row of ours without the guide's number is named `MAP@LINE` by its line in the file. */
  readonly rows: readonly string[];
  /** Where the value came from; null for a constant. */
  readonly from: Location | null;
}

/** Something that a person should know of one value. */
export interface MapIssue {
  readonly severity: 'error' | 'warning';
  readonly code:
    | 'bad-date'
    | 'clock-change'
    | 'bad-number'
    | 'bad-value'
    | 'unmapped-code'
    | 'no-required'
    | 'extra-repetition'
    | 'structure'
    | 'undecodable';
  /** The v2 path, `PID-8`. */
  readonly path: string;
  /** A sentence; it may name the row, never the value. */
  readonly text: string;
}

export interface UnmappedCode {
  readonly path: string;
  /** The code as sent. Shown to the analyst; not logged. */
  readonly code: string;
  readonly system: string | null;
  readonly vocab: string;
}

/** `""` in the message: it deletes this element (HL7 2.9, 2.5.3). */
export interface Deletion {
  readonly entry: number;
  readonly path: string;
  readonly row: string;
  readonly from: Location;
}

/** What became of each populated leaf of the message (promise 5). */
export interface LedgerLine {
  readonly from: Location;
  /** `PID-3[1].4.1` */
  readonly path: string;
  readonly state: 'mapped' | 'skipped' | 'dropped';
  /** The rows that read or skipped it. */
  readonly rows: readonly string[];
  /** The reason, where skipped. */
  readonly why: string | null;
}

export interface MapResult {
  readonly bundle: Bundle;
  readonly trace: readonly TraceEntry[];
  readonly deletes: readonly Deletion[];
  readonly issues: readonly MapIssue[];
  readonly unmappedCodes: readonly UnmappedCode[];
  /** Computed when asked for: the message path of mapping and delivery does not pay for it. */
  ledger(): LedgerLine[];
}

export type AnyResource = Resource & Record<string, unknown>;
