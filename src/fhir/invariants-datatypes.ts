/** Constraints of the datatypes (FHIR R4, 2.24 and 2.28). */
import { inOrder } from './dates.ts';
import { rule } from './invariant.ts';
import type { Node } from './issue.ts';
import { isRawNumber, numberOf } from './json.ts';
import { children, has, hasChoice, isNode } from './nodes.ts';

const ucum = 'http://unitsofmeasure.org';

const systemIsUcum = (n: Node) => !has(n, 'system') || n.system === ucum;
const codedWhenValued = (n: Node) => has(n, 'code') || !has(n, 'value');
const isWhole = (value: unknown) => (isRawNumber(value) ? !value.rawJSON.includes('.') : Number.isInteger(value));
const both = (n: Node, a: string, b: string) => !has(n, a) || has(n, b);

export const datatypeInvariants = {
  'age-1': rule(
    'An age needs a UCUM unit when it has a value, and is above zero',
    (n: Node) => codedWhenValued(n) && systemIsUcum(n) && !(n.value !== undefined && numberOf(n.value) <= 0),
  ),
  'att-1': rule('An attachment with data says its content type', (n: Node) => both(n, 'data', 'contentType')),
  'cnt-3': rule(
    'A count is a whole number with the UCUM unit 1',
    (n: Node) =>
      codedWhenValued(n) && systemIsUcum(n) && (!has(n, 'code') || n.code === '1') && (n.value === undefined || isWhole(n.value)),
  ),
  'cpt-2': rule('A telecom with a value says its system (phone, email, …)', (n: Node) => both(n, 'value', 'system')),
  'dis-1': rule('A distance with a value has a UCUM unit', (n: Node) => codedWhenValued(n) && systemIsUcum(n)),
  'drq-1': rule(
    'A code filter names a path or a search parameter, not both',
    (n: Node) => has(n, 'path') !== has(n, 'searchParam'),
  ),
  'drq-2': rule(
    'A date filter names a path or a search parameter, not both',
    (n: Node) => has(n, 'path') !== has(n, 'searchParam'),
  ),
  'drt-1': rule(
    'A duration with a unit has a value and the system UCUM',
    (n: Node) => !has(n, 'code') || (n.system === ucum && has(n, 'value')),
  ),
  'exp-1': rule('An expression is given or referred to', (n: Node) => has(n, 'expression') || has(n, 'reference')),
  'mqty-1': rule(
    'An amount of money has a currency of ISO 4217',
    (n: Node) => codedWhenValued(n) && (!has(n, 'system') || n.system === 'urn:iso:std:iso:4217'),
  ),
  'per-1': rule('A period does not end before it begins, and both ends are equally exact where they fall together', (n: Node) =>
    inOrder(n.start, n.end),
  ),
  'qty-3': rule('A quantity with a unit code says the system of the code', (n: Node) => both(n, 'code', 'system')),
  'rat-1': rule(
    'A ratio has both numerator and denominator, or neither and an extension',
    (n: Node) => has(n, 'numerator') === has(n, 'denominator') && (has(n, 'numerator') || has(n, 'extension')),
  ),
  // Quantities of different units are not compared.
  'rng-2': rule('The low end of a range is not above its high end', (n: Node) => {
    const { low, high } = n;
    if (!isNode(low) || !isNode(high)) return true;
    if (low.system !== high.system || low.code !== high.code || low.unit !== high.unit) return true;
    return !(numberOf(low.value) > numberOf(high.value));
  }),
  'sqty-1': rule('A comparator is not allowed here', (n: Node) => !has(n, 'comparator')),
  'tim-1': rule('A duration needs its unit', (n: Node) => both(n, 'duration', 'durationUnit')),
  'tim-2': rule('A period needs its unit', (n: Node) => both(n, 'period', 'periodUnit')),
  'tim-4': rule('A duration is not negative', (n: Node) => !(numberOf(n.duration) < 0)),
  'tim-5': rule('A period is not negative', (n: Node) => !(numberOf(n.period) < 0)),
  'tim-6': rule('A greatest period needs a period', (n: Node) => both(n, 'periodMax', 'period')),
  'tim-7': rule('A greatest duration needs a duration', (n: Node) => both(n, 'durationMax', 'duration')),
  'tim-8': rule('A greatest count needs a count', (n: Node) => both(n, 'countMax', 'count')),
  'tim-9': rule(
    'An offset needs a when, and not that of a meal itself',
    (n: Node) =>
      !has(n, 'offset') || (Array.isArray(n.when) && !n.when.some((w) => w === 'C' || w === 'CM' || w === 'CD' || w === 'CV')),
  ),
  'tim-10': rule('Only one of time of day and when is given', (n: Node) => !has(n, 'timeOfDay') || !has(n, 'when')),
  'trd-1': rule('A trigger has data or a timing, not both', (n: Node) => !has(n, 'data') || !hasChoice(n, 'timing')),
  'trd-2': rule('A trigger with a condition has data', (n: Node) => both(n, 'condition', 'data')),
  'trd-3': rule(
    'A trigger has what its type asks for',
    (n: Node) =>
      (n.type !== 'named-event' || has(n, 'name')) &&
      (n.type !== 'periodic' || hasChoice(n, 'timing')) &&
      (!String(n.type).startsWith('data-') || has(n, 'data')),
  ),
  'ras-1': rule('A probability range is in percent', (n: Node) =>
    ['low', 'high'].every((side) => children(n, side).every((q) => q.code === '%' && q.system === ucum)),
  ),
};
