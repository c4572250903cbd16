/**
 * Names of coding systems (HL7 table 0396, and what senders write in their place) and the URIs that FHIR knows them by
 * (FHIR R4, 4.3 "Using Codes", and the HL7 terminology).
 */
import type { MapSettings } from './types.ts';
import { publishedTables } from './v2-tables.ts';

const registry: Readonly<Record<string, string>> = {
  // Clinical terminologies
  LN: 'http://loinc.org',
  LOINC: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  SCT2: 'http://snomed.info/sct',
  SNOMEDCT: 'http://snomed.info/sct',
  'SNOMED-CT': 'http://snomed.info/sct',
  UCUM: 'http://unitsofmeasure.org',
  I10: 'http://hl7.org/fhir/sid/icd-10',
  ICD10: 'http://hl7.org/fhir/sid/icd-10',
  'ICD-10': 'http://hl7.org/fhir/sid/icd-10',
  I10C: 'http://hl7.org/fhir/sid/icd-10-cm',
  ICD10CM: 'http://hl7.org/fhir/sid/icd-10-cm',
  'ICD-10-CM': 'http://hl7.org/fhir/sid/icd-10-cm',
  I10P: 'http://www.cms.gov/Medicare/Coding/ICD10',
  I9: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9C: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9CDX: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9CP: 'http://hl7.org/fhir/sid/icd-9-cm',
  ICD9: 'http://hl7.org/fhir/sid/icd-9-cm',
  'ICD-9': 'http://hl7.org/fhir/sid/icd-9-cm',
  'ICD-9-CM': 'http://hl7.org/fhir/sid/icd-9-cm',
  ICDO: 'http://terminology.hl7.org/CodeSystem/icd-o-3',
  ICDO3: 'http://terminology.hl7.org/CodeSystem/icd-o-3',
  C4: 'http://www.ama-assn.org/go/cpt',
  CPT: 'http://www.ama-assn.org/go/cpt',
  CPT4: 'http://www.ama-assn.org/go/cpt',
  'CPT-4': 'http://www.ama-assn.org/go/cpt',
  CPTM: 'http://www.ama-assn.org/go/cpt',
  HPC: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  HCPCS: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  // Medicines and vaccines
  NDC: 'http://hl7.org/fhir/sid/ndc',
  RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  CVX: 'http://hl7.org/fhir/sid/cvx',
  MVX: 'http://hl7.org/fhir/sid/mvx',
  WC: 'http://www.whocc.no/atc',
  UNII: 'http://fdasis.nlm.nih.gov',
  NDDF: 'http://terminology.hl7.org/CodeSystem/nddf',
  // Devices and images
  MDC: 'urn:iso:std:iso:11073:10101',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  // People and places
  CDCREC: 'urn:oid:2.16.840.1.113883.6.238',
  ISO3166_1: 'urn:iso:std:iso:3166',
  ISO3166: 'urn:iso:std:iso:3166',
  ISO3166_2: 'urn:iso:std:iso:3166:-2',
  NUCCPT: 'http://nucc.org/provider-taxonomy',
  ACTCODE: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  NULLFL: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  UMLS: 'http://terminology.hl7.org/CodeSystem/umls',
};

/** The URI of an HL7 v2 table, by its number in four digits: its published code system, else its OID. */
export function tableSystem(table: string): string {
  if (publishedTables.has(table)) return `http://terminology.hl7.org/CodeSystem/v2-${table}`;
  return `urn:oid:2.16.840.1.113883.12.${Number(table)}`;
}

type CodeSystemSettings = Pick<MapSettings, 'codeSystems' | 'unknownAuthority' | 'unknownCodeSystem'>;

/**
 * The URIs of a channel: the registry, and what the channel adds. An unknown name becomes a URI of its own by the channel's
 * `unknownCodeSystem`, unless that says that it has none.
 */
export class CodeSystems {
  readonly #settings: CodeSystemSettings;
  /** Names are few and come again with every message. */
  readonly #known = new Map<string, string>();

