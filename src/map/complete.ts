/** Two statements about one element, or one resource, become one: what the first leaves open the second fills in. */
import { isRawNumber } from '../fhir/json.ts';
import type { FhirObject, Run } from './runtime.ts';

/**
 * Moves what `other` says into `object`. Of a primitive that both have the first stands; lists get the items that they do not have, and an
 * item that agrees with one of theirs in all that both say is that one. The run remembers where objects went, so that the trace stays right.
 */
export function complete(run: Run, object: FhirObject, other: FhirObject): void {
  run.merged.set(other, object);
  for (const name of Object.keys(other)) {
    const mine = object[name];
    const theirs = other[name];
    if (mine === undefined) object[name] = theirs;
    else if (Array.isArray(mine) && Array.isArray(theirs)) completeList(run, mine, theirs);
    else if (isObject(mine) && isObject(theirs)) complete(run, mine, theirs);
    else if (!equal(mine, theirs)) run.lost.push(other, name);
  }
}

function completeList(run: Run, list: unknown[], others: unknown[]): void {
  others.forEach((item, index) => {
    let at = list.findIndex((mine) => equal(mine, item));
    const like = at < 0 && isObject(item) ? list.findIndex((mine) => isObject(mine) && agree(mine, item)) : -1;
    if (like >= 0) {
      at = like;
      complete(run, list[like] as FhirObject, item as FhirObject);
    } else if (at < 0) at = list.push(item) - 1;
    else if (isObject(item) && item !== list[at]) alias(run, item, list[at] as FhirObject);
    // Items that are objects have records of their own.
    if (!isObject(item)) moveRecords(run, others, index, list, at);
  });
}

/** Whether two objects have something in common, and nothing between them: a name with its prefix and the same without. */
function agree(a: FhirObject, b: FhirObject): boolean {
  let common = false;
  for (const name in b) {
    if (a[name] === undefined) continue;
    if (!equal(a[name], b[name])) return false;
    common = true;
  }
  return common;
}

/** The parts of equal objects are each other's. */
function alias(run: Run, object: FhirObject, twin: FhirObject): void {
  run.merged.set(object, twin);
  for (const name of Object.keys(object)) {
    const mine = object[name];
    const theirs = twin[name];
    if (Array.isArray(mine) || isObject(mine)) alias(run, mine as FhirObject, theirs as FhirObject);
  }
}

/** The trace holds items of primitive lists by list and index, and both change. */
function moveRecords(run: Run, from: object, index: number, to: object, at: number): void {
  const { records } = run.trace;
  for (let i = 0; i < records.length; i += 1) {
    const record = records[i];
    if (record !== undefined && record.object === from && record.key === index) records[i] = { ...record, object: to, key: at };
  }
}

export function isObject(value: unknown): value is FhirObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

export function isEmpty(object: FhirObject): boolean {
  for (const _name in object) return false;
  return true;
}

/** Whether two JSON values are the same. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isRawNumber(a) || isRawNumber(b)) return isRawNumber(a) && isRawNumber(b) && a.rawJSON === b.rawJSON;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  return !Array.isArray(b) && equalParts(a as FhirObject, b as FhirObject);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (!equal(a[at], b[at])) return false;
  return true;
}

function equalParts(a: FhirObject, b: FhirObject): boolean {
  let more = 0;
  for (const name in a) {
    if (!equal(a[name], b[name])) return false;
    more += 1;
  }
  for (const _name in b) more -= 1;
  return more === 0;
}
