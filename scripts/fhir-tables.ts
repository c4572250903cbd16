/**
 * Writes the FHIR R4 tables of `src/fhir/r4/`: every element of every resource and datatype, the codes of every value set that a
 * required binding names, and the extensions that the standard defines. Run it again only when the source packages change:
 *
 *     npm pack hl7.fhir.r4.examples@4.0.1 hl7.fhir.r4.expansions@4.0.1
 *     node scripts/fhir-tables.ts hl7.fhir.r4.examples-4.0.1.tgz hl7.fhir.r4.expansions-4.0.1.tgz
 *
 * Both packages are HL7's, under CC0. Either argument may be the folder of an unpacked package. The tables are compact on purpose:
 * `src/fhir/elements.ts` says what their letters mean.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFiles } from './npm-package.ts';

interface Coded {
  code: string;
  profile?: string[];
  targetProfile?: string[];
}
interface ElementDefinition {
  id: string;
  path: string;
  min: number;
  max: string;
  fixedUri?: string;
  base: { path: string };
  type?: Coded[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
  constraint?: { key: string; severity: string }[];
}
interface StructureDefinition {
  resourceType: string;
  url: string;
  context?: { type: string; expression: string }[];
  type: string;
  kind: string;
  abstract: boolean;
  derivation?: string;
  baseDefinition?: string;
  snapshot: { element: ElementDefinition[] };
}
interface Contains {
  system?: string;
  code?: string;
  abstract?: boolean;
  contains?: Contains[];
}
interface ValueSet {
  url: string;
  expansion?: { contains?: Contains[]; extension?: { url: string }[] };
}

const profilePrefix = 'http://hl7.org/fhir/StructureDefinition/';
const valueSetPrefix = 'http://hl7.org/fhir/ValueSet/';
/** Larger sets (none but units and languages) are not worth their place in memory; their bindings are left to the server. */
const mostCodes = 1000;

/** One element in the table's letters; see `Cell` in src/fhir/elements.ts. */
function cell(e: ElementDefinition, isResource: boolean): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (e.contentReference) out.c = e.contentReference.slice(1);
  // System types stand for the primitive they carry: ids of resources are `id`, others (and Extension.url) have their own type.
  const types = (e.type ?? []).map((t) =>
    t.code.startsWith('http://hl7.org/fhirpath/') ? (e.path === 'Extension.url' ? 'uri' : isResource ? 'id' : 'string') : t.code,
  );
  if (types.length > 0) out.t = types.join('|');
  if (e.max !== '1') out.l = 1;
  if (e.min > 0) out.r = 1;
  const targets = (e.type ?? []).flatMap((t) => (t.code === 'Reference' ? (t.targetProfile ?? []) : []));
  if (targets.length > 0) out.g = targets.map((url) => url.replace(profilePrefix, '')).join('|');
  const valueSet = e.binding?.valueSet?.split('|')[0];
  if (e.binding && valueSet) out.b = `${e.binding.strength} ${valueSet.replace(valueSetPrefix, '')}`;
  const invariants = (e.constraint ?? [])
    .filter((c) => c.severity === 'error' && c.key !== 'ele-1' && c.key !== 'ext-1')
    .map((c) => c.key);
  const profiles = (e.type ?? []).flatMap((t) => t.profile ?? []);
  if (profiles.some((url) => url.endsWith('/SimpleQuantity'))) invariants.push('sqty-1');
  if (profiles.some((url) => url.endsWith('/MoneyQuantity'))) invariants.push('mqty-1');
  if (invariants.length > 0) out.i = invariants.join(' ');
  return out;
}

/** An extension: v types of its value, p its parts where it has parts, x where it may stand. */
function extension(sd: StructureDefinition): Record<string, unknown> {
  const typesAt = (id: string) => {
    const value = sd.snapshot.element.find((e) => e.id === id);
    return value === undefined || value.max === '0' ? undefined : (value.type ?? []).map((t) => t.code).join('|');
  };
  const parts: Record<string, string> = {};
  for (const { id } of sd.snapshot.element) {
    if (!/^Extension\.extension:[^.:]+$/.test(id)) continue;
    const name = sd.snapshot.element.find((e) => e.id === `${id}.url`)?.fixedUri;
    if (name !== undefined) parts[name] = typesAt(`${id}.value[x]`) ?? '';
  }
  const own = typesAt('Extension.value[x]');
  const contexts = (sd.context ?? []).filter((c) => c.type === 'element').map((c) => c.expression);
  return { ...(own === undefined ? { p: parts } : { v: own }), x: [...new Set(contexts)].join('|') };
}

