/** The text of a profile -> a Profile, with every lint of it. */
import type { Profile, ProfileRule } from '../hl7/conformance/profile.ts';
import { versions } from '../hl7/dictionary.ts';
import { messageStructure, structureNames } from '../hl7/dictionary-structures.ts';
import { nameCode } from '../hl7/segment.ts';
import type { StructureNode } from '../hl7/structure.ts';
import { table } from '../hl7/tables.ts';
import type { Source } from '../map/mapping.ts';
import type { SourcePath } from '../map/paths.ts';
import { readCondition } from './conditions.ts';
import { checkBy } from './declared.ts';
import { finding } from './findings.ts';
import { checkCondition, checkPath } from './lint-paths.ts';
import { profileSchema, type RawRule } from './profile-schema.ts';
import { didYouMean } from './suggest.ts';
import type { Finding } from './types.ts';
import { allDatatypes, isDatatype } from './v2-types.ts';
import { readYaml, type YamlFile, type YamlPath } from './yaml.ts';

export interface ReadProfile {
  /** What could be read; null where that is nothing. */
  readonly profile: Profile | null;
  readonly findings: Finding[];
}

/** Reads one profile. Never throws. */
export function readProfile(file: string, text: string): ReadProfile {
  const written = readYaml(file, text);
  const findings = [...written.findings];
  if (findings.length > 0) return { profile: null, findings };
  const { value, yaml, findings: structural } = checkBy(profileSchema, written);
  findings.push(...structural);
  if (value === null) return { profile: null, findings };
  const rules = (raw: readonly RawRule[], path: YamlPath): ProfileRule[] =>
    raw.flatMap((rule, index) => buildRule(rule, { yaml, path: [...path, index], findings }) ?? []);
  const profile: Profile = {
    name: value.profile,
    description: value.description,
    rules: rules(value.rules, ['rules']),
    messages: value.messages.map((message, index) => ({
      types: message.for,
      rules: rules(message.rules, ['messages', index, 'rules']),
    })),
  };
  return { profile, findings };
}

interface RulePlace {
  readonly yaml: YamlFile;
  readonly path: YamlPath;
  readonly findings: Finding[];
}

function buildRule(raw: RawRule, { yaml, path: at, findings }: RulePlace): ProfileRule | null {
  const place = (key: string, offset?: number): Source => yaml.place([...at, key], offset);
  const before = findings.length;
  const scope = { datatypes: null };
  const path = checkPath(raw.path, scope, place('path'), findings)?.path ?? null;
  const when = raw.when === undefined ? null : (readCondition(raw.when, yaml, [...at, 'when'], findings) ?? null);
  if (when && raw.when !== undefined) checkCondition(when, raw.when, scope, (offset) => place('when', offset), findings);
  lintRule(raw, path, place, findings);
  if (findings.length > before || path === null) return null;
  const values = raw.value === undefined ? (raw.values ?? null) : [raw.value];
  return {
    text: raw.path,
    path: pathOf(path),
    group: raw.in ?? null,
    usage: raw.usage,
    cardinality: raw.cardinality ?? null,
    length: raw.length ?? null,
    type: raw.type ?? null,
    table: raw.table ?? null,
    values,
    when,
    severity: raw.severity,
  };
}

/** A path without `[n]` stands for each. */
function pathOf(path: SourcePath): ProfileRule['path'] {
  const segment = path.kind === 'field' || path.kind === 'segment' ? path.segment : '';
  const code = nameCode(segment);
  if (path.kind === 'field') return { ...path, code, occurrence: path.occurrence ?? 0, repetition: path.repetition ?? 0 };
  return { segment, code, occurrence: 0, field: 0, repetition: 0, component: 0, subcomponent: 0 };
}

function lintRule(raw: RawRule, path: SourcePath | null, place: (key: string) => Source, findings: Finding[]): void {
  const wrong = (key: string, text: string): void => {
    findings.push(finding('profile-rule', place(key), text));
  };
  const demands = (['cardinality', 'length', 'type', 'table', 'values', 'value'] as const).filter(
    (key) => raw[key] !== undefined,
  );
  const [first] = demands;
  if (raw.usage === 'O' && first === undefined)
    wrong(
      'path',
      `The rule of ${raw.path} demands nothing (it is optional, and nothing is said of its values); say what is agreed, or remove it`,
    );
  if (raw.usage === 'X' && first !== undefined)
    wrong(first, `The rule says ${first} of what must not be sent (usage: X); remove one of the two`);
  if (raw.values !== undefined && raw.value !== undefined)
    wrong('value', 'The rule has one value and several (value, and values); keep one of them');
  const ofValues = demands.find((key) => key !== 'cardinality');
  if (path?.kind === 'segment' && ofValues !== undefined)
    wrong(ofValues, `The rule says ${ofValues} of a segment (${raw.path} has no value of its own); name a field`);
  if (path?.kind === 'field' && path.component > 0 && raw.cardinality !== undefined)
    wrong(
      'cardinality',
      `The rule says cardinality of a component (${raw.path} stands once in each repetition); use usage, or name the field`,
    );
  if (raw.type !== undefined && !isDatatype(raw.type))
    findings.push(
      finding(
        'unknown-datatype',
        place('type'),
        `HL7 v2 has no datatype ${raw.type} (in the rule of ${raw.path})${didYouMean(raw.type, allDatatypes(), 'correct it')}`,
      ),
    );
  if (raw.table !== undefined && !table(raw.table)?.codes.size)
    findings.push(
      finding(
        'unknown-table',
        place('table'),
        `HL7 publishes no codes of a table ${raw.table} (in the rule of ${raw.path}); correct the number, or list the codes under values`,
      ),
    );
  if (raw.in !== undefined && !allGroups().has(raw.in))
    findings.push(
      finding(
        'unknown-group',
        place('in'),
        `No message structure has a group ${raw.in} (in the rule of ${raw.path})${didYouMean(raw.in, allGroups(), 'correct it')}`,
      ),
    );
}

/** The names of the groups of all structures of all versions. */
function allGroups(): ReadonlySet<string> {
  const names = new Set<string>();
  const add = ({ group, children = [] }: StructureNode): void => {
    if (group !== undefined) names.add(group);
    for (const child of children) add(child);
  };
  for (const version of versions)
    for (const name of structureNames(version)) for (const node of messageStructure(name, version)?.nodes ?? []) add(node);
  return names;
}
