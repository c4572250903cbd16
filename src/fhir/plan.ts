/** What validation needs of a type, compiled once from the element table: no table is searched for a value. */
import {
  type ElementInfo,
  elements,
  isPrimitive,
  isResource,
  isType,
  typeInvariants,
  valueSetCodes,
  valueSetSystems,
} from './elements.ts';
import type { Invariant } from './invariant.ts';
import { type InvariantId, invariant } from './invariants.ts';
import { type PrimitiveCheck, primitiveCheck } from './primitives.ts';

export interface Rule extends Invariant {
  readonly id: InvariantId;
}

export interface Binding {
  readonly codes: ReadonlySet<string>;
  readonly systems: Readonly<Record<string, readonly string[]>>;
}

/** An element by the name that it has in JSON. */
export interface Field {
  readonly name: string;
  /** Where it is defined: `Patient.name`. */
  readonly element: string;
  /** Its one type; `Resource` where any resource may stand. */
  readonly type: string;
  /** The type, or the path of a backbone element: the plan to go on with. */
  readonly path: string;
  /** That plan, once `planBelow` was asked for it: types hold themselves, so that none can be built with its fields. */
  below: Plan | undefined;
  readonly list: boolean;
  readonly primitive: PrimitiveCheck | undefined;
  /** Present where the binding is required and its codes are known. */
  readonly binding: Binding | undefined;
  /** The types a Reference may point at; undefined for any. */
  readonly targets: ReadonlySet<string> | undefined;
  /** The choice this is one form of, as a number within the plan; -1 for none. */
  readonly choice: number;
  readonly rules: readonly Rule[];
}

export interface Plan {
  readonly type: string;
  readonly resource: boolean;
  readonly fields: ReadonlyMap<string, Field>;
  /** Each inner list: names of which one must be there. */
  readonly required: readonly (readonly string[])[];
  readonly rules: readonly Rule[];
}

/** Plans are built from constant tables when first needed; the same type always has the same plan. */
const plans = new Map<string, Plan>();

/** The plan of a resource, datatype or backbone element; undefined where R4 has none of this name. */
export function planOf(type: string): Plan | undefined {
  let plan = plans.get(type);
  if (plan === undefined && isType(type)) {
    plan = compile(type);
    plans.set(type, plan);
  }
  return plan;
}

/** The plan of what stands in a field; undefined where it is a primitive or any resource. */
export function planBelow(field: Field): Plan | undefined {
  field.below ??= planOf(field.path);
  return field.below;
}

function compile(type: string): Plan {
  const fields = new Map<string, Field>();
  const required: string[][] = [];
  let choices = 0;
  for (const [name, info] of elements(type)) {
    const stem = name.endsWith('[x]') ? name.slice(0, -3) : undefined;
    const forms = stem === undefined ? [name] : info.types.map((t) => stem + t.charAt(0).toUpperCase() + t.slice(1));
    const choice = stem === undefined ? -1 : choices++;
    for (const [i, form] of forms.entries()) fields.set(form, compileField(type, form, info, info.types[i] ?? '', choice));
    // A primitive may have extensions in place of its value.
    if (info.required)
      required.push(forms.flatMap((form, i) => (isPrimitive(info.types[i] ?? '') ? [form, `_${form}`] : [form])));
  }
  return { type, resource: isResource(type), fields, required, rules: rulesOf(type, typeInvariants(type)) };
}

function compileField(owner: string, name: string, info: ElementInfo, type: string, choice: number): Field {
  const known = info.binding?.strength === 'required' ? info.binding.valueSet : '';
  const codes = valueSetCodes(known);
  const isCoded = type === 'code' || type === 'Coding' || type === 'CodeableConcept';
  return {
    name,
    element: `${owner}.${name}`,
    type,
    path: choice < 0 ? info.path : type,
    below: undefined,
    list: info.list,
    primitive: primitiveCheck(type),
    binding: codes && isCoded ? { codes, systems: valueSetSystems(known) ?? {} } : undefined,
    targets: info.targets && !info.targets.includes('Resource') ? new Set(info.targets) : undefined,
    choice,
    rules: rulesOf(`${owner}.${name}`, info.invariants),
  };
}

function rulesOf(path: string, ids: readonly string[]): Rule[] {
  return ids.flatMap((id) => {
    const found = invariant(path, id);
    return found ? [{ id: id as InvariantId, says: found.says, holds: found.holds }] : [];
  });
}
