/** Constraints of the resources (FHIR R4, chapters 8 to 14; Bundle: 2.36). */
import { inOrder } from './dates.ts';
import { rule } from './invariant.ts';
import type { Node, Scope } from './issue.ts';
import { numberOf } from './json.ts';
import { children, count, has, hasChoice, hasCoding, isNode } from './nodes.ts';

const allergyVerification = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
const conditionVerification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const conditionClinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';

const implies = (n: Node, a: string, b: string) => !has(n, a) || has(n, b);
const onlyOne = (n: Node, a: string, b: string) => !has(n, a) || !has(n, b);
const either = (n: Node, ...names: readonly string[]) => names.some((name) => has(n, name));
const enteredInError = (n: Node, system: string) => hasCoding(n.verificationStatus, system, 'entered-in-error');

/** Whether any string below is exactly `text`: a reference, uri or canonical. */
function mentions(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value === text;
  if (Array.isArray(value)) return value.some((v) => mentions(v, text));
  if (!isNode(value)) return false;
  for (const key in value) if (mentions(value[key], text)) return true;
  return false;
}

/** Whether two Codings are the same in every part. */
function sameCoding(a: Node, b: Node): boolean {
  return ['system', 'version', 'code', 'display', 'userSelected'].every((part) => a[part] === b[part]);
}

function codings(concept: unknown): readonly Node[] {
  return isNode(concept) ? children(concept, 'coding') : [];
}