function codesOf(valueSet: ValueSet): Record<string, string[]> | undefined {
  const found: Record<string, string[]> = {};
  let count = 0;
  const walk = (list: readonly Contains[] = []) => {
    for (const c of list) {
      if (c.code !== undefined && !c.abstract) {
        found[c.system ?? ''] ??= [];
        found[c.system ?? '']?.push(c.code);
        count++;
      }
      walk(c.contains);
    }
  };
  walk(valueSet.expansion?.contains);
  const open = (valueSet.expansion?.extension ?? []).some((x) => x.url.includes('toocostly') || x.url.includes('unclosed'));
  return count > 0 && count < mostCodes && !open ? found : undefined;
}

/** One line a key, so that a change of the source reads as a change of lines. */
function lines(table: Record<string, unknown>): string {
  return `{\n${Object.keys(table)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(table[key])}`)
    .join(',\n')}\n}\n`;
}

const [definitions, expansions] = process.argv.slice(2);
if (!definitions || !expansions) throw new Error('Give two packages: the definitions (hl7.fhir.r4.examples) and the expansions');

const types: Record<string, Record<string, unknown>> = {};
const required = new Set<string>();
const extensions: Record<string, Record<string, unknown>> = {};
for (const item of packageFiles(definitions, 'StructureDefinition-')) {
  const sd = item as StructureDefinition;
  if (sd.derivation === 'constraint' && sd.type === 'Extension') extensions[sd.url.replace(profilePrefix, '')] = extension(sd);
  if (sd.derivation === 'constraint' || sd.kind === 'logical' || sd.type === 'MetadataResource') continue;
  const isResource = sd.kind === 'resource';
  const of = (path: string, facts: Record<string, unknown>) => {
    types[path] = { ...types[path], ...facts };
    return types[path];
  };
  const root = sd.snapshot.element[0];
  const kind = sd.kind === 'primitive-type' ? 'primitive' : isResource ? 'resource' : 'datatype';
  const base = sd.baseDefinition?.replace(profilePrefix, '');
  const rootFacts = {
    k: kind,
    ...(base && { b: base }),
    ...(sd.abstract && { a: 1 }),
    ...(root && { i: cell(root, isResource).i }),
  };
  of(sd.type, rootFacts);
  if (kind === 'primitive') continue;
  for (const e of sd.snapshot.element.slice(1)) {
    if (!e.base.path.startsWith(`${sd.type}.`)) continue;
    const [, parent = '', name = ''] = /^(.*)\.([^.]+)$/.exec(e.path) ?? [];
    const info = cell(e, isResource && parent === sd.type && name === 'id');
    if (e.binding?.strength === 'required' && e.binding.valueSet) required.add(e.binding.valueSet.split('|')[0] ?? '');
    if (info.t === 'BackboneElement' || info.t === 'Element') {
      // The element's own definition is the backbone's type; where it stands is what its parent says.
      of(e.path, { k: 'backbone', b: info.t, ...(info.i ? { i: info.i } : {}) });
      delete info.i;
    }
    const holder = of(parent, {});
    const elements = (holder.e ?? {}) as Record<string, unknown>;
    // A child of a backbone repeats `id`, `extension`, `modifierExtension` of its base with a base path outside the type.
    elements[name] = info;
    holder.e = elements;
  }
}

const valueSets: Record<string, Record<string, string[]>> = {};
for (const item of packageFiles(expansions, 'ValueSet-')) {
  const valueSet = item as ValueSet;
  const codes = required.has(valueSet.url) ? codesOf(valueSet) : undefined;
  if (codes) valueSets[valueSet.url.replace(valueSetPrefix, '')] = codes;
}

const folder = join(import.meta.dirname, '..', 'src', 'fhir', 'r4');
writeFileSync(join(folder, 'elements.json'), lines(types));
writeFileSync(join(folder, 'valuesets.json'), lines(valueSets));
writeFileSync(join(folder, 'extensions.json'), lines(extensions));
process.stdout.write(
  `${Object.keys(types).length} types, ${Object.keys(valueSets).length} of ${required.size} required value sets, ${Object.keys(extensions).length} extensions\n`,
);
