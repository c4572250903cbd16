/**
 * Mappings as data: what `channel/` reads from YAML and `compile` turns into functions. The language is described in
 * docs/mapping-language.md. Every node keeps where it stands, so that a finding has file, line and column.
 */
import type { Condition } from '../hl7/condition.ts';

/** A place in a configuration file. Line and column count from 1. */
export interface Source {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Settings of a channel on which rows and steps may hang. */
export const settingNames = [
  'provenance',
  'messageHeader',
  'serviceRequest',
  'relatedPerson',
  'authorityOrganization',
  'usCore',
  'personVip',
  'messageCopy',
] as const;
export type SettingName = (typeof settingNames)[number];

/** One row of a segment or datatype map. */
export interface Row {
  /** The guide's lines that this row stands for; empty for a row of ours. */
  readonly ids: readonly number[];
  /** The name of a row of ours. */
  readonly name?: string;
  /** The overlay that it comes from; absent for the base. */
  readonly site?: string;
  readonly from?: string;
  readonly to?: string;
  readonly when?: Condition;
  /** Datatype map by name, `XPN[string]`, where it does not follow from the types. */
  readonly as?: string;
  readonly vocab?: string;
  /** A constant; `{PATH}` in it stands for the value at that path, `{{` for a brace. */
  readonly set?: string | number | boolean;
  /** A resource type: `to` is a Reference, and the rows of `with` fill a resource of its own. */
  readonly make?: string;
  /** The name of a resource of the message map: `to` becomes a reference to it. */
  readonly ref?: string;
  /** With `ref`: not the nearest of that name, but those where these paths (there -> here, or a text in quotes) have the same values. */
  readonly match?: Readonly<Record<string, string>> | 'before';
  /** With `match`: the list element of the other resource that refers back. */
  readonly back?: string;
  /** A function of the library (docs/functions.md). */
  readonly use?: string;
  /** What stands between the values of a single text that takes all of them. */
  readonly join?: string;
  readonly with?: readonly Row[];
  /** The identity of what `make` makes. */
  readonly key?: Key;
  /** A setting that must be on for this row. */
  readonly setting?: SettingName;
  /** A v2 path this row leaves out, or `true` where the guide's row names none; always with `why`. */
  readonly skip?: string | true;
  readonly why?: string;
  readonly source: Source;
}

/** What makes a resource the same one when it is sent again. */
export interface Key {
  /** The resource this one belongs to, the first of these names that was made; its identity is part of the key. */
  readonly of?: readonly string[];
  /** Paths that together tell it apart from its siblings; a text in quotes stands for itself. */
  readonly by?: readonly string[];
  /** Alternatives: the first valued one counts. */
  readonly first?: readonly string[];
  /** Where the assigning authority of the key stands. None of them valued: the key is the sending facility's own (MSH-4). */
  readonly authority?: readonly string[];
  /** Search parameters, elements of the same name, that with the identifier find the resource on a server: `code`. */
  readonly search?: readonly string[];
  /** The same key twice in a message is one resource, where it else is another one of the same number. */
  readonly same?: boolean;
}

/** An inline test of a map: what is given, and what must come of it. */
export interface MapTest {
  readonly name: string;
  /** Segments, or a value of the datatype. */
  readonly given: string;
  /** Segments that stand before it; empty where there are none. */
  readonly around: string;
  /** Settings as a channel file writes them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly source: Source;
}

/** An inline test of a vocabulary map. */
export interface VocabTest {
  readonly name: string;
  readonly given: string;
  /** Null: the code has no target. Undefined, which `weir check` finds: nothing is expected. */
  readonly expect: Partial<VocabTarget> | null | undefined;
  readonly source: Source;
}

export interface SegmentMap {
  readonly map: string;
  readonly segment: string;
  readonly resource: string;
  readonly rows: readonly Row[];
  readonly tests?: readonly MapTest[];
  readonly source: Source;
}

export interface DatatypeMap {
  readonly map: string;
  readonly datatype: string;
  /** A FHIR datatype, a primitive, or a resource type (then the target of the row is a Reference to what is made). */
  readonly type: string;
  readonly rows: readonly Row[];
  /** Several resources, each by its own rows; the map's result is the first that was made (PL: bed, room, point of care …). */
  readonly make?: readonly MadeResource[];
  readonly key?: Key;
  readonly tests?: readonly MapTest[];
  readonly source: Source;
}

export interface MadeResource {
  /** The guide's lines that `refs` stands for. */
  readonly ids: readonly number[];
  readonly as: string;
  readonly when?: Condition;
  readonly rows: readonly Row[];
  /** Element -> names; the first of them that was made is referenced. */
  readonly refs?: Readonly<Record<string, readonly string[]>>;
  readonly key?: Key;
  readonly source: Source;
}

export interface VocabMap {
  readonly vocab: string;
  /** The v2 table, `0001`. */
  readonly table?: string;
  /** The code system of the targets that name none. */
  readonly system?: string;
  readonly rows: readonly VocabRow[];
  /** The target of a code without a row. */
  readonly otherwise?: VocabTarget;
  readonly tests?: readonly VocabTest[];
  readonly source: Source;
}

export interface VocabTarget {
  readonly code: string;
  readonly system?: string;
  readonly display?: string;
}

export interface VocabRow {
  readonly ids: readonly number[];
  /** The overlay that it comes from; absent for the base. */
  readonly site?: string;
  /** The v2 code. */
  readonly from: string;
  readonly to?: VocabTarget;
  readonly skip?: true;
  readonly why?: string;
  readonly source: Source;
}

export type Mode = 'update' | 'create' | 'delete';

/** One line of a message map's `build`. Exactly one of `segment`, `group` and (with `why`) `skip` says what it is. */
export interface BuildStep {
  readonly ids: readonly number[];
  /** The overlay that it comes from; absent for the base. */
  readonly site?: string;
  readonly segment?: string;
  readonly group?: string;
  readonly build?: readonly BuildStep[];
  /** `ORU_R01.PATIENT`: the steps that this group, or this segment, has in another message map. */
  readonly like?: string;
  /** Makes a resource of this type from each occurrence … */
  readonly make?: string;
  /** … or fills the one of this name; `bundle` is the Bundle itself. */
  readonly fill?: string;
  /** With `fill`: not the nearest of that name, but the one in the group where these paths (there -> here) have the same values. */
  readonly match?: Readonly<Record<string, string>>;
  /** The name by which other steps refer to it, within its group's occurrence and below. */
  readonly as?: string;
  readonly map?: string;
  readonly when?: Condition;
  /** Every occurrence of the segment writes into the items that the first one opened: lines of one text. */
  readonly together?: true;
  /** Element -> name of the resource it refers to. */
  readonly refs?: Readonly<Record<string, string>>;
  /** `report.result`: a reference to this resource is added there. */
  readonly into?: string;
  readonly key?: Key;
  /**
   * `create`: this message is no authority on the resource; it is created when absent and never overwritten. `delete`: the message deletes the
   * resource; by the setting `deletes` it is deleted, or written as its rows mark it.
   */
  readonly mode?: Mode;
  /** Where it holds the message deletes the resource, as `mode: delete` says it of every message. */
  readonly delete?: Condition;
  /** A setting that must be on for this step. */
  readonly setting?: SettingName;
  readonly rows?: readonly Row[];
  /** A segment whose guide row makes nothing, or a guide row that is not executed. */
  readonly skip?: string | true;
  readonly why?: string;
  readonly source: Source;
}

export interface MessageMap {
  readonly message: string;
  /** `ADT^A01`, `ORU^*`. */
  readonly for: readonly string[];
  readonly build: readonly BuildStep[];
  readonly tests?: readonly MapTest[];
  readonly source: Source;
}

/** A field that HL7 v2 does not have, as an overlay declares it. */
export interface LocalField {
  readonly name: string;
  readonly datatype: string;
  readonly repeats: boolean;
  readonly source: Source;
}

/** Segment -> field number -> what a site declares of it. */
export type LocalFields = ReadonlyMap<string, ReadonlyMap<number, LocalField>>;

/** All mappings of one configuration, by name. */
export interface Mappings {
  readonly messages: ReadonlyMap<string, MessageMap>;
  readonly segments: ReadonlyMap<string, SegmentMap>;
  readonly datatypes: ReadonlyMap<string, DatatypeMap>;
  readonly vocabs: ReadonlyMap<string, VocabMap>;
  /** Absent where no overlay declares any. */
  readonly local?: LocalFields;
  /** The functions of sites, by path from the mappings folder: `./sites/mercy/names.ts`. */
  readonly functions?: ReadonlyMap<string, SiteModule>;
}

/** A file of functions of a site. */
export interface SiteModule {
  readonly file: string;
  /** A script, without types. */
  readonly code: string;
  /** What it exports. */
  readonly names: readonly string[];
}

/** `./sites/mercy/names.ts#initials` in its parts; null where `use` names a function of the library. */
export function siteUse(use: string): { readonly path: string; readonly name: string } | null {
  const [, path, name] = /^(\.\/sites\/[a-z0-9][a-z0-9-]*\/[\w-]+\.ts)#([A-Za-z_]\w*)$/.exec(use) ?? [];
  return path === undefined || name === undefined ? null : { path, name };
}
