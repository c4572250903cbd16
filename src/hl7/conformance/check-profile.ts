/** A message against a site's profile, rule by rule. */
import { messageCondition } from '../condition-message.ts';
import type { GroupOccurrence } from '../group.ts';
import type { Message } from '../message.ts';
import type { Segment } from '../segment.ts';
import { table } from '../tables.ts';
import { type ConditionCode, Notebook, type Place } from './finding.ts';
import type { Profile, ProfileRule, Range } from './profile.ts';
import type { Structured } from './structure.ts';
import { checkPart } from './values.ts';

/** A profile that can run. */
export type ProfileCheck = (message: Message, found: Structured | null, notes: Notebook) => void;

interface RuleRun {
  readonly message: Message;
  readonly version: string;
  readonly rule: ProfileRule;
  readonly note: (segment: Segment | null, place: Place, code: ConditionCode, text: string) => void;
}

/** Prepares a profile. @throws WeirError `hl7-bad-path` for a condition's path that the lints would have found */
export function compileProfile(profile: Profile): ProfileCheck {
  const parts = [{ types: ['*^*'], rules: profile.rules }, ...profile.messages].map(({ types, rules }) => ({
    types,
    rules: rules.map((rule) => ({ rule, holds: rule.when === null ? null : messageCondition(rule.when) })),
  }));
  return (message, found, notes) => {
    for (const { types, rules } of parts) {
      if (!types.some((type) => isType(message, type))) continue;
      for (const { rule, holds } of rules) {
        const run: RuleRun = { message, version: message.version, rule, note: noteOf(rule, profile.name, notes) };
        for (const segments of scopes(message, rule, found)) {
          if (rule.path.field === 0) checkSegments(run, holds === null || holds(message) ? segments : null);
          else for (const segment of segments) if (holds === null || holds(message, segment)) checkField(run, segment);
        }
      }
    }
  };
}

function noteOf({ text: path, severity }: ProfileRule, profile: string, notes: Notebook): RuleRun['note'] {
  return (segment, place, code, text) => {
    const at = segment === null ? path.slice(0, 3) : notes.path(segment, place);
    notes.note(at, code, severity, `${text} (rule ${path} of the profile ${profile}); correct it at the sender, or the profile`);
  };
}

function isType({ type, event }: Message, pattern: string): boolean {
  const [wantedType = '*', wantedEvent = '*'] = pattern.split('^');
  return (wantedType === '*' || wantedType === type) && (wantedEvent === '*' || wantedEvent === event);
}

/** The segments that a rule speaks of: those of the message, or of each occurrence of the rule's group. */
function scopes(message: Message, { path, group }: ProfileRule, found: Structured | null): Segment[][] {
  const all = group === null ? [message.segments] : found === null ? [] : occurrences(found.grouped.root, group).map(segmentsOf);
  return all.map((segments) => {
    const named = segments.filter(({ name }) => name === path.segment);
    return path.occurrence === 0 ? named : named.slice(path.occurrence - 1, path.occurrence);
  });
}

function occurrences(occurrence: GroupOccurrence, name: string): GroupOccurrence[] {
  return occurrence.inner.flatMap((inner) => [...(inner.name === name ? [inner] : []), ...occurrences(inner, name)]);
}

function segmentsOf(occurrence: GroupOccurrence): Segment[] {
  return [...occurrence.all, ...occurrence.inner.flatMap(segmentsOf)].sort((a, b) => a.index - b.index);
}

const whole: Place = { field: 0, repetition: 1, component: 0, subcomponent: 0 };

/** A rule of a segment; `segments` is null where its condition does not hold. */
function checkSegments({ rule, note }: RuleRun, segments: readonly Segment[] | null): void {
  if (segments === null) return;
  const { usage, cardinality, path } = rule;
  const [first = null] = segments;
  if (usage === 'X' && first) note(first, whole, '198', `${path.segment} must not be sent`);
  if (usage === 'R' && !first) note(null, whole, '100', `${path.segment} is missing`);
  else if (cardinality) countFault(segments.length, cardinality, (text) => note(segments.at(-1) ?? null, whole, '198', text));
}

function countFault(count: number, { min, max }: Range, note: (text: string) => void): void {
  if (count < min) note(`It stands ${count} times, and ${min} times at least is agreed`);
  else if (max !== null && count > max) note(`It stands ${count} times, and ${max} times at most is agreed`);
}

function checkField(run: RuleRun, segment: Segment): void {
  const { rule, note } = run;
  const { field, component, subcomponent } = rule.path;
  const place = (repetition: number): Place => ({ field, repetition, component, subcomponent });
  const count = segment.count(field);
  const repetitions =
    rule.path.repetition === 0 ? Array.from({ length: count }, (_, index) => index + 1) : [rule.path.repetition];
  const filled = repetitions.filter((repetition) => isValued(segment, place(repetition)));
  if (component === 0) {
    if (rule.usage === 'R' && filled.length === 0) note(segment, place(1), '101', 'The field is missing');
    else if (rule.cardinality && (filled.length > 0 || rule.usage === 'R'))
      countFault(filled.length, rule.cardinality, (text) => note(segment, place(Math.max(1, count)), '198', text));
  } else if (rule.usage === 'R') {
    // A part is required of what is there: whether the field is, another rule says.
    for (const repetition of repetitions)
      if (!filled.includes(repetition) && isValued(segment, { ...place(repetition), component: 0, subcomponent: 0 }))
        note(segment, place(repetition), '101', 'The part is missing');
  }
  for (const repetition of filled) {
    if (rule.usage === 'X') note(segment, place(repetition), '198', 'It must not be sent');
    else checkValue(run, segment, place(repetition));
  }
}

function isValued(segment: Segment, { field, repetition, component, subcomponent }: Place): boolean {
  const value = segment.value(field, repetition, component, subcomponent);
  return value !== '' && value !== '""';
}

function checkValue({ rule, note, version }: RuleRun, segment: Segment, place: Place): void {
  const { field, repetition, component, subcomponent } = place;
  const value = segment.value(field, repetition, component, subcomponent);
  if (rule.length && (value.length < rule.length.min || (rule.length.max !== null && value.length > rule.length.max)))
    note(segment, place, '104', `It has ${value.length} characters, and ${shownRange(rule.length)} are agreed`);
  if (rule.type !== null) {
    const own = new Notebook([]);
    checkPart({ segment, version, notes: own }, place, { type: rule.type, table: '' });
    const wrong = own.findings.find(({ severity }) => severity !== 'information');
    if (wrong) note(segment, place, '102', `It is no ${rule.type}`);
  }
  // Of a value with components the first is its code, as in conditions.
  const code = segment.value(field, repetition, component || 1, subcomponent || 1);
  if (rule.values && !rule.values.includes(code) && !rule.values.includes(value))
    note(segment, place, '103', rule.values.length === 1 ? 'It is not the value agreed' : 'It is none of the values agreed');
  if (rule.table !== null && table(rule.table)?.codes.has(code) !== true)
    note(segment, place, '103', `It is no code of table ${rule.table}`);
}

function shownRange({ min, max }: Range): string {
  return max === null ? `at least ${min}` : min === max ? `${min}` : `${min} to ${max}`;
}