  constructor(settings: CodeSystemSettings) {
    this.#settings = settings;
    for (const [name, uri] of Object.entries(registry)) this.#known.set(name, uri);
    for (const [name, uri] of Object.entries(settings.codeSystems)) this.#known.set(name, uri);
  }

  /** The URI of a coding system's name as sent (CWE.3), of an OID or of a URI. Empty for an empty name. */
  uri(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const trimmed = name.trim();
    if (trimmed === '') return '';
    const uri = this.#known.get(trimmed) ?? this.#known.get(trimmed.toUpperCase()) ?? this.#derive(trimmed);
    // A sender that puts free text here must not make this grow.
    if (this.#known.size < 2000) this.#known.set(name, uri);
    return uri;
  }

  #derive(name: string): string {
    const table = /^HL7-?(\d{4})$/i.exec(name);
    if (table) return tableSystem(table[1] as string);
    return uriOf(name) ?? this.#unknown(encodeURIComponent(name));
  }

  #unknown(name: string): string {
    const { unknownCodeSystem, unknownAuthority } = this.#settings;
    if (unknownCodeSystem === null) return unknownAuthority.replace('{namespace}', () => name);
    return unknownCodeSystem === 'none' ? '' : unknownCodeSystem.replace('{name}', () => name);
  }
}

/** An OID, a UUID or a URI as a URI; null for any other text. */
export function uriOf(text: string): string | null {
  if (/^[0-2](\.(0|[1-9]\d*))+$/.test(text)) return `urn:oid:${text}`;
  if (/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text)) return `urn:uuid:${text.toLowerCase()}`;
  return /^(https?|urn|ftp|mailto|oid):\S+$/i.test(text) ? text : null;
}

/**
 * The URIs of assigning authorities (HD: namespace, universal id, its type): the channel's own for the namespace, the universal id where
 * it is a URI, else one made of the namespace.
 */
export class Authorities {
  readonly #settings: Pick<MapSettings, 'authorities' | 'unknownAuthority'>;
  /** Universal id -> namespace -> type: what comes again with every message. */
  readonly #known = new Map<string, Map<string, Map<string, string>>>();
  #size = 0;

  constructor(settings: Pick<MapSettings, 'authorities' | 'unknownAuthority'>) {
    this.#settings = settings;
  }

  /** Empty where all parts are. */
  uri(namespace: string, universalId: string, type: string): string {
    const known = this.#known.get(universalId)?.get(namespace)?.get(type);
    if (known !== undefined) return known;
    const uri = this.#derive(namespace.trim(), universalId.trim(), type.trim().toUpperCase());
    if (this.#size < 2000) this.#keep(namespace, universalId, type, uri);
    return uri;
  }

  #keep(namespace: string, universalId: string, type: string, uri: string): void {
    const namespaces = this.#known.get(universalId) ?? new Map<string, Map<string, string>>();
    const types = namespaces.get(namespace) ?? new Map<string, string>();
    types.set(type, uri);
    namespaces.set(namespace, types);
    this.#known.set(universalId, namespaces);
    this.#size += 1;
  }

  #derive(namespace: string, universalId: string, type: string): string {
    const { authorities, unknownAuthority } = this.#settings;
    for (const name of [namespace, universalId]) if (Object.hasOwn(authorities, name)) return authorities[name] as string;
    const universal = universalId === '' ? null : universalUri(universalId, type);
    if (universal !== null) return universal;
    const name = namespace === '' ? universalId : namespace;
    if (name === '') return '';
    return uriOf(name) ?? unknownAuthority.replace('{namespace}', () => encodeURIComponent(name));
  }
}

/** HL7 table 0301. */
function universalUri(id: string, type: string): string | null {
  if (type === 'ISO') return /^[0-2](\.(0|[1-9]\d*))+$/.test(id) ? `urn:oid:${id}` : null;
  if (type === 'UUID' || type === 'GUID') return uriOf(id) ?? null;
  return uriOf(id);
}
