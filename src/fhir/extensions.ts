/** The extensions that R4 itself defines (FHIR R4, extension registry): where they may stand and what they hold. */
import { baseType } from './elements.ts';
import extensionJson from './r4/extensions.json' with { type: 'json' };

export interface ExtensionInfo {
  /** Datatypes of the value; empty where the extension has parts instead. */
  readonly types: readonly string[];
  /** Names of the parts of a complex extension, with the datatypes of their values. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
  /** Types and elements that may carry it: `Patient`, `Patient.birthDate`, `Element`. Empty for any. */
  readonly contexts: readonly string[];
}

const prefix = 'http://hl7.org/fhir/StructureDefinition/';

/** v value types, p parts, x contexts. */
interface Row {
  readonly v?: string;
  readonly p?: Readonly<Record<string, string>>;
  readonly x: string;
}
const table = new Map<string, ExtensionInfo>(
  Object.entries(extensionJson as unknown as Record<string, Row>).map(([name, { v, p, x }]) => [
    name,
    {
      types: split(v ?? ''),
      parts: new Map(Object.entries(p ?? {}).map(([part, types]) => [part, split(types)])),
      contexts: split(x),
    },
  ]),
);

function split(text: string): readonly string[] {
  return text === '' ? [] : text.split('|');
}

/** What the standard says of an extension, by its URL; undefined for those of others, and of HL7's later packages. */
export function extensionInfo(url: string): ExtensionInfo | undefined {
  return url.startsWith(prefix) ? table.get(url.slice(prefix.length)) : undefined;
}

/**
 * Whether an extension may stand in an element of this type (`HumanName`, `Patient.contact`, `date`), which is `at` (`Patient.name`) of
 * what holds it; `at` is undefined for a resource.
 */
export function standsRight(info: ExtensionInfo, type: string, at: string | undefined): boolean {
  const { contexts } = info;
  if (contexts.length === 0 || contexts.includes('Element') || (at !== undefined && contexts.includes(at))) return true;
  for (let t: string | undefined = type; t !== undefined; t = baseType(t)) if (contexts.includes(t)) return true;
  return false;
}