export const resourceInvariants = {
  'dom-2': rule(
    'A contained resource contains no other',
    (n: Node) => n.contained === undefined || children(n, 'contained').every((c) => !has(c, 'contained')),
  ),
  'dom-3': rule(
    'A contained resource is referred to, or refers to its container',
    (n: Node) =>
      n.contained === undefined ||
      children(n, 'contained').every((c) => (typeof c.id === 'string' && mentions(n, `#${c.id}`)) || mentions(c, '#')),
  ),
  'dom-4': rule(
    'A contained resource has no version of its own',
    (n: Node) =>
      n.contained === undefined ||
      children(n, 'contained').every((c) => !isNode(c.meta) || (!has(c.meta, 'versionId') && !has(c.meta, 'lastUpdated'))),
  ),
  'dom-5': rule(
    'A contained resource has no security label of its own',
    (n: Node) => n.contained === undefined || children(n, 'contained').every((c) => !isNode(c.meta) || !has(c.meta, 'security')),
  ),

  'ait-1': rule(
    'An allergy has a clinical status, unless it was entered in error',
    (n: Node) => enteredInError(n, allergyVerification) || has(n, 'clinicalStatus'),
  ),
  'ait-2': rule(
    'An allergy entered in error has no clinical status',
    (n: Node) => !enteredInError(n, allergyVerification) || !has(n, 'clinicalStatus'),
  ),
  'app-1': rule('A participant has a type or an actor', (n: Node) => either(n, 'type', 'actor')),
  'app-2': rule('An appointment has start and end, or neither', (n: Node) => has(n, 'start') === has(n, 'end')),
  'app-3': rule(
    'Only a proposed, cancelled or waitlisted appointment may lack start and end',
    (n: Node) =>
      (has(n, 'start') && has(n, 'end')) || n.status === 'proposed' || n.status === 'cancelled' || n.status === 'waitlist',
  ),
  'app-4': rule(
    'Only a cancelled or missed appointment has a cancellation reason',
    (n: Node) => !has(n, 'cancelationReason') || n.status === 'no-show' || n.status === 'cancelled',
  ),
  'apr-1': rule('A response names a participant type or an actor', (n: Node) => either(n, 'participantType', 'actor')),
  'ces-1': rule(
    'An item has a category or a product or service, not both',
    (n: Node) => has(n, 'category') !== has(n, 'productOrService'),
  ),
  'cmp-1': rule('A section has text, entries or sections', (n: Node) => either(n, 'text', 'entry', 'section')),
  'cmp-2': rule('A section with entries has no reason for being empty', (n: Node) => onlyOne(n, 'emptyReason', 'entry')),
  'con-1': rule('A stage has a summary or an assessment', (n: Node) => either(n, 'summary', 'assessment')),
  'con-2': rule('Evidence has a code or a detail', (n: Node) => either(n, 'code', 'detail')),
  'con-4': rule(
    'A condition that abated has the clinical status resolved, remission or inactive',
    (n: Node) =>
      !hasChoice(n, 'abatement') || hasCoding(n.clinicalStatus, conditionClinical, 'resolved', 'remission', 'inactive'),
  ),
  'con-5': rule(
    'A condition entered in error has no clinical status',
    (n: Node) => !enteredInError(n, conditionVerification) || !has(n, 'clinicalStatus'),
  ),
  'cpl-3': rule('An activity has a detail or a reference, not both', (n: Node) => onlyOne(n, 'detail', 'reference')),
  // Only a practitioner acts on behalf of an organization; a member that cannot be resolved here is believed.
  'ctm-1': rule('Only a practitioner acts on behalf of an organization', (n: Node, scope: Scope) => {
    if (!has(n, 'onBehalfOf') || !isNode(n.member) || typeof n.member.reference !== 'string') return true;
    return (scope.targetType(n.member.reference) ?? 'Practitioner') === 'Practitioner';
  }),
  'fhs-1': rule('An age or a birth is given, not both', (n: Node) => !hasChoice(n, 'age') || !hasChoice(n, 'born')),
  'fhs-2': rule('Only a given age can be an estimate', (n: Node) => hasChoice(n, 'age') || !has(n, 'estimatedAge')),
  'gol-1': rule('A target with a detail has a measure', (n: Node) => !hasChoice(n, 'detail') || has(n, 'measure')),
  'grp-1': rule('Only a group of actual things has members', (n: Node) => !has(n, 'member') || n.actual === true),
  'imm-1': rule('Education names a document type or a reference', (n: Node) => either(n, 'documentType', 'reference')),
  'imr-1': rule('A recommendation names a vaccine or a disease', (n: Node) => either(n, 'vaccineCode', 'targetDisease')),
  'ipn-1': rule('An insurance plan has an identifier or a name', (n: Node) => either(n, 'identifier', 'name')),
  'Parameters.parameter:inv-1': rule('A parameter has one value, one resource, or parts', (n: Node) =>
    has(n, 'part') ? !hasChoice(n, 'value') && !has(n, 'resource') : hasChoice(n, 'value') !== has(n, 'resource'),
  ),
  'Task:inv-1': rule('A task was not changed before it was authored', (n: Node) => inOrder(n.authoredOn, n.lastModified)),
  'lnk-1': rule('A linkage has two items or more', (n: Node) => count(n, 'item') > 1),
  'lst-1': rule('A list with entries has no reason for being empty', (n: Node) => onlyOne(n, 'emptyReason', 'entry')),
  'lst-2': rule(
    'Only a list of changes has deleted entries',
    (n: Node) => n.mode === 'changes' || children(n, 'entry').every((e) => !has(e, 'deleted')),
  ),
  'lst-3': rule(
    'Only a working list has dates at its entries',
    (n: Node) => n.mode === 'working' || children(n, 'entry').every((e) => !has(e, 'date')),
  ),
  'mad-1': rule('A dosage has a dose or a rate', (n: Node) => has(n, 'dose') || hasChoice(n, 'rate')),
  'mdd-1': rule('A medication is not handed over before it is prepared', (n: Node) => inOrder(n.whenPrepared, n.whenHandedOver)),
  'mrp-1': rule('A report of data collection has no groups', (n: Node) => n.type !== 'data-collection' || !has(n, 'group')),
  'mrp-2': rule('A stratum has a value or components, not both', (n: Node) =>
    children(n, 'group').every((g) =>
      children(g, 'stratifier').every((s) => children(s, 'stratum').every((t) => has(t, 'value') !== has(t, 'component'))),
    ),
  ),
  'obs-3': rule('A reference range has a low, a high or a text', (n: Node) => either(n, 'low', 'high', 'text')),
  'obs-6': rule(
    'An observation with a value has no reason for its absence',
    (n: Node) => !has(n, 'dataAbsentReason') || !hasChoice(n, 'value'),
  ),
  'obs-7': rule('An observation with a value has no component with its own code', (n: Node) => {
    if (n.component === undefined || !hasChoice(n, 'value')) return true;
    const own = codings(n.code);
    return children(n, 'component').every((c) => !codings(c.code).some((a) => own.some((b) => sameCoding(a, b))));
  }),
  'org-1': rule('An organization has an identifier or a name', (n: Node) => either(n, 'identifier', 'name')),
  'org-2': rule('An organization has no home address', (n: Node) => n.use !== 'home'),
  'org-3': rule('An organization has no home telecom', (n: Node) => n.use !== 'home'),
  'pat-1': rule('A contact has a name, a telecom, an address or an organization', (n: Node) =>
    either(n, 'name', 'telecom', 'address', 'organization'),
  ),
  'ppc-1': rule('A consent names a policy or a policy rule', (n: Node) => either(n, 'policy', 'policyRule')),
  'prr-1': rule('Order details need a code that they belong to', (n: Node) => implies(n, 'orderDetail', 'code')),
  'qrs-1': rule('Items below an item with answers stand below the answers', (n: Node) => onlyOne(n, 'answer', 'item')),
  'ras-2': rule('A probability is at most 100', (n: Node) => !(numberOf(n.probabilityDecimal) > 100)),
  'rqg-1': rule('An action has a resource or actions, not both', (n: Node) => has(n, 'resource') !== has(n, 'action')),
  'sev-1': rule('An entity has a name or a query, not both', (n: Node) => onlyOne(n, 'name', 'query')),
};
